"""Old events read as new ones: one pure step per old version, JSON in, JSON out.

Steps are chained (1 to 2, 2 to 3 ...) before validation, wherever an event is read: log, Kafka, parked
events, rebuilds. Old classes are not kept; old JSON is, in ``tests/golden``.
"""

from collections.abc import Callable
from typing import Any

from pydantic_core import from_json

from libs.events.catalogue import CATALOGUE, Event
from libs.events.errors import UnknownEvent, UpcastMissing

Payload = dict[str, Any]
Step = Callable[[Payload], Payload]

STEPS: dict[tuple[str, int], Step] = {}
"""(event name, old version) to the step that makes it one version newer."""


def upcasts(name: str, *, from_version: int) -> Callable[[Step], Step]:
    """Register the step from this version to the next; a second one for the same version is refused."""

    def register(step: Step) -> Step:
        if (name, from_version) in STEPS:
            raise ValueError(f"two steps for {name} v{from_version}")
        STEPS[name, from_version] = step
        return step

    return register


def read_json(name: str, version: int, data: bytes) -> Event:
    """The same from JSON, in one pass where the version is the current one."""
    kind = CATALOGUE.get(name)
    if kind is not None and version == kind.version:
        event: Event = kind.__pydantic_validator__.validate_json(data)
        return event
    return read(name, version, from_json(data))


def read(name: str, version: int, payload: Payload) -> Event:
    """The event as its current class.

    Raises UnknownEvent for a name outside the catalogue, UpcastMissing for a version that no chain of
    steps leads on from, also one above ours: a newer release wrote it, so it waits for that release.
    """
    kind = CATALOGUE.get(name)
    if kind is None:
        raise UnknownEvent(name)
    while version < kind.version:
        step = STEPS.get((name, version))
        if step is None:
            raise UpcastMissing(f"{name} v{version}")
        payload, version = step(payload), version + 1
    if version > kind.version:
        raise UpcastMissing(f"{name} v{version}")
    return kind.model_validate(payload)
