"""Unit of work: what one transaction writes, a command's or a batch's, events last.

Services write their own tables through `conn` and say what happened with `emit`. The log is appended
when the block ends, just before the commit, so that its lock is held as briefly as can be.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.events.catalogue import Event
from libs.events.envelope import Envelope, source_of
from libs.events.ids import derived, uuid7
from libs.events.ports import Entry
from libs.events.tracing import traceparent_of


@dataclass(slots=True)
class Unit:
    """One transaction. `conn` is the database connection, `now` the time of everything in it."""

    service: str
    actor: str
    conn: Any
    now: datetime
    traces: Mapping[object, str | None] = field(default_factory=dict)
    pending: list[Entry] = field(default_factory=list)
    _ordinals: Counter[UUID] = field(default_factory=Counter)
    _trace: tuple[str | None] | None = None

    def next_id(self, cause: Envelope | None = None) -> UUID:
        """The id of the next event: derived from its cause, consumer and ordinal, or new when it has no cause."""
        if cause is None:
            return uuid7()
        self._ordinals[cause.id] += 1
        return derived(cause.id, f"{self.actor}:{self._ordinals[cause.id]}")

    def emit(
        self,
        event: Event,
        *,
        subject: UUID,
        gemeentecode: str | None = None,
        tenant: str | None = None,
        cause: Envelope | None = None,
        id: UUID | None = None,
    ) -> Envelope:
        """Say what happened. `tenant` is who may see it, the municipality unless told otherwise.

        Give `id` (from `next_id`) where a Sealed in the event is bound to it.
        """
        identity = id or self.next_id(cause)
        envelope = Envelope(
            id=identity,
            data=event,
            source=source_of(self.service),
            subject=str(subject),
            time=self.now,
            correlationid=cause.correlationid if cause else identity,
            causationid=cause.id if cause else None,
            gemeentecode=gemeentecode,
            traceparent=self.traces.get(cause.id) if cause else self._own_trace(),
        )
        self.pending.append(Entry(envelope, tenant or gemeentecode))
        return envelope

    def _own_trace(self) -> str | None:
        """The trace of what began this unit, looked up once: a batch may emit hundreds of events."""
        if self._trace is None:
            self._trace = (traceparent_of(),)
        return self._trace[0]
