"""What must hold of a database, whatever happened: one library for every kind of test (docs/faults.md).

`of_logs` holds at any moment between transactions; `at_rest` when nothing is under way; `of_the_chain` when every event
came from the services themselves. Each gives what is broken, in words that begin with what it comes down to: `lost`,
`twice`, `order`, `gap`, `by hand` or `other`; ids and positions, never a value.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from libs.chassis.settings import SERVICES
from libs.events.catalogue import (
    BRPMatched,
    BRPMismatched,
    RouteAssigned,
    SignalCorrected,
    SignalReceived,
)
from libs.events.catalogue import SignalSetAside as Aside
from libs.events.envelope import Envelope, decode
from libs.events.errors import Unreadable
from libs.events.ids import derived
from libs.events.keyring import Kek
from libs.events.ports import Entry
from services.monitoring import upkeep

MOST_FROM_ONE_CAUSE = 2_000
"""Ordinals looked for; one event leads to a handful of others in one consumer."""


class Broken(AssertionError):
    """What was promised does not hold; `found` says what, as the functions below do."""

    def __init__(self, found: Sequence[str]) -> None:
        super().__init__("\n".join(found[:20]))
        self.found = list(found)


@dataclass(frozen=True)
class Recorded:
    """One event and the transaction that appended it."""

    service: str
    transaction: int
    event: Envelope


def of_effects(said: Sequence[Entry], effects: Sequence[UUID]) -> list[str]:
    """Every event of one source had its effect once, and per subject in the order of the log."""
    by_subject: defaultdict[str, list[UUID]] = defaultdict(list)
    for entry in said:
        by_subject[entry.envelope.subject].append(entry.envelope.id)
    broken = [f"twice: effect of {identity}, {n} times" for identity, n in Counter(effects).items() if n > 1]
    for subject, ids in by_subject.items():
        mine = [identity for identity in dict.fromkeys(effects) if identity in set(ids)]
        broken += [f"lost: no effect of {identity} of {subject}" for identity in set(ids) - set(mine)]
        broken += [f"order: effects of {subject}"] if mine != [one for one in ids if one in set(mine)] else []
    return broken


async def of_logs(conn: asyncpg.Connection, services: Sequence[str] = SERVICES) -> list[str]:
    """Positions, versions, ids, checkpoints, causes."""
    broken: list[str] = []
    consumers: dict[str, list[str]] = {}
    for service in services:
        broken += await _log_of(conn, service)
        consumers[service] = [r[0] for r in await conn.fetch(f"SELECT DISTINCT consumer FROM {service}.checkpoint")]
        for ahead in await _ahead(conn, service, services):
            broken.append(f"gap: checkpoint past the head of its source: {ahead}")
    recorded = await events(conn, services)
    ids = Counter(one.event.id for one in recorded)
    broken += [f"twice: id {identity} is in {times} places" for identity, times in ids.items() if times > 1]
    return broken + causes(recorded, consumers)


async def _log_of(conn: asyncpg.Connection, service: str) -> list[str]:
    row = await conn.fetchrow(
        f"""SELECT count(*) AS n, coalesce(max(position), 0) AS last, coalesce(min(position), 1) AS first,
                   (SELECT position FROM {service}.head) AS head FROM {service}.log"""
    )
    broken = (
        [] if row["first"] == 1 and row["n"] == row["last"] == row["head"] else [f"gap: {service}: positions {row}"]
    )
    streams = await conn.fetch(
        f"""SELECT stream FROM {service}.log GROUP BY stream
            HAVING min(version) <> 1 OR max(version) <> count(*) OR count(DISTINCT version) <> count(*)
                OR array_agg(version ORDER BY position) <> array_agg(version ORDER BY version)"""
    )
    return broken + [f"order: {service}: versions of stream {row[0]} are not 1..n" for row in streams]


async def _ahead(conn: asyncpg.Connection, service: str, services: Sequence[str]) -> list[str]:
    heads = {source: await conn.fetchval(f"SELECT position FROM {source}.head") for source in services}
    rows = await conn.fetch(f"SELECT consumer, source, position FROM {service}.checkpoint")
    return [f"{r[0]} at {r[2]} of {r[1]}" for r in rows if r[1] in heads and r[2] > heads[r[1]]]


async def events(conn: asyncpg.Connection, services: Iterable[str] = SERVICES) -> list[Recorded]:
    """All logs, but for what can't be read (some tests put such there)."""
    found = []
    for service in services:
        query = f"SELECT position, envelope, tx_id::text::bigint AS tx FROM {service}.log ORDER BY position"
        for row in await conn.fetch(query):
            try:
                found.append(Recorded(service, row["tx"], decode(row["envelope"], row["position"])))
            except Unreadable:
                continue
    return found


