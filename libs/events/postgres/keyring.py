"""The keyring on PostgreSQL, in a schema (or a database) of its own."""

import os
from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg

from libs.events.crash import crash_point
from libs.events.errors import NoGrant
from libs.events.keyring import Kek, Soort
from libs.events.postgres.log import Connection
from libs.events.sealed import Keys

_CREATE = """
INSERT INTO keyring.sleutel (subject, soort, sleutel)
SELECT s, $3, k FROM unnest($1::uuid[], $2::bytea[]) AS n(s, k) ON CONFLICT (subject) DO NOTHING
"""

# From the subject up to the person (or, when a case was named, down from it), then down to everything that hangs on it.
# A case is never climbed to: erasing one person leaves the rest of the household alone.
_LINKED = """
WITH RECURSIVE begin AS (
    SELECT $1::uuid AS subject
    UNION SELECT k.ouder FROM keyring.koppeling k JOIN keyring.sleutel s ON s.subject = k.ouder
          WHERE k.subject = $1 AND s.soort = 'persoon'
), linked AS (
    SELECT subject FROM begin
    UNION SELECT k.subject FROM keyring.koppeling k JOIN linked l ON k.ouder = l.subject
)
UPDATE keyring.sleutel s SET sleutel = NULL, vernietigd_op = clock_timestamp()
FROM linked WHERE s.subject = linked.subject AND s.sleutel IS NOT NULL RETURNING s.subject
"""


class PostgresKeyring:
    """Keys of subjects; see libs.events.keyring.Keyring. On a connection instead of a pool: in its transaction."""

    def __init__(self, pool: asyncpg.Pool | Connection, kek: Kek) -> None:
        self._pool = pool
        self.kek = kek

    async def create(self, subjects: Sequence[UUID], soort: Soort) -> Keys:
        """New keys, committed before anything is sealed with them; a subject that has one keeps it."""
        fresh = {subject: os.urandom(32) for subject in dict.fromkeys(subjects)}
        wrapped = [self.kek.wrap(subject, key) for subject, key in fresh.items()]
        crash_point("keyring.before_create")
        status = await self._pool.execute(_CREATE, list(fresh), wrapped, soort.value)
        crash_point("keyring.after_create")
        if status == f"INSERT 0 {len(fresh)}":
            return Keys(fresh)
        return await self.keys(list(fresh))

    async def keys(self, subjects: Sequence[UUID]) -> Keys:
        """The keys that still exist; an erased subject is simply absent."""
        rows = await self._pool.fetch(
            "SELECT subject, sleutel FROM keyring.sleutel WHERE subject = ANY($1) AND sleutel IS NOT NULL",
            list(set(subjects)),
        )
        return Keys({row[0]: self.kek.unwrap(row[0], row[1]) for row in rows})

    async def link(self, parents: Mapping[UUID, UUID]) -> None:
        """Each subject belongs to this one from now on."""
        crash_point("keyring.before_link")
        await self._pool.execute(
            """INSERT INTO keyring.koppeling SELECT * FROM unnest($1::uuid[], $2::uuid[]) ON CONFLICT DO NOTHING""",
            list(parents), list(parents.values()),
        )  # fmt: skip
        crash_point("keyring.after_link")

    async def erase(self, subject: UUID) -> set[UUID]:
        """Destroy all linked keys; gives the subjects that had one."""
        return await erase(self._pool, subject)


async def erase(connection: Connection | asyncpg.Pool, subject: UUID) -> set[UUID]:
    """Destroy all linked keys, for which no key-encryption key is needed; gives the subjects that had one."""
    crash_point("keyring.before_erase")
    erased = {row[0] for row in await connection.fetch(_LINKED, subject)}
    crash_point("keyring.after_erase")
    return erased


class NoKeyring:
    """What a service without a grant holds: every question is refused."""

    async def create(self, subjects: Sequence[UUID], soort: Soort) -> Keys:
        """Refused."""
        raise NoGrant

    async def keys(self, subjects: Sequence[UUID]) -> Keys:
        """Refused."""
        raise NoGrant

    async def link(self, parents: Mapping[UUID, UUID]) -> None:
        """Refused."""
        raise NoGrant

    async def erase(self, subject: UUID) -> set[UUID]:
        """Refused."""
        raise NoGrant
