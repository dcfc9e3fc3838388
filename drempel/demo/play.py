"""The play itself: day by day partners deliver and act, week by week officials and caseworkers look at their lists."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from time import monotonic
from typing import Any

from drempel.demo.agenda import Agenda, weken
from drempel.demo.desks import Desks
from drempel.demo.doors import Doors, PlayFailed, Refused, code_of
from drempel.demo.register import Register
from drempel.region.acts import Act
from drempel.region.leveringen import Levering
from drempel.region.signalen import Signaalstroom
from libs.chassis.auth import Rol
from libs.chassis.clock import SimulatedClock

OCHTEND, AVOND = time(9, 0, tzinfo=UTC), time(19, 0, tzinfo=UTC)
"""When deliveries come in, and when everybody has told what was done that day."""
PATIENCE = 60.0
"""Seconds the chain may take to come to rest without getting any nearer to it."""
LOOK = 0.02
TERMIJNEN = "escalation.ladder"
"""Who keeps the terms. An act that is heard when the clock has moved on comes after the breach it prevented."""
VERWACHT = {"levering": "aangenomen", "herzending": "dubbel", "correctie": "gecorrigeerd"}
BEEINDIGD = ("zaakBeeindigd", "zaakAfgesloten", "ontruimingDreigt")
"""An act on a case that has ended meanwhile is refused, and rightly so; and closing one whose household is to be
evicted."""


class Play:
    """One play on one running system; `gedaan` counts what was done."""

    def __init__(
        self, doors: Doors, clock: SimulatedClock, stroom: Signaalstroom, gemeenten: Sequence[str], seed: int
    ) -> None:
        self._doors, self._clock, self._stroom = doors, clock, stroom
        self._gemeenten = tuple(gemeenten)
        self._agenda = Agenda()
        self.register = Register(stroom)
        self._desks = Desks(doors, self.register, stroom, self._agenda, gemeenten, seed)
        self._ontruimingen: dict[str, str] = {}
        self.gedaan: Counter[str] = Counter()
        self._week = 0

    async def maand(self, periode: str, step: Callable[[date], None]) -> None:
        """Play one month (yyyy-mm), calling `step` with the last day of each week.

        Raises PlayFailed, or httpx.HTTPError when the system is gone.
        """
        maand = self._stroom.maand(periode)
        self._agenda.plan(maand.leveringen, maand.acts)
        for einde in weken(periode):
            for dag, leveringen, acts in self._agenda.neem(tot=einde):
                self._het_is(dag, OCHTEND)
                await self._dag(dag, leveringen, acts)
            await self._aan_tafel(einde - timedelta(days=1))
            step(einde - timedelta(days=1))

    def stand(self) -> str:
        """What was done until now, in one line."""
        gedaan = self.gedaan
        regels = sum(aantal for soort, aantal in gedaan.items() if soort.startswith("regels "))
        return (
            f"{regels} regels, {gedaan['contactpogingen']} contactpogingen, {gedaan['hulpacceptaties']} keer hulp, "
            f"{gedaan['deurwaarderoverdrachten']} deurwaarder, {gedaan['ontruimingen']} ontruiming"
        )

    async def zaak_van_de_uitzetting(self) -> str | None:
        """The case of the household whose eviction was carried out; None where the play was too short for one."""
        signalen = self.register.vast("Uitgevoerd")
        return (await self._zaak(signalen[-1]))[0] if signalen and self.gedaan["afloop"] else None

    def _het_is(self, dag: date, uur: time) -> None:
        self._clock.move_to(max(datetime.combine(dag, uur), self._clock.now()))

    async def _dag(self, dag: date, leveringen: list[Levering], acts: list[Act]) -> None:
        for levering in leveringen:  # one after another, so that the order of intake's log is the same in every run
            await self._lever(levering)
        if leveringen:
            await self.rest()  # what follows from a delivery is recorded on its day
            await self._desks.dreigend(dag)
        self._het_is(dag, AVOND)
        for rol in (Rol.PARTNER, Rol.CONSULENT, Rol.MPZO):
            van_rol = sorted((act for act in acts if act.rol == rol), key=_wie)
            await _all(self._na_elkaar(list(groep)) for _, groep in groupby(van_rol, key=_wie))
        if any(not act.pad.endswith("contactpogingen") for act in acts):
            await self.rest(only=TERMIJNEN)  # the day is over: what was done in time is heard before the next begins

    async def _aan_tafel(self, dag: date) -> None:
        """At the end of a week: everything has arrived; the review queue and the work lists are gone through."""
        self._week += 1
        await self.rest()
        self._het_is(dag, AVOND)
        if besloten := await self._desks.uitval(self._week):
            self.gedaan["besluiten"] += besloten
            await self.rest()
        await self._desks.dreigend(dag)  # also what the review queue held up
        await self._desks.werkvoorraad(dag)

    async def _lever(self, levering: Levering) -> None:
        inhoud, soort = levering.inhoud(), {"Content-Type": levering.media_type}
        wie: dict[str, Any] = {"rol": Rol.PARTNER, "partner": levering.partner.key}
        answer = await self._doors.call("POST", "/intake/v1/leveringen", content=inhoud, headers=soort, **wie)
        if answer.status_code != 202:
            raise Refused(f"delivery {levering.bestandsnaam}", answer)
        pad = f"{answer.headers['Location']}/regels?paginaGrootte=500"
        verdicts = [regel async for regel in self._doors.rows("regels", pad, **wie)]
        if len(verdicts) != len(levering.records):
            raise PlayFailed(f"{levering.bestandsnaam}: {len(verdicts)} verdicts for {len(levering.records)} rows")
        for regel in verdicts:
            self._oordeel(levering, regel)

    def _oordeel(self, levering: Levering, regel: dict[str, Any]) -> None:
        plaats = int(regel["regel"]) - 1
        verwacht = "geweigerd" if plaats in levering.geweigerd else VERWACHT[levering.aard]
        if regel["oordeel"] != verwacht:
            gevonden = f"{regel['oordeel']} {regel.get('veld') or ''} {regel.get('code') or ''}".strip()
            raise PlayFailed(f"{levering.bestandsnaam} row {plaats + 1}: {gevonden}, expected {verwacht}")
        self.gedaan[f"regels {regel['oordeel']}"] += 1
        if regel["oordeel"] == "aangenomen":
            kenmerk = levering.records[plaats]["kenmerk"]
            self.register.bekend(regel["signaalId"], levering.partner.key, kenmerk, levering.periode)

    async def _na_elkaar(self, acts: list[Act]) -> None:
        for act in acts:
            await self._doe(act)

    async def _doe(self, act: Act) -> None:
        soort = act.pad.rpartition("/")[2]
        pad, body, wie = await self._ingevuld(act)
        answer = await self._doors.call("POST", pad, Rol(act.rol), json=body, **wie)
        if act.rol != Rol.PARTNER and code_of(answer) in BEEINDIGD:
            self.gedaan["te laat"] += 1
            self._agenda.schrap(act.zaak_id or "")
            return
        if answer.status_code >= 300:
            raise Refused(f"{soort} {act.body.get('fase') or act.body.get('soort') or ''}".strip(), answer)
        self.gedaan[soort] += 1
        if act.ontruiming and "aanzegdatum" in act.body:
            self._ontruimingen[act.ontruiming] = answer.headers["Location"].rpartition("/")[2]
        if soort == "hulpacceptaties":
            self.register.geholpen(pad.split("/")[4])

    async def _ingevuld(self, act: Act) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Path and body with the ids of this run in them, and whom the caller stands for."""
        ids = {"id": self._ontruimingen.get(act.ontruiming or "", ""), "zaakId": act.zaak_id or ""}
        gemeentecode = act.gemeentecode or ""
        if act.partner and act.kenmerk and act.periode:
            ids["signaalId"] = self.register.signaal(act.partner, act.kenmerk, act.periode)
            if "{zaakId}" in act.pad:
                ids["zaakId"], gemeentecode = await self._zaak(ids["signaalId"])
        body = {naam: ids["signaalId"] if waarde == "{signaalId}" else waarde for naam, waarde in act.body.items()}
        wie = {"partner": act.partner} if act.rol == Rol.PARTNER else {"gemeenten": (gemeentecode,)}
        return act.pad.format(**ids), body, wie

    async def _zaak(self, signaal_id: str) -> tuple[str, str]:
        """Case and municipality of a signal, from a work list that showed it or as matching answers."""
        if (bekend := self.register.zaak(signaal_id)) is not None:
            return bekend
        pad = f"/matching/v1/signalen/{signaal_id}"
        answer = await self._doors.call("GET", pad, Rol.COORDINATOR, gemeenten=self._gemeenten)
        if answer.status_code != 200:
            raise Refused("asking for the case of a signal", answer)
        found = answer.json()
        if not found.get("zaakId"):
            raise PlayFailed(f"a household that is to be evicted has no case: {found['status']}")
        self.register.in_zaak(found["zaakId"], found["gemeentecode"], [signaal_id])
        return found["zaakId"], found["gemeentecode"]

    async def rest(self, only: str | None = None) -> None:
        """Wait until nothing is under way, for any consumer or for only this one; raises PlayFailed when events were
        parked or it takes too long."""
        behind, since = -1, monotonic()
        while True:
            consumers = await self._doors.consumers()
            parked = {name: one["geparkeerd"] for name, one in consumers.items() if one["geparkeerd"]}
            if parked:
                raise PlayFailed("events were parked: " + ", ".join(f"{name} ({n})" for name, n in parked.items()))
            lag = sum(one["lag"] for name, one in consumers.items() if only in (None, name))
            if not lag:
                return
            if lag != behind:
                behind, since = lag, monotonic()
            elif monotonic() - since > PATIENCE:
                waits = {name: one.get("wachtOp") for name, one in consumers.items() if one["lag"]}
                raise PlayFailed(f"not at rest after {PATIENCE:.0f} s: {waits}")
            await asyncio.sleep(LOOK)


def _wie(act: Act) -> tuple[str, str]:
    return (act.zaak_id, "") if act.zaak_id else (str(act.partner), str(act.kenmerk))


async def _all(work: Iterable[Awaitable[None]]) -> None:
    """All of it; the first failure ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(_run(one))
    except* Exception as failed:
        raise failed.exceptions[0] from None


async def _run(work: Awaitable[None]) -> None:
    await work