def causes(recorded: Sequence[Recorded], consumers: Mapping[str, Sequence[str]]) -> list[str]:
    """What follows from an event follows once per consumer and ordinal, from an event that was committed before.

    The id says so: it is derived from cause, consumer and ordinal, and the ordinals of one consumer are 1..n.
    """
    by_id = {one.event.id: one for one in recorded}
    broken = []
    followed: defaultdict[tuple[str, UUID], list[Recorded]] = defaultdict(list)
    for one in recorded:
        if one.event.causationid is None:
            continue
        followed[one.service, one.event.causationid].append(one)
        cause = by_id.get(one.event.causationid)
        if cause is None:
            broken.append(f"lost: {one.service} {one.event.sequence}: its cause is in no log")
        elif cause.transaction >= one.transaction or cause.event.time > one.event.time:
            broken.append(f"order: {one.service} {one.event.sequence}: before its cause")
    for (service, cause_id), effects in followed.items():
        left = {one.event.id for one in effects}
        for consumer in consumers[service]:
            for ordinal in range(1, MOST_FROM_ONE_CAUSE):
                if (identity := derived(cause_id, f"{consumer}:{ordinal}")) not in left:
                    break
                left.discard(identity)
        broken += [f"twice: {service}: {identity} does not follow from {cause_id} in order" for identity in left]
    return broken


async def at_rest(conn: asyncpg.Connection) -> list[str]:
    """Every consumer has handled everything, and nothing is parked."""
    broken = []
    heads = {source: await conn.fetchval(f"SELECT position FROM {source}.head") for source in SERVICES}
    for service in SERVICES:
        rows = await conn.fetch(f"SELECT consumer, source, max(position) FROM {service}.checkpoint GROUP BY 1, 2")
        broken += [f"lost: {r[0]} at {r[2]} of {r[1]}, not {heads[r[1]]}" for r in rows if r[2] != heads[r[1]]]
        parked = await conn.fetch(f"SELECT consumer, source, position, reason FROM {service}.parked")
        broken += [f"by hand: parked: {tuple(row)}" for row in parked]
    return broken


async def of_the_chain(conn: asyncpg.Connection) -> list[str]:
    """Every signal that was taken in was answered once, and decided on; the tables of intake are its log."""
    recorded = await events(conn)
    data = [one.event.data for one in recorded]
    received = Counter(d.signaal_id for d in data if type(d) is SignalReceived)
    corrected = Counter(d.signaal_id for d in data if type(d) is SignalCorrected)
    rows = await conn.fetch("SELECT signaal_id, correcties FROM intake.signaal")
    broken = [] if {r[0] for r in rows} == set(received) else ["lost: intake: signals and log differ"]
    broken += [f"twice: signal {s} was received {n} times" for s, n in received.items() if n > 1]
    broken += [
        f"lost: signal {r[0]}: {r[1]} corrections, said {corrected[r[0]]}" for r in rows if r[1] != corrected[r[0]]
    ]
    broken += _answers(recorded, received)
    matched = {d.signaal_id for d in data if isinstance(d, BRPMatched)}
    decided = {d.signaal_id for d in data if isinstance(d, RouteAssigned | Aside)}
    broken += [f"lost: signal {s} was linked and not decided on" for s in matched - decided]
    broken += [f"order: signal {s} was decided on and not linked" for s in decided - matched]
    return broken + await _deliveries(conn) + await _erased(conn)


def _answers(recorded: Sequence[Recorded], received: Iterable[UUID]) -> list[str]:
    answers = Counter(
        (one.event.data.signaal_id, one.event.causationid)
        for one in recorded
        if isinstance(one.event.data, BRPMatched | BRPMismatched)
    )
    answered = {signaal for signaal, _ in answers}
    broken = [
        f"twice: signal {s} was answered {n} times for a version"
        for (s, cause), n in answers.items()
        if cause and n > 1
    ]
    return broken + [f"lost: signal {s} was not answered" for s in received if s not in answered]


async def _deliveries(conn: asyncpg.Connection) -> list[str]:
    rows = await conn.fetch(
        """SELECT levering_id FROM intake.levering l
           WHERE aangenomen + dubbel + gecorrigeerd + geweigerd
                 <> (SELECT count(*) FROM intake.regel r WHERE r.levering_id = l.levering_id)"""
    )
    return [f"lost: delivery {row[0]}: its counts are not its rows" for row in rows]


async def _erased(conn: asyncpg.Connection) -> list[str]:
    rows = await conn.fetch(
        """SELECT persoon_id FROM matching.persoon JOIN keyring.sleutel s ON subject = persoon_id
           WHERE s.sleutel IS NULL"""
    )
    return [f"other: person {row[0]} was erased and can still be found by name" for row in rows]


def assert_none(found: Sequence[str]) -> None:
    """Raises Broken with what was found, each counted under its kind."""
    if found:
        raise Broken(list(found))


async def assert_whole(url: str, kek: Kek) -> str:
    """All of the above, and the views are the fold of the logs; gives the hash of the state."""
    conn = await asyncpg.connect(url)
    try:
        broken = [*await of_logs(conn), *await at_rest(conn), *await of_the_chain(conn)]
    finally:
        await conn.close()
    verified = await upkeep.verify(url, kek)
    broken += [f"other: view {one['view']}: {one['difference']}" for one in verified["views"] if not one["ok"]]
    assert_none(broken)
    state: str = verified["state"]
    return state
