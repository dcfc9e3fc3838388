"""CSV with a header row."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any

from libs.events.errors import Invalid
from services.intake.aanlevering import KOLOMMEN
from services.intake.splitters.rows import AFGEBROKEN, ROW_BYTES, Afgebroken, Onleesbaar, Regels, Rij
from services.intake.velden import CsvTekst

RECORD_LINES = 16
"""Most lines of one CSV record: a quote that stays open longer is a slip of the pen, not a text of many lines."""


class CsvLevering:
    """CSV with a header row of field names; `;` or `,`; UTF-8 or Windows-1252; line ends inside quotes."""

    def __init__(self) -> None:
        self._regels = Regels()
        self._pending: list[bytes] = []
        self._header: list[tuple[str, str]] | None = None
        self._separator = ";"

    def feed(self, chunk: bytes) -> Iterator[Rij]:
        """The rows that are complete now."""
        for line in self._regels.feed(chunk):
            yield from self._line(line)

    def end(self) -> Iterator[Rij]:
        """The last row needs no line end, but then it must be whole."""
        rest = self._regels.end()
        rows = list(self._line(rest)) if rest.strip() else []
        while self._pending:
            rows += self._spoilt()
        if self._header is None:
            raise Invalid("De inhoud heeft geen kopregel.", field="kopregel")
        cut = bool(rest.strip()) and bool(rows) and rows[-1] in (Onleesbaar("geenCsv"), Onleesbaar("aantalVelden"))
        yield from (*rows[:-1], AFGEBROKEN) if cut else rows
        if cut:
            raise Afgebroken

    def _line(self, line: bytes) -> Iterator[Rij]:
        """A line ends a record, unless a quote is open; one that stays open spoils the line it began in, not more."""
        if not self._pending and not line.strip():
            return
        self._pending.append(line.removesuffix(b"\r"))
        record = b"\n".join(self._pending)
        if self._header is None:
            self._header = self._head(record)
            self._pending.clear()
        elif len(self._pending) == 1 and len(record) > ROW_BYTES:
            self._pending.clear()
            yield Onleesbaar("regelTeLang")
        elif not self._open(record):
            row = self._row(record)
            if isinstance(row, Onleesbaar) and len(self._pending) > 1:
                yield from self._spoilt()
            else:
                self._pending.clear()
                yield row
        elif len(self._pending) == RECORD_LINES or len(record) > ROW_BYTES:
            yield from self._spoilt()

    def _spoilt(self) -> Iterator[Rij]:
        """The first line is no record; the lines behind it, as if it had not been there."""
        lines, self._pending = self._pending[1:], []
        yield Onleesbaar("geenCsv")
        for line in lines:
            yield from self._line(line)

    def _open(self, record: bytes) -> bool:
        """Whether a quote that begins a field is not closed."""
        if b'"' not in record:
            return False
        at, separator = 0, self._separator.encode()
        while True:
            if record.startswith(b'"', at):
                found = _QUOTED.match(record, at)
                if found is None:
                    return True
                at = found.end()
            at = record.find(separator, at) + 1
            if at == 0:
                return False

    def _row(self, record: bytes) -> Rij:
        assert self._header is not None  # noqa: S101
        try:
            values = next(csv.reader([_decoded(record)], delimiter=self._separator, strict=True))
        except UnicodeDecodeError:
            return Onleesbaar("codering")
        except (csv.Error, StopIteration):
            return Onleesbaar("geenCsv")
        return _nested(self._header, values) if len(values) == len(self._header) else Onleesbaar("aantalVelden")

    def _head(self, record: bytes) -> list[tuple[str, str]]:
        try:
            text = _decoded(record[: ROW_BYTES + 1])
            self._separator = ";" if text.count(";") >= text.count(",") else ","
            names = [name.strip() for name in next(csv.reader([text], delimiter=self._separator, strict=True))]
        except (UnicodeDecodeError, csv.Error, StopIteration):
            raise Invalid("De kopregel is onleesbaar.", field="kopregel") from None
        if "kenmerk" not in names or len(set(names)) != len(names) or not KOLOMMEN.issuperset(names):
            raise Invalid("De kopregel noemt niet alleen bestaande velden, elk een keer.", field="kopregel")
        return [(outer, inner) for outer, _, inner in (name.partition(".") for name in names)]


_QUOTED = re.compile(rb'"[^"]*(?:""[^"]*)*"(?!")')


def _decoded(raw: bytes) -> str:
    """UTF-8, or Windows-1252 where it is not that; raises UnicodeDecodeError."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252")


def _nested(header: Iterable[tuple[str, str]], values: Iterable[str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for (outer, inner), value in zip(header, values, strict=True):
        if value == "":
            continue
        if inner:
            row.setdefault(outer, {})[inner] = CsvTekst(value)
        else:
            row[outer] = CsvTekst(value)
    return row
