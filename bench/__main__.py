"""`python -m bench [NAME ...]`: measure, and print one table."""

import importlib
import sys
import tempfile
from pathlib import Path

import asyncpg
import uvloop
from rich.console import Console
from rich.table import Table

from bench.figure import Figure
from libs.chassis.embedded import EmbeddedPostgres
from libs.chassis.run import settle_memory

NAMES = ("append", "rebuild", "delivery", "latency", "routing", "simulatie", "watals", "kafka")


async def measured(name: str, folder: Path) -> list[Figure]:
    """The figures of one module, on a PostgreSQL of its own."""
    async with await EmbeddedPostgres.start(folder) as postgres:
        running = postgres.running
        conn = await asyncpg.connect(running.dsn(user="drempel", database="postgres"))
        await conn.execute("CREATE DATABASE bench")
        await conn.close()
        found: list[Figure] = await importlib.import_module(f"bench.{name}").measure(running, folder)
        return found


def main(names: list[str]) -> None:
    """Print the table."""
    console = Console(stderr=False)
    table = Table(title="Drempel bench")
    for heading in ("figure", "measured", "goal", ""):
        table.add_column(heading, justify="right" if heading == "measured" else "left")
    settle_memory()  # as every process of ours does that serves
    for name in names or NAMES:
        console.print(f"{name} ...", style="dim")
        with tempfile.TemporaryDirectory(prefix="drempel-bench-") as folder:
            figures = uvloop.run(measured(name, Path(folder)))
        for figure in figures:
            table.add_row(figure.name, figure.text, figure.goal, {True: "ok", False: "LOW", None: ""}[figure.met])
    console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
