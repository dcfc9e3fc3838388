"""What every delivery is cut into: rows, the row that is none, lines of bounded length; and NDJSON, a row a line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from libs.chassis.strict import BadJson, parse

ROW_BYTES = 64 * 1024
"""Longest row; a real one is under 1 KiB."""


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
