"""The two kinds of consumer a service is made of: reactions and views."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from libs.events.catalogue import Event
from libs.events.envelope import Envelope
from libs.events.ports import sources_of
from libs.events.unit import Unit

Prepare = Callable[[Sequence[Envelope]], Awaitable[Any]]
Apply = Callable[[Unit, Sequence[Envelope], Any], Awaitable[None]]
Fold = Callable[[Any, Sequence[Envelope]], Awaitable[None]]


async def _nothing(events: Sequence[Envelope]) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Reaction:
    """Hears events, may ask the outside (`prepare`), writes and emits (`apply`). Runs once, is never replayed.

    The name is for ever: another name would hear everything again.
    """

    name: str
    kinds: tuple[type[Event], ...]
    apply: Apply
    prepare: Prepare = _nothing

    @property
    def hears(self) -> frozenset[str]:
        """Stored names of the events it hears."""
        return frozenset(kind.name() for kind in self.kinds)

    @property
    def sources(self) -> tuple[str, ...]:
        """The services whose logs it reads."""
        return sources_of(self.kinds)


@dataclass(frozen=True, slots=True)
class View:
    """A read model: `fold(conn, events)` writes its tables, named without a schema, so that the same fold can
    build a copy beside the living one. Folding the same events again, or in another interleaving of their
    sources, gives the same rows.
    """

    name: str
    kinds: tuple[type[Event], ...]
    tables: tuple[str, ...]
    fold: Fold

    @property
    def hears(self) -> frozenset[str]:
        """Stored names of the events it hears."""
        return frozenset(kind.name() for kind in self.kinds)

    @property
    def sources(self) -> tuple[str, ...]:
        """The services whose logs it reads."""
        return sources_of(self.kinds)

    async def prepare(self, events: Sequence[Envelope]) -> None:
        """A view asks nothing."""

    async def apply(self, unit: Unit, events: Sequence[Envelope], prepared: Any) -> None:
        """Fold into the living tables."""
        await self.fold(unit.conn, events)
