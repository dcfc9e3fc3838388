"""An event as a Kafka message: CloudEvents 1.0 binary mode, and from which partition to which.

The attributes are headers (`ce_...`, `content-type` for datacontenttype), the data is the value byte for byte as
recorded, the key is the subject. `ce_sequence` is the position in the source's log; the header `previous` is the
position of the source's event before it in the same partition, 0 for its first.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from aiokafka.partitioner import murmur2
from pydantic_core import from_json

from libs.events.envelope import MISREAD, TYPE_PREFIX, Envelope, decode, source_of, unreadable
from libs.events.ids import read_uuid
from libs.events.ports import Delivery
from libs.events.upcasting import read_json

Header = tuple[str, bytes]

CONTENT_TYPE = "content-type"
SEQUENCE = "ce_sequence"
PREVIOUS = "previous"
_DATA = b',"data":'


class Message(Delivery):
    """A delivery that is read from its headers and value; the bytes of the log are made only when it is parked."""

    __slots__ = ("_headers", "_value")
    _headers: dict[str, bytes]
    _value: bytes

    def __init__(self, position: int, subject: str, type: str, headers: dict[str, bytes], value: bytes) -> None:
        _set(self, "position", position)
        _set(self, "subject", subject)
        _set(self, "type", type)
        _set(self, "_headers", headers)
        _set(self, "_value", value)

    @property
    def raw(self) -> bytes:
        """CloudEvents JSON as in the log, attributes in the order of the headers."""
        if "ce_specversion" not in self._headers:
            return self._value
        attributes = {_attribute(name): text.decode() for name, text in self._headers.items()}
        head = json.dumps(attributes, separators=(",", ":")).encode()
        return b"%s%s%s}" % (head[:-1], _DATA, self._value)

    @property
    def recorded(self) -> datetime | None:
        """When the event was recorded; None where that can't be read."""
        try:
            return _moment(self._headers["ce_time"])
        except (KeyError, ValueError):
            return None

    def envelope(self) -> Envelope:
        """The event; raises Unreadable."""
        found = self._headers
        if "ce_specversion" not in found:
            return decode(self._value, self.position)
        cause, code, trace = found.get("ce_causationid"), found.get("ce_gemeentecode"), found.get("ce_traceparent")
        try:
            return Envelope(
                read_uuid(found["ce_id"]), read_json(self.type, int(found["ce_version"]), self._value),
                _text(found["ce_source"]), self.subject, _moment(found["ce_time"]),
                read_uuid(found["ce_correlationid"]), read_uuid(cause) if cause else None,
                _text(code) if code else None, trace.decode() if trace else None, self.position,
            )  # fmt: skip
        except MISREAD as error:
            raise unreadable(error) from None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message read back: whose event it is, what it follows on, and the event."""

    source: str
    previous: int
    delivery: Message


@lru_cache(maxsize=65536)
def partition_of(subject: str, partitions: int) -> int:
    """The partition of a subject: Kafka's own default for keys, written down so that it never changes."""
    return int(murmur2(subject.encode()) & 0x7FFFFFFF) % partitions


def to_message(service: str, delivery: Delivery, previous: int) -> tuple[bytes, bytes, list[Header]]:
    """Key, value and headers. What is no CloudEvents JSON travels as it is, and is parked where it arrives."""
    head, found, data = delivery.raw.partition(_DATA)
    try:
        attributes: dict[str, str] = from_json(head + b"}") if found else {}
        headers = [(_header(name), value.encode()) for name, value in attributes.items()]
        value = data[:-1]
    except (ValueError, AttributeError):
        headers = []
    if not headers:
        value = delivery.raw
        headers = [("ce_source", source_of(service).encode()), ("ce_type", (TYPE_PREFIX + delivery.type).encode()),
                   ("ce_subject", delivery.subject.encode())]  # fmt: skip
    headers.append((SEQUENCE, b"%d" % delivery.position))
    headers.append((PREVIOUS, b"%d" % previous))
    return delivery.subject.encode(), value, headers


def from_message(value: bytes | None, headers: Sequence[Header]) -> Arrived | None:
    """The event of a message; None when it is none of ours."""
    found = dict(headers)
    try:
        source, name = _service(found["ce_source"]), _name(found["ce_type"])
        position, previous = int(found.pop(SEQUENCE)), int(found.pop(PREVIOUS))
        return Arrived(source, previous, Message(position, found["ce_subject"].decode(), name, found, value or b""))
    except (KeyError, ValueError):
        return None


_set = object.__setattr__
"""A delivery is frozen, also to its own constructor."""


# What thousands of messages have in common is read once.
@lru_cache
def _text(written: bytes) -> str:
    return written.decode()


@lru_cache
def _moment(written: bytes) -> datetime:
    return datetime.fromisoformat(written.decode())


@lru_cache
def _service(source: bytes) -> str:
    return source.decode().rpartition(":")[2]


@lru_cache
def _name(type: bytes) -> str:
    return type.decode().removeprefix(TYPE_PREFIX)


@lru_cache
def _header(attribute: str) -> str:
    return CONTENT_TYPE if attribute == "datacontenttype" else f"ce_{attribute}"


@lru_cache
def _attribute(header: str) -> str:
    return "datacontenttype" if header == CONTENT_TYPE else header.removeprefix("ce_")
