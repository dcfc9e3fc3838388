"""Commands, one module each group. Exit status: 0 done, 1 found wrong, 2 wrong use, 3 no connection.

A command's module is imported when the command is called: all of them together take seconds, `drempel token` a half.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS = {
    "up": "running:up",
    "serve": "running:serve_one",
    "migrate": "migrate:migrate",
    "demo": "demo:demo",
    "load": "delivery:load",
    "token": "token:token",
    "timeline": "views:timeline",
    "verify": "views:verify",
    "rebuild": "views:rebuild",
    "termijnen": "termijnen:termijnen",
    "doctor": "doctor:doctor",
    "brp": "brp:brp",
    "matching-report": "nauwkeurigheid:matching_report",
    "matching-sample": "nauwkeurigheid:matching_sample",
    "parked": "parked:app",
    "policy": "policy:app",
    "keys": "keys:app",
}
"""Name -> module:function, or module:app for a group of commands."""


class Loaded(Mapping[str, Any]):
    """The commands, each made when it is asked for."""

    def __getitem__(self, name: str) -> Any:
        module, _, attribute = COMMANDS[name].partition(":")
        found = getattr(import_module(f"drempel.cli.{module}"), attribute)
        if not isinstance(found, typer.Typer):
            single = typer.Typer(add_completion=False)
            single.command(name)(found)
            found = single
        made = get_command(found)
        made.name = name
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class Commands(TyperGroup):
    """The group `drempel`."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given | {"commands": Loaded()})


app = typer.Typer(
    name="drempel", cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
    help="Drempel: from the first signal of payment arrears to the eviction, nobody out of sight.",
)  # fmt: skip


@app.callback()
def drempel() -> None:
    """Drempel: from the first signal of payment arrears to the eviction, nobody out of sight."""
