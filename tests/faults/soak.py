"""The campaign of `make soak`: how much of each part, its seeds, and the one table of what was done and found.

Each part writes a row to a report as it ends, so that the campaign can be run in parts and the table is made over all
of them. In `make test` every part is a slice of seconds and nothing is kept. The seed of the n-th round is the master
seed plus n: a round that fails says the command that runs it again.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.invariants import Broken

SOAK = bool(os.environ.get("DREMPEL_SOAK"))
REPORT = Path(os.environ.get("DREMPEL_SOAK_REPORT") or ".data/soak.jsonl")
MOST_FAILURES = 5

WRONG = {"lost": "lost", "twice": "done twice", "order": "out of order", "gap": "gaps unseen",
         "by hand": "by hand", "other": "otherwise"}  # fmt: skip
"""What can be wrong, as a breach begins, and the heading it is counted under."""

ran: list["Row"] = []


def amount(part: str, slice_: int, full: int) -> int:
    """How much of a part: DREMPEL_SOAK_<PART>, or the campaign's, or the slice of `make test`."""
    given = os.environ.get(f"DREMPEL_SOAK_{part.upper()}")
    return int(given) if given else full if SOAK else slice_


@dataclass
class Row:
    """One part of the campaign: so much was done of it, and this was wrong."""

    part: str
    what: str
    seed: int
    done: int = 0
    more: str = ""
    rounds: int = 0
    seconds: float = 0.0
    wrong: Counter[str] = field(default_factory=Counter)
    failing: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        """In one line."""
        wrong = ", ".join(f"{self.wrong[kind]} {heading}" for kind, heading in WRONG.items())
        failing = f"; failing seeds {self.failing}" if self.failing else ""
        return f"{self.done:,} {self.what} {self.more}: {wrong}; seed {self.seed}{failing}; {self.seconds:.0f} s"

    @contextmanager
    def round(self) -> Iterator[int]:
        """A seed. In the campaign what fails is counted and the next round goes on, up to a few."""
        seed, self.rounds = self.seed + self.rounds, self.rounds + 1
        try:
            yield seed
        except (Exception, ExceptionGroup) as error:
            self.failing.append(seed)
            self.wrong.update(columns(error))
            again = self._again(seed)
            error.add_note(f"{self.what}: run it again with {again}")
            if not SOAK or len(self.failing) >= MOST_FAILURES:
                raise
            print(f"FAILED {self.what}: {type(error).__name__}: {str(error)[:500]}\n  again: {again}", flush=True)

    def _again(self, seed: int) -> str:
        """The command that runs this round again, alone."""
        test = os.environ.get("PYTEST_CURRENT_TEST", "::?").rpartition("::")[2].partition("[")[0].partition(" ")[0]
        if SOAK:
            return f"DREMPEL_SEED={seed} DREMPEL_SOAK_{self.part.upper()}=1 make soak ARGS='-k {test}'"
        return f"DREMPEL_SEED={seed} make test ARGS='-k {test}'"


def columns(error: BaseException) -> Counter[str]:
    """What an error counts as."""
    if isinstance(error, Broken):
        return Counter(kind if (kind := one.partition(": ")[0]) in WRONG else "other" for one in error.found)
    return Counter(["by hand" if "parked" in str(error) else "other"])


@contextmanager
def part(name: str, what: str) -> Iterator[Row]:
    """A row, from DREMPEL_SEED where it is run again; written down however it ends. Fails when a round failed."""
    given, began = os.environ.get("DREMPEL_SEED"), time.monotonic()
    row = Row(name, what, int(given) if given else time.time_ns() // 1000 % 100_000_000)
    try:
        yield row
        assert not row.failing, f"{what}: seeds {row.failing}: {dict(row.wrong)}"
    finally:
        row.seconds = time.monotonic() - began
        ran.append(row)
        if SOAK:
            REPORT.parent.mkdir(parents=True, exist_ok=True)
            with REPORT.open("a") as report:
                report.write(json.dumps(vars(row)) + "\n")


def written() -> list[Row]:
    """The rows of the report, those of one part and kind added up."""
    found: dict[tuple[str, str], Row] = {}
    for line in REPORT.read_text().splitlines():
        row = Row(**{**(one := json.loads(line)), "wrong": Counter(one["wrong"])})
        if (sum_ := found.setdefault((row.part, row.what), row)) is not row:
            sum_.done += row.done
            sum_.rounds += row.rounds
            sum_.seconds += row.seconds
            sum_.wrong += row.wrong
            sum_.failing += row.failing
            sum_.more = row.more
    return list(found.values())


def table(rows: list[Row]) -> Table:
    """The closing table."""
    found = Table(title="Fault campaign", show_footer=True)
    found.add_column("part", "total")
    found.add_column("what")
    found.add_column("done", f"{sum(row.done for row in rows):,}", justify="right")
    for kind, heading in WRONG.items():
        found.add_column(heading, str(sum(row.wrong[kind] for row in rows)), justify="right")
    found.add_column("master seed", justify="right")
    found.add_column("failing seeds", ", ".join(str(s) for row in rows for s in row.failing) or "none")
    found.add_column("minutes", f"{sum(row.seconds for row in rows) / 60:.1f}", justify="right")
    for row in rows:
        found.add_row(
            row.part, f"{row.what} {row.more}".strip(), f"{row.done:,}", *(str(row.wrong[kind]) for kind in WRONG),
            str(row.seed), ", ".join(map(str, row.failing)) or "none", f"{row.seconds / 60:.1f}",
        )  # fmt: skip
    return found


def closing() -> str:
    """The table over all parts of the report, as text; empty where nothing of the campaign ran."""
    if not ran:
        return ""
    console = Console(width=200)
    with console.capture() as captured:
        console.print(table(written() if SOAK else ran))
    return captured.get()


if __name__ == "__main__":
    Console().print(table(written()))
