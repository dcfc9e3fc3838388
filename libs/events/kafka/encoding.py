"""An event as a Kafka message: CloudEvents 1.0 binary mode, and from which partition to which.

The attributes are headers (`ce_...`, `content-type` for datacontenttype), the data is the value byte for byte as
recorded, the key is the subject. `ce_sequence` is the position in the source's log; the header `previous` is the
position of the source's event before it in the same partition, 0 for its first.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aiokafka.partitioner import murmur2
from pydantic_core import from_json

from libs.events.envelope import TYPE_PREFIX, source_of
from libs.events.ports import Delivery

Header = tuple[str, bytes]

CONTENT_TYPE = "content-type"
SEQUENCE = "ce_sequence"
PREVIOUS = "previous"
_DATA = b',"data":'


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message read back: whose event it is, what it follows on, and the event."""

    source: str
    previous: int
    delivery: Delivery


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
        source = found["ce_source"].decode().rpartition(":")[2]
        position, previous = int(found.pop(SEQUENCE)), int(found.pop(PREVIOUS))
        name = found["ce_type"].decode().removeprefix(TYPE_PREFIX)
        subject = found["ce_subject"].decode()
        raw = _structured(found, value) if "ce_specversion" in found else value
    except (KeyError, ValueError):
        return None
    return Arrived(source, previous, Delivery(position, subject, name, raw or b""))


def _structured(headers: dict[str, bytes], value: bytes | None) -> bytes:
    """The same JSON as in the log, attributes in the order of the headers."""
    attributes: dict[str, Any] = {_attribute(name): text.decode() for name, text in headers.items()}
    head = json.dumps(attributes, separators=(",", ":")).encode()
    return b"%s%s%s}" % (head[:-1], _DATA, value or b"null")


@lru_cache
def _header(attribute: str) -> str:
    return CONTENT_TYPE if attribute == "datacontenttype" else f"ce_{attribute}"


@lru_cache
def _attribute(header: str) -> str:
    return "datacontenttype" if header == CONTENT_TYPE else header.removeprefix("ce_")
