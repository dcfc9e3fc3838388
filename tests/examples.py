"""One example of every event, made from its fields; the same each time."""

import types
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

from libs.events.catalogue import Event
from libs.events.envelope import Envelope
from libs.events.sealed import Sealed
from libs.events.unit import Unit

WHEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SPECIAL = {
    "periode": "2026-03", "gemeentecode": "0505", "naar_gemeentecode": "0523",
    "partner": "woonbron", "reden": "geenTreffer",
    "tijdstip": "14:05", "aanleiding": "geen contact", "aanzegdatum": date(2026, 3, 3),
    "ontruimingsdatum": date(2026, 3, 24), "zekerheid": 1.0, "keuze": "alle", "prioriteit": 3, "leeftijd": 41,
}  # fmt: skip


def example(kind: type[Event], **changes: Any) -> Event:
    """An event of this kind with every field filled."""
    fields = {name: _value(name, field.annotation, kind.__name__) for name, field in kind.model_fields.items()}
    return kind(**(fields | changes))


def example_envelope(kind: type[Event], **changes: Any) -> Envelope:
    """As recorded."""
    subject = UUID(int=7)
    unit = Unit(kind.owner, "test", None, WHEN)
    return unit.emit(example(kind, **changes), subject=subject, gemeentecode="0505", id=UUID(int=9))


def _value(name: str, annotation: Any, owner: str) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _value(name, arguments[0], owner)
    if origin in (Union, types.UnionType):
        return _value(name, next(a for a in arguments if a is not type(None)), owner)
    if annotation is Sealed or origin is Sealed:
        return Sealed(UUID(int=7), UUID(int=9), "AAAA")
    if origin is tuple:
        return (_value(name, arguments[0], owner),)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return next(iter(annotation))
    if name in SPECIAL:
        return SPECIAL[name]
    return _plain(name, annotation, owner)


def _plain(name: str, annotation: Any, owner: str) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation(**{n: _value(n, f.annotation, owner) for n, f in annotation.model_fields.items()})
    simple: dict[Any, Any] = {UUID: UUID(int=1), date: date(2026, 3, 2), Decimal: Decimal("812.40"), bool: False,
                              int: 3, datetime: WHEN, str: "voorbeeld"}  # fmt: skip
    if annotation in simple:
        return simple[annotation]
    return {}
