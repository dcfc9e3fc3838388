"""`drempel policy check`: is this document complete and without contradiction; what else there is to do with it."""

from pathlib import Path
from typing import Annotated

import typer

from drempel.cli import place, watals

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Policy documents of municipalities.")


@app.callback()
def policy() -> None:
    """Policy documents of municipalities."""


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="a policy document", exists=True, dir_okay=False, readable=True)],
    json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Name what is wrong in FILE. Exit status 0 when it can be published, 1 when it can't."""
    from services.routing.policy.check import check_text

    problems = check_text(file.read_bytes())
    if json:
        place.as_json({"ok": not problems, "problems": problems})
    for problem in [] if json else problems:
        place.err.print(problem, markup=False, highlight=False)
    if problems:
        raise typer.Exit(place.FOUND_WRONG)
    if not json:
        place.out.print("in orde")


app.command("show")(watals.show)
app.command("publish")(watals.publish)
app.command("simulate")(watals.simulate)
