"""Deliveries as they arrive: a stream of bytes becomes rows, one at a time, in bounded memory.

Each splitter takes chunks of bytes of any size and yields the raw rows; a row that is no row is told apart
(`Onleesbaar`) and does not stop its file. A file that is no file raises Invalid.
"""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from libs.chassis.strict import BadJson, parse
from libs.events.errors import Invalid
from services.intake.aanlevering import CsvTekst

ROW_BYTES = 64 * 1024
"""Longest row; a real one is under 1 KiB."""


@dataclass(frozen=True, slots=True)
class Onleesbaar:
    """A row that can't be taken apart."""

    code: str


Rij = dict[str, Any] | Onleesbaar


class Splitter(Protocol):
    """Cuts a delivery into rows."""

    def feed(self, chunk: bytes) -> Iterator[Rij]:
        """The rows that are complete now."""
        ...

    def end(self) -> Iterator[Rij]:
        """The rows that end with the body; raises Afgebroken when it ends half-way."""
        ...


class Afgebroken(Exception):
    """The body ended in the middle."""


class Regels:
    """Lines of a body, with a limit; NDJSON is one JSON value each."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._skipping = False

    def feed(self, chunk: bytes) -> Iterator[Rij]:
        """The rows that are complete now."""
        for line in self._lines(chunk):
            yield from self._row(line)

    def end(self) -> Iterator[Rij]:
        """The last line needs no line end."""
        if self._rest:
            yield from self._row(bytes(self._rest))

    def _lines(self, chunk: bytes) -> Iterator[bytes]:
        self._rest += chunk
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        yield from lines
        if len(self._rest) > ROW_BYTES:
            self._rest = self._rest[: ROW_BYTES + 1]

    def _row(self, line: bytes) -> Iterator[Rij]:
        line = line.strip(b"\r\n\t \xef\xbb\xbf") if line.startswith(b"\xef\xbb\xbf") else line.strip()
        if len(line) > ROW_BYTES:
            yield Onleesbaar("regelTeLang")
        elif line:
            yield json_row(line)


def json_row(raw: bytes) -> Rij:
    """One JSON object as a row."""
    try:
        value = parse(raw, exact=True)
    except BadJson:
        return Onleesbaar("geenJson")
    return value if isinstance(value, dict) else Onleesbaar("geenObject")


class JsonLevering:
    """`{"signalen": [ {...}, {...} ]}`: the objects of the list, as they close."""

    _TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)

    def __init__(self) -> None:
        self._buffer = b""
        self._place = 0
        self._depth = 0
        self._begin = 0
        self._key = b""
        self._done = False

    def feed(self, chunk: bytes) -> Iterator[Rij]:
        """The objects that are complete now."""
        self._buffer += chunk
        for token in self._TOKEN.finditer(self._buffer, self._place):
            self._place = token.end()
            yield from self._take(token[0], token.start())
        self._forget()

    def end(self) -> Iterator[Rij]:
        """Nothing may be open."""
        if self._depth or not self._done:
            if not self._done and self._depth == 0:
                raise Invalid("De inhoud is geen JSON met een lijst `signalen`.", field="signalen")
            raise Afgebroken
        yield from ()

    def _take(self, token: bytes, at: int) -> Iterator[Rij]:
        if token in (b"{", b"["):
            self._depth += 1
            self._opened(token, at)
        elif token in (b"}", b"]"):
            self._depth -= 1
            if self._depth == 2 and self._key == b'"signalen"' and token == b"}":
                yield json_row(self._buffer[self._begin : self._place])
            elif self._depth == 1 and self._key == b'"signalen"':
                self._done = True
        elif self._depth == 1:
            self._key = token

    def _opened(self, token: bytes, at: int) -> None:
        wanted = {1: b"{", 2: b"[", 3: b"{"}.get(self._depth)
        if self._depth <= 2 and token != wanted:
            raise Invalid("De inhoud is geen JSON met een lijst `signalen`.", field="signalen")
        if self._depth == 2 and self._key != b'"signalen"':
            raise Invalid("De inhoud heeft geen lijst `signalen`.", field="signalen")
        if self._depth == 3:
            self._begin = at

    def _forget(self) -> None:
        keep = self._begin if self._depth >= 3 else self._place
        if len(self._buffer) - keep > ROW_BYTES:
            raise Invalid("Een regel is te lang of de inhoud is geen JSON.", field="signalen")
        self._buffer = self._buffer[keep:]
        self._place -= keep
        self._begin -= keep


class CsvLevering:
    """CSV with a header row of field names; `;` or `,`; UTF-8 or Windows-1252; quoted line ends."""

    def __init__(self) -> None:
        self._rest = b""
        self._header: list[str] | None = None
        self._separator = ";"

    def feed(self, chunk: bytes) -> Iterator[Rij]:
        """The rows that are complete now: a line end inside quotes does not end a row."""
        self._rest += chunk
        begin = 0
        place = self._rest.find(b"\n")
        while place >= 0:
            if self._rest.count(b'"', begin, place) % 2 == 0:
                yield from self._record(self._rest[begin:place])
                begin = place + 1
            elif place - begin > ROW_BYTES:
                yield Onleesbaar("regelTeLang")
                begin = place + 1
            place = self._rest.find(b"\n", place + 1)
        self._rest = self._rest[begin:]
        if len(self._rest) > 2 * ROW_BYTES and b"\n" not in self._rest:
            raise Invalid("Een regel is te lang of de inhoud is geen CSV.", field="regel")

    def end(self) -> Iterator[Rij]:
        """The last row needs no line end; an open quote is a body cut off."""
        if self._rest.count(b'"') % 2:
            raise Afgebroken
        if self._rest.strip():
            yield from self._record(self._rest)
        if self._header is None:
            raise Invalid("De inhoud heeft geen kopregel.", field="kopregel")

    def _record(self, raw: bytes) -> Iterator[Rij]:
        if not raw.strip():
            return
        text = _decoded(raw.rstrip(b"\r"))
        if self._header is None:
            self._header = self._head(text.removeprefix("\ufeff"))
            return
        if len(raw) > ROW_BYTES:
            yield Onleesbaar("regelTeLang")
            return
        try:
            values = next(csv.reader([text], delimiter=self._separator, strict=True))
        except (csv.Error, StopIteration):
            yield Onleesbaar("geenCsv")
            return
        yield _nested(self._header, values) if len(values) == len(self._header) else Onleesbaar("aantalVelden")

    def _head(self, text: str) -> list[str]:
        self._separator = ";" if text.count(";") >= text.count(",") else ","
        names = [name.strip() for name in next(csv.reader([text], delimiter=self._separator))]
        if "kenmerk" not in names or len(set(names)) != len(names):
            raise Invalid("De kopregel noemt niet elk veld een keer.", field="kopregel")
        return names


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _nested(header: list[str], values: list[str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in zip(header, values, strict=True):
        if value == "":
            continue
        outer, dot, inner = name.partition(".")
        if dot:
            row.setdefault(outer, {})[inner] = CsvTekst(value)
        else:
            row[name] = CsvTekst(value)
    return row


SPLITTERS: dict[str, Callable[[], Splitter]] = {
    "text/csv": CsvLevering, "application/x-ndjson": Regels, "application/json": JsonLevering,
}  # fmt: skip
"""Content type to splitter."""
