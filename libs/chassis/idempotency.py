"""Idempotency-Key: the same key from the same client for the same operation gives the stored answer.

The answer is kept in the transaction of the effect, so there is no moment in which one exists without the
other. The same key with another body is a conflict (RFC draft httpapi-idempotency-key). Answers hold ids only, and are
kept as long as the log.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from libs.chassis.auth import Caller
from libs.events.crash import crash_point
from libs.events.errors import Invalid, Refusal
from libs.events.postgres.log import Connection

HEADER = "idempotency-key"
LONGEST = 255


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

    @classmethod
    async def of(cls, request: Request, caller: Caller) -> "Idempotency":
        """Read the header; raises Invalid when it is not a short text."""
        key = request.headers.get(HEADER)
        if key is not None and (not key.strip('" ') or len(key) > LONGEST or not key.isprintable()):
            raise Invalid("De sleutel is leeg, te lang of geen leesbare tekst.", field="Idempotency-Key")
        operation = f"{request.method} {request.url.path}"
        body = await request.body() if key else b""
        client = f"{caller.client}/{','.join(caller.gemeenten)}"
        return cls(client, operation, key, hashlib.sha256(body).digest())

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
                """INSERT INTO idempotentie (client, bewerking, sleutel, vingerafdruk, status, antwoord, locatie)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)""",
                *self._identity(), self.fingerprint, status, json.dumps(body), location,
            )  # fmt: skip
            crash_point("idempotency.after_store")
        return JSONResponse(body, status, {"Location": location} if location else None)

    def _identity(self) -> tuple[str, str, str]:
        return self.client, self.operation, self.key or ""
