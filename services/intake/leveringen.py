"""A delivery while it comes in: rows are judged, sealed and committed in batches; none of it is held as a whole.

A row that is refused leaves a verdict and stops nothing. When the connection is lost, or the body ends
half-way, what was committed stays and the delivery says `Afgebroken`; sending it again finishes it.
"""

from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import structlog
from starlette.requests import ClientDisconnect

from libs.chassis.auth import Caller
from libs.chassis.clock import today
from libs.chassis.http import TooLarge
from libs.chassis.service import Runtime
from libs.events.crash import crash_point
from libs.events.errors import Refusal
from libs.events.ids import derived, uuid7
from libs.events.keyring import Soort
from libs.events.sealed import Keys
from services.intake import store
from services.intake.aanlevering import Aanlevering, kenmerk_van, lees
from services.intake.domain import Leveringstatus, Oordeel
from services.intake.opname import Afzender, Index, Opname
from services.intake.splitters import Afgebroken, Onleesbaar, Rij, Splitter
from services.intake.velden import Fout

log = structlog.get_logger()

ROWS = 1_000
"""Rows of one transaction."""

BYTES = 512 * 1024 * 1024
"""Largest delivery; the largest real one is a tenth of it."""


class Levering:
    """One delivery of one partner."""

    def __init__(self, runtime: Runtime, caller: Caller, afzender: Afzender) -> None:
        self.id = uuid7()
        self._runtime = runtime
        self._caller = caller
        self._opname = Opname(afzender, Index(runtime.kek), runtime.keyring, self.id)
        self._vandaag: date = today(runtime.clock)
        self._regel = 0
        self._goed: list[tuple[int, Aanlevering]] = []
        self._fout: list[tuple[store.Uitkomst, str | None]] = []
        self._keys: Keys | None = None

    async def ontvang(self, stream: AsyncIterator[bytes], splitter: Splitter) -> None:
        """Take in the whole body. Raises Refusal when it is no delivery; the complete rows before that stay."""
        try:
            async for chunk in _begrensd(stream):
                for rij in splitter.feed(chunk):
                    await self._neem(rij)
            for rij in splitter.end():
                await self._neem(rij)
        except (Afgebroken, ClientDisconnect):
            log.warning("delivery_cut_off", rows=self._regel)
            await self._leg_vast(Leveringstatus.AFGEBROKEN)
        except Refusal:
            if self._keys is not None:  # something was committed
                await self._leg_vast(Leveringstatus.AFGEBROKEN)
            raise
        else:
            log.info("delivery_received", rows=self._regel)
            await self._leg_vast(Leveringstatus.VERWERKT)

    async def _neem(self, rij: Rij) -> None:
        self._regel += 1
        try:
            if isinstance(rij, Onleesbaar):
                raise Fout("", rij.code)
            goed = lees(rij, self._opname.afzender.signaalpartner, self._vandaag)
            self._goed.append((self._regel, goed))
        except Fout as fout:
            uitkomst = store.Uitkomst(self._regel, Oordeel.GEWEIGERD, None, fout.veld or None, fout.code)
            self._fout.append((uitkomst, kenmerk_van(rij)))
        if len(self._goed) + len(self._fout) >= ROWS:
            await self._leg_vast(Leveringstatus.BEZIG)

    async def _leg_vast(self, status: Leveringstatus) -> None:
        """Commit what has come in since the last time."""
        if self._keys is None:
            self._keys = await self._runtime.keyring.create([self.id], Soort.LEVERING)
        partner = self._opname.afzender.partner
        crash_point("intake.before_keys")
        stukken, keys = await self._opname.bereid(self._goed)
        crash_point("intake.after_keys")
        geweigerd = [self._verzegeld(uitkomst, kenmerk) for uitkomst, kenmerk in self._fout]
        async with self._runtime.command(self._caller, [partner]) as unit:
            uitkomsten, _ = await self._opname.neem(unit, stukken, keys)
            crash_point("intake.after_decisions")
            uitkomsten += geweigerd
            await store.bewaar_regels(unit.conn, partner, self.id, uitkomsten)
            crash_point("intake.after_verdicts")
            await store.tel(unit.conn, partner, self.id, status, uitkomsten, unit.now)
        crash_point("intake.after_batch")
        self._goed, self._fout = [], []

    def _verzegeld(self, uitkomst: store.Uitkomst, kenmerk: str | None) -> store.Uitkomst:
        if kenmerk is None or self._keys is None:
            return uitkomst
        sealed = self._keys.seal(self.id, regel_id(self.id, uitkomst.regel), kenmerk)
        return store.Uitkomst(uitkomst.regel, uitkomst.oordeel, None, uitkomst.veld, uitkomst.code, str(sealed))


def regel_id(levering_id: UUID, regel: int) -> UUID:
    """What the sealed kenmerk of a refused row is bound to."""
    return derived(levering_id, str(regel))


async def _begrensd(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The body; more than a delivery can be is refused while it arrives, whatever Content-Length says."""
    size = 0
    async for chunk in stream:
        size += len(chunk)
        if size > BYTES:
            raise TooLarge
        yield chunk
