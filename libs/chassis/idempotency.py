"""Idempotency-Key: the same key from the same client for the same operation gives the stored answer.

The answer is kept in the transaction of the effect, so there is no moment in which one exists without the
other. The same key with another body is a conflict (RFC draft httpapi-idempotency-key). Answers hold ids only, and are
kept for `KEPT` by the Clock; after that the key is as new, and what is idempotent by its contents stays so.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from libs.chassis.auth import Caller
from libs.chassis.database import AWAY, Database
from libs.events.crash import crash_point
from libs.events.errors import Invalid, Refusal
from libs.events.ports import Clock
from libs.events.postgres.log import Connection

HEADER = "idempotency-key"
LONGEST = 255
KEPT = timedelta(days=14)
"""How long an answer can be asked again."""

SWEEP_SECONDS = 3600.0
BATCH, BATCHES = 500, 40
"""Rows of one removal, and removals of one round per service: a round is short, whatever was left."""

_REMOVE = """
DELETE FROM {schema}.idempotentie
WHERE ctid = ANY (ARRAY(SELECT ctid FROM {schema}.idempotentie WHERE gemaakt_op < $1 ORDER BY gemaakt_op LIMIT $2))
"""


class KeyUsedOtherwise(Refusal):
    """Deze Idempotency-Key is al gebruikt voor een andere aanvraag."""

    code = "idempotencyKey"


@dataclass(frozen=True, slots=True)
class Idempotency:
    """One request's key, if it has one."""

    client: str
    operation: str
    key: str | None
    fingerprint: bytes
    now: datetime

    @classmethod
    async def of(cls, request: Request, caller: Caller) -> "Idempotency":
        """Read the header; raises Invalid when it is not a short text."""
        key = request.headers.get(HEADER)
        if key is not None and (not key.strip('" ') or len(key) > LONGEST or not key.isprintable()):
            raise Invalid("De sleutel is leeg, te lang of geen leesbare tekst.", field="Idempotency-Key")
        operation = f"{request.method} {request.url.path}"
        body = await request.body() if key else b""
        client = f"{caller.client}/{','.join(caller.gemeenten)}"
        now = request.app.state.runtime.clock.now()
        return cls(client, operation, key, hashlib.sha256(body).digest(), now)

    async def stored(self, conn: Connection) -> JSONResponse | None:
        """The answer given before; None when this is the first time. Two at once wait for each other."""
        if self.key is None:
            return None
        await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", "/".join(self._identity()))
        row = await conn.fetchrow(
            """SELECT vingerafdruk, status, antwoord, locatie FROM idempotentie
               WHERE client = $1 AND bewerking = $2 AND sleutel = $3""",
            *self._identity(),
        )
        if row is None:
            return None
        if row["vingerafdruk"] != self.fingerprint:
            raise KeyUsedOtherwise(field="Idempotency-Key")
        headers = {"Location": row["locatie"]} if row["locatie"] else None
        return JSONResponse(json.loads(row["antwoord"]), row["status"], headers)

    async def store(self, conn: Connection, status: int, body: Any, location: str | None = None) -> JSONResponse:
        """Keep the answer with the effect, and give it."""
        if self.key is not None:
            crash_point("idempotency.before_store")
            await conn.execute(
                """INSERT INTO idempotentie
                   (client, bewerking, sleutel, vingerafdruk, status, antwoord, locatie, gemaakt_op)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
                *self._identity(), self.fingerprint, status, json.dumps(body), location, self.now,
            )  # fmt: skip
            crash_point("idempotency.after_store")
        return JSONResponse(body, status, {"Location": location} if location else None)

    def _identity(self) -> tuple[str, str, str]:
        return self.client, self.operation, self.key or ""


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Removes answers that are older than `KEPT`, a bounded number at a time."""

    databases: Sequence[Database]
    clock: Clock

    async def run(self, stop: asyncio.Event) -> None:
        """A round at the start and then every hour, until told to stop; without a database the next round does it."""
        while not stop.is_set():
            with suppress(*AWAY):
                await self.round()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), SWEEP_SECONDS)

    async def round(self) -> int:
        """How many were removed."""
        removed, before = 0, self.clock.now() - KEPT
        for database in self.databases:
            remove = _REMOVE.format(schema=database.service)
            for _ in range(BATCHES):
                count = int((await database.loop.execute(remove, before, BATCH)).split()[1])
                removed += count
                if count < BATCH:
                    break
        return removed
