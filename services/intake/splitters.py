"""Deliveries as they arrive: a stream of bytes becomes rows, one at a time, in bounded memory.

Each splitter takes chunks of bytes of any size and yields the raw rows, the same rows for any chunking. A row
that is no row is told apart (`Onleesbaar`) and does not stop its file. A file that is no file raises Invalid.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from libs.chassis.strict import BadJson, parse
from libs.events.errors import Invalid
from services.intake.aanlevering import KOLOMMEN, CsvTekst

ROW_BYTES = 64 * 1024
"""Longest row; a real one is under 1 KiB."""

RECORD_LINES = 16
"""Most lines of one CSV record: a quote that stays open longer is a slip of the pen, not a text of many lines."""


@dataclass(frozen=True, slots=True)
class Onleesbaar:
    """A row that can't be taken apart, by the code of the reason."""

    code: str


AFGEBROKEN = Onleesbaar("afgebroken")
"""The row in which the body ended."""

Rij = dict[str, Any] | Onleesbaar


class Afgebroken(Exception):
    """The body ended in the middle of a row or of the file."""


class Splitter(Protocol):
    """Cuts a delivery into rows."""

    def feed(self, chunk: bytes) -> Iterator[Rij]:
        """The rows that are complete now."""
        ...

    def end(self) -> Iterator[Rij]:
        """The rows that end with the body; raises Afgebroken, after them, when it ends half-way."""
        ...


class Regels:
    """Lines of a body; of one that is too long only the beginning is kept, so that it is still too long."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._first = True

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that are complete now, without their end."""
        *ends, rest = chunk.split(b"\n")
        for part in ends:
            self._keep(part)
            yield self.end()
        self._keep(rest)

    def end(self) -> bytes:
        """What follows on the last line end."""
        line = bytes(self._rest)
        self._rest.clear()
        if self._first:
            line, self._first = line.removeprefix(b"\xef\xbb\xbf"), False
        return line

    def _keep(self, part: bytes) -> None:
        self._rest += part[: max(0, ROW_BYTES + 1 - len(self._rest))]


def json_row(raw: bytes) -> Rij:
    """One JSON object as a row."""
    if len(raw) > ROW_BYTES:
        return Onleesbaar("regelTeLang")
    try:
        value = parse(raw, exact=True)
    except BadJson:
        return Onleesbaar("geenJson")
    return value if isinstance(value, dict) else Onleesbaar("geenObject")


class NdjsonLevering:
    """A JSON object a line; empty lines are no rows."""

    def __init__(self) -> None:
        self._regels = Regels()

    def feed(self, chunk: bytes) -> Iterator[Rij]:
        """The rows that are complete now."""
        for line in self._regels.feed(chunk):
            if stripped := line.strip():
                yield json_row(stripped)

    def end(self) -> Iterator[Rij]:
        """The last line needs no line end, but then it must be whole."""
        line = self._regels.end().strip()
        if not line:
            return
        if not line.endswith(b"}"):
            yield AFGEBROKEN
            raise Afgebroken
        yield json_row(line)


_HEAD = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"signalen"\s*:\s*\[')
_HEAD_BYTES = 1024
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["{}\[\],]', re.DOTALL)
_IN_TEXT = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)


class JsonLevering:
    """`{"signalen": [ {...}, {...} ]}`: the elements of the list, cut at the commas between them."""

    def __init__(self) -> None:
        self._rest = b""
        self._where: Callable[[], Iterator[Rij]] = self._head
        self._element = bytearray()
        self._any = False
        self._depth = 0
        self._in_text = False

    def feed(self, chunk: bytes) -> Iterator[Rij]:
        """The elements that are complete now."""
        self._rest += chunk
        yield from self._where()

    def end(self) -> Iterator[Rij]:
        """The list and the document must be closed."""
        if self._where == self._head:
            raise Invalid("De inhoud is geen JSON met een lijst `signalen`.", field="signalen")
        if self._where == self._list:
            if self._element.strip():
                yield AFGEBROKEN
            raise Afgebroken
        if self._rest != b"}":
            raise Afgebroken

    def _head(self) -> Iterator[Rij]:
        found = _HEAD.match(self._rest)
        if found is not None:
            self._rest, self._where = self._rest[found.end() :], self._list
            yield from self._list()
        elif len(self._rest) > _HEAD_BYTES:
            raise Invalid("De inhoud is geen JSON met een lijst `signalen`.", field="signalen")

    def _list(self) -> Iterator[Rij]:
        buffer, at = self._rest, 0
        while at < len(buffer):
            if self._in_text:
                at = self._text(buffer, at)
                if self._in_text:
                    break
                continue
            found = _TOKEN.search(buffer, at)
            if found is None:
                self._keep(buffer[at:])
                at = len(buffer)
                break
            token, begin, at = found[0], at, found.end()
            if self._depth == 0 and token in (b",", b"]"):
                self._keep(buffer[begin : at - 1])
                yield from self._take(last=token == b"]")
                if token == b"]":
                    self._rest, self._where = buffer[at:], self._tail
                    yield from self._tail()
                    return
                continue
            self._keep(buffer[begin:at])
            self._step(token)
        self._rest = buffer[at:]

    def _step(self, token: bytes) -> None:
        if token in (b"{", b"["):
            self._depth += 1
        elif token in (b"}", b"]"):
            self._depth = max(0, self._depth - 1)  # one bracket too many spoils its own element only
        elif token == b'"':
            self._in_text = True

    def _text(self, buffer: bytes, at: int) -> int:
        """Go on in a text that began in an earlier chunk; a backslash at the end waits for what it escapes."""
        found = _IN_TEXT.match(buffer, at)
        end = found.end() if found else at
        if buffer[end : end + 1] == b'"':
            end, self._in_text = end + 1, False
        self._keep(buffer[at:end])
        return end

    def _take(self, *, last: bool) -> Iterator[Rij]:
        raw = bytes(self._element).strip()
        self._element.clear()
        if raw or self._any or not last:  # an empty list has no element; a comma has one on both sides
            yield json_row(raw)
        self._any = True

    def _keep(self, part: bytes) -> None:
        self._element += part[: max(0, ROW_BYTES + 1 - len(self._element))]

    def _tail(self) -> Iterator[Rij]:
        self._rest = self._rest.strip()
        if self._rest not in (b"", b"}"):
            raise Invalid("Na de lijst `signalen` volgt nog iets.", field="signalen")
        yield from ()


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


SPLITTERS: dict[str, Callable[[], Splitter]] = {
    "text/csv": CsvLevering, "application/x-ndjson": NdjsonLevering, "application/json": JsonLevering,
}  # fmt: skip
"""Content type to splitter."""
