"""A JSON document with a list of signals."""

import re
from collections.abc import Callable, Iterator

from libs.events.errors import Invalid
from services.intake.splitters.rows import AFGEBROKEN, ROW_BYTES, Afgebroken, Rij, json_row

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
