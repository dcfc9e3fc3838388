"""Deliveries as they arrive: a stream of bytes becomes rows, one at a time, in bounded memory.

Each splitter takes chunks of bytes of any size and yields the raw rows, the same rows for any chunking. A row
that is no row is told apart (`Onleesbaar`) and does not stop its file. A file that is no file raises Invalid.
"""

from collections.abc import Callable

from services.intake.splitters.lijst import JsonLevering
from services.intake.splitters.rows import Afgebroken, NdjsonLevering, Onleesbaar, Rij, Splitter
from services.intake.splitters.tabel import CsvLevering

SPLITTERS: dict[str, Callable[[], Splitter]] = {
    "text/csv": CsvLevering, "application/x-ndjson": NdjsonLevering, "application/json": JsonLevering,
}  # fmt: skip
"""Content type to splitter."""

__all__ = ["SPLITTERS", "Afgebroken", "Onleesbaar", "Rij", "Splitter"]
