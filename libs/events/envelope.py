"""Envelope: one recorded event with its identity, order and trail, as CloudEvents 1.0 (NL GOV profile).

No field of the envelope holds personal data: the subject is a random signal or case id, and personal
data inside `data` are Sealed. `time` is when the event was recorded; when it happened is in the data.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Literal, NotRequired
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator, from_json
from typing_extensions import TypedDict

from libs.events import upcasting
from libs.events.catalogue import CATALOGUE, Event
from libs.events.errors import Unreadable
from libs.events.ids import read_uuid

TYPE_PREFIX = "nl.vroegsignalering."
"""Reverse domain notation, as the NL GOV profile asks; an organisation's name should not be in it."""

OIN = "00000099000000000000"
"""Identification of the organisation in `source`: the test range, until the operator sets its own."""


def source_of(service: str, oin: str = OIN) -> str:
    """The CloudEvents source of a service."""
    return f"urn:nld:oin:{oin}:systeem:drempel:{service}"


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event as recorded. `sequence` is its position in the log of its source, 0 while not recorded."""

    id: UUID
    data: Event
    source: str
    subject: str
    time: datetime
    correlationid: UUID
    causationid: UUID | None = None
    gemeentecode: str | None = None
    traceparent: str | None = None
    sequence: int = 0

    @property
    def type(self) -> str:
        """The event's stored name."""
        return self.data.name()

    def at(self, sequence: int) -> "Envelope":
        """The same event with its position."""
        return replace(self, sequence=sequence)


def attributes(envelope: Envelope) -> dict[str, str]:
    """All context attributes as text, in the order they are written; absent ones left out."""
    found = {
        "specversion": "1.0",
        "id": str(envelope.id),
        "type": TYPE_PREFIX + envelope.type,
        "version": str(envelope.data.version),
        "source": envelope.source,
        "subject": envelope.subject,
        "time": envelope.time.isoformat(),
        "datacontenttype": "application/json",
        "correlationid": str(envelope.correlationid),
    }
    if envelope.causationid:
        found["causationid"] = str(envelope.causationid)
    if envelope.gemeentecode:
        found["gemeentecode"] = envelope.gemeentecode
    if envelope.traceparent:
        found["traceparent"] = envelope.traceparent
    return found


def encode(envelope: Envelope) -> bytes:
    """CloudEvents JSON, structured mode; without `sequence`, which the log knows."""
    head = json.dumps(attributes(envelope), separators=(",", ":"))
    data = envelope.data.model_dump_json(by_alias=True, exclude_none=True)
    return f'{head[:-1]},"data":{data}}}'.encode()


def decode(raw: bytes, sequence: int = 0, name: str | None = None) -> Envelope:
    """Read CloudEvents JSON, upcasting the data. Raises Unreadable, naming fields and never values.

    Where the event's `name` is known beforehand, one of the current version is read in one pass, in half the time.
    """
    reader = _reader(name) if name else None
    if reader is not None:
        try:
            return _envelope(reader.validate_json(raw), sequence)
        except ValidationError:
            pass  # of an older version, or one that does not fit: the long way says which
    try:
        found = from_json(raw)
        return _from_attributes(found, upcasting.read(*_kind(found), found["data"]), sequence)
    except MISREAD as error:
        raise unreadable(error) from None


MISREAD = (KeyError, ValueError, TypeError)
"""What reading raises, where what is read is no event."""


def unreadable(error: Exception) -> Unreadable:
    """Why it can't be read; names fields and never values."""
    if isinstance(error, ValidationError):
        fields = ", ".join(".".join(map(str, e["loc"])) for e in error.errors(include_input=False))
        return Unreadable(f"fields that do not fit: {fields or 'an id'}")
    return Unreadable(f"not an event ({type(error).__name__})")


@cache
def _reader(name: str) -> SchemaValidator | None:
    """Reads the stored form of one kind of event; None for a kind that is not in the catalogue."""
    kind = CATALOGUE.get(name)
    if kind is None:
        return None
    fields: dict[str, Any] = {
        "type": Literal[TYPE_PREFIX + name], "version": Literal[str(kind.version)], "id": UUID, "source": str,
        "subject": str, "time": datetime, "correlationid": UUID, "causationid": NotRequired[UUID],
        "gemeentecode": NotRequired[str], "traceparent": NotRequired[str], "data": kind,
    }  # fmt: skip
    return TypeAdapter(TypedDict("Stored", fields)).validator  # type: ignore[operator,return-value]


def _envelope(found: dict[str, Any], sequence: int) -> Envelope:
    known = found.get
    return Envelope(
        found["id"], found["data"], found["source"], found["subject"], found["time"], found["correlationid"],
        known("causationid"), known("gemeentecode"), known("traceparent"), sequence,
    )  # fmt: skip


def _kind(found: dict[str, Any]) -> tuple[str, int]:
    return str(found["type"]).removeprefix(TYPE_PREFIX), int(found["version"])


def _from_attributes(found: dict[str, Any], event: Event, sequence: int) -> Envelope:
    causation = found.get("causationid")
    return Envelope(
        id=read_uuid(found["id"]),
        data=event,
        source=found["source"],
        subject=found["subject"],
        time=datetime.fromisoformat(found["time"]),
        correlationid=read_uuid(found["correlationid"]),
        causationid=read_uuid(causation) if causation else None,
        gemeentecode=found.get("gemeentecode"),
        traceparent=found.get("traceparent"),
        sequence=sequence,
    )
