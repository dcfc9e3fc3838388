"""Identifiers: UUIDv7 for what begins here, UUIDv5 for what follows from an event.

An id that follows from its cause is the same when the cause is handled twice, so a redelivery can't
make a second event: the log's UNIQUE(id) refuses it.
"""

import os
import time
from uuid import UUID, uuid5

from pydantic_core import SchemaValidator, core_schema

NAMESPACE = UUID("6d1a3c0e-4f0b-5a57-9c55-0d7e5e1a7b42")
"""Namespace of all derived ids. Never changes."""

_WRITTEN = SchemaValidator(core_schema.uuid_schema())


def read_uuid(text: object) -> UUID:
    """The id that is written so; raises ValueError. Six times as fast as `UUID(text)`, and events are full of them."""
    found: UUID = _WRITTEN.validate_python(text)
    return found


def uuid7() -> UUID:
    """A new id that sorts by time of making (RFC 9562: 48 bits of milliseconds, 74 random bits)."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def derived(cause: UUID, purpose: str) -> UUID:
    """The id of what `cause` leads to, told apart by purpose; the same question gives the same id."""
    return uuid5(NAMESPACE, f"{cause}:{purpose}")
