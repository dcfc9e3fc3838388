"""The same handlers with nothing in their way: what a schedule is compared with."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from uuid import UUID

from libs.events.tracing import handling
from tests.handlers.mischief import Applied
from tests.handlers.world import Group, Rows, World

Slice = tuple[frozenset[UUID], int]
"""Which households, and how many of a hundred of what was recorded of them."""

QUIET: dict[tuple[str, Slice], Rows] = {}
"""Made once for each group and slice; made under a planted bug it is not for the tests after it."""


async def quiet(world: World, group: Group, of: Slice, told: Iterable[Applied]) -> Rows:
    """What comes of the order in which this was recorded."""
    if (group.name, of) not in QUIET:
        QUIET[group.name, of] = await again(world, group, sorted(told, key=lambda one: one[1].time))
    return QUIET[group.name, of]


async def again(world: World, group: Group, order: Sequence[Applied]) -> Rows:
    """The handlers of a group hear this in batches as large as can be, from nothing, and nothing happens to them."""
    await world.empty(group)
    consumers = {one.name: one for one in group.consumers}
    for (name, _), run in groupby(order, key=lambda one: (one[0], one[1].source)):
        consumer, events = consumers[name], [event for _, event in run]
        prepared = await consumer.prepare(events)
        async with group.sessions(consumer).begin() as session:
            with handling(name, events) as session.unit.traces:
                await consumer.apply(session.unit, events, prepared)
    return await world.rows(group)
