"""The play itself: day by day partners deliver and act, week by week officials and caseworkers look at their lists."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from time import monotonic
from typing import Any

from drempel.demo.agenda import Agenda, weken
from drempel.demo.doors import Doors
from drempel.demo.desks import Desks
from drempel.demo.register import Register
from drempel.region.acts import Act
from drempel.region.leveringen import Levering
from drempel.region.signalen import Signaalstroom
from libs.chassis.auth import Rol
from libs.chassis.clock import SimulatedClock

OCHTEND = time(9, 0, tzinfo=UTC)
PATIENCE = 60.0
"""Seconds the chain may take to come to rest without getting any nearer to it."""
LOOK = 0.02
VERWACHT = {"levering": "aangenomen", "herzending": "dubbel", "correctie": "gecorrigeerd"}
TE_LAAT = 409
"""A caseworker's act on a case that has ended meanwhile is refused, and rightly so."""


class PlayFailed(Exception):
    """Something did not go as it should; the text says what, without personal data."""


class Play:
    """One play on one running system. `step` is called with what was done, for the progress bar."""

    def __init__(self, doors: Doors, clock: SimulatedClock, stroom: Signaalstroom, seed: int) -> None:
        self._doors, self._clock, self._stroom = doors, clock, stroom
        self._agenda = Agenda()
        self.register = Register(stroom)
        self._desks = Desks(doors, self.register, stroom, seed)
        self._ontruimingen: dict[str, str] = {}
        self.gedaan: Counter[str] = Counter()
        self._week = 0

    async def maand(self, periode: str, step: Callable[[str], None]) -> None:
        """Play one month (yyyy-mm); raises PlayFailed, or httpx.HTTPError when the system is gone."""
        maand = self._stroom.maand(periode)
        self._agenda.plan(maand.leveringen, maand.acts)
        for einde in weken(periode):
            for dag, leveringen, acts in self._agenda.neem(tot=einde):
                self._clock.move_to(max(datetime.combine(dag, OCHTEND), self._clock.now()))
                await self._dag(leveringen, acts)
            await self._aan_tafel(einde - timedelta(days=1))
            step(f"{einde - timedelta(days=1):%d-%m-%Y}")

    async def _dag(self, leveringen: list[Levering], acts: list[Act]) -> None:
        await _all(self._lever(levering) for levering in leveringen)
        for rol in ("partner", "consulent"):
            van_rol = sorted((act for act in acts if act.rol == rol), key=_wie)
            await _all(self._na_elkaar(list(groep)) for _, groep in groupby(van_rol, key=_wie))

    async def _aan_tafel(self, dag: date) -> None:
        """At the end of a week: everything has arrived; the review queue and the work lists are gone through."""
        self._week += 1
        await self.rest()
        self._clock.move_to(max(datetime.combine(dag, time(16, 0, tzinfo=UTC)), self._clock.now()))
        if await self._desks.uitval(self._week, self.gedaan):
            await self.rest()
        self._agenda.plan(acts=await self._desks.werkvoorraad(dag))

    async def _lever(self, levering: Levering) -> None:
        inhoud, soort = levering.inhoud(), {"Content-Type": levering.media_type}
        wie: dict[str, Any] = {"rol": Rol.PARTNER, "partner": levering.partner.key}
        answer = await self._doors.call("POST", "/intake/v1/leveringen", content=inhoud, headers=soort, **wie)
        if answer.status_code != 202:
            raise PlayFailed(f"delivery {levering.bestandsnaam} was refused: {problem(answer)}")
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
        pad, body = self._ingevuld(act)
        if act.rol == "partner":
            answer = await self._doors.call("POST", pad, Rol.PARTNER, partner=act.partner, json=body)
        else:
            gemeenten = (str(act.gemeentecode),)
            answer = await self._doors.call("POST", pad, Rol.CONSULENT, gemeenten=gemeenten, json=body)
        soort = act.pad.rpartition("/")[2]
        if answer.status_code == TE_LAAT and act.zaak_id:
            self.gedaan["te laat"] += 1
            self._agenda.schrap(act.zaak_id)
            return
        if answer.status_code >= 300:
            raise PlayFailed(f"{soort} ({act.body.get('fase') or act.body.get('soort') or ''}): {problem(answer)}")
        self.gedaan[soort] += 1
        if act.ontruiming and "aanzegdatum" in act.body:
            self._ontruimingen[act.ontruiming] = answer.headers["Location"].rpartition("/")[2]
        if soort == "hulpacceptaties" and act.zaak_id:
            self.register.geholpen(act.zaak_id)

    def _ingevuld(self, act: Act) -> tuple[str, dict[str, Any]]:
        ids = {"zaakId": act.zaak_id or "", "id": self._ontruimingen.get(act.ontruiming or "", "")}
        if act.partner and act.kenmerk and act.periode:
            ids["signaalId"] = self.register.signaal(act.partner, act.kenmerk, act.periode)
        body = {naam: waarde.format(**ids) if waarde == "{signaalId}" else waarde for naam, waarde in act.body.items()}
        return act.pad.format(**ids), body

    async def rest(self) -> None:
        """Wait until nothing is under way; raises PlayFailed when events were parked or it takes too long."""
        behind, since = -1, monotonic()
        while True:
            consumers = await self._doors.consumers()
            parked = {name: one["geparkeerd"] for name, one in consumers.items() if one["geparkeerd"]}
            if parked:
                raise PlayFailed("events were parked: " + ", ".join(f"{n} ({k})" for k, n in parked.items()))
            lag = sum(one["lag"] for one in consumers.values())
            if not lag:
                return
            if lag != behind:
                behind, since = lag, monotonic()
            elif monotonic() - since > PATIENCE:
                waits = {name: one.get("wachtOp") for name, one in consumers.items() if one["lag"]}
                raise PlayFailed(f"not at rest after {PATIENCE:.0f} s: {waits}")
            await asyncio.sleep(LOOK)


def problem(answer: Any) -> str:
    """Status, code and fields of a problem; a problem never holds what was sent."""
    try:
        body = answer.json()
        fields = [f"{one['name']}: {one['code']}" for one in body.get("invalidParams", ())]
        return " ".join(map(str, (answer.status_code, body.get("code", ""), *fields)))
    except (ValueError, AttributeError):
        return str(answer.status_code)


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
