"""The desks of officials and caseworkers: the review queue and the work list of each municipality once a week, and what
threatens a household on the day itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from pydantic import TypeAdapter

from drempel.demo.agenda import Agenda
from drempel.demo.doors import Doors, Refused
from drempel.demo.register import Register
from drempel.region.acts import Act
from drempel.region.consulenten import Opdracht, afgedaan, plan
from drempel.region.signalen import Signaalstroom
from drempel.region.uitval import besluit
from libs.chassis.auth import Rol
from libs.events.values import Eindresultaat, Intrekkingsreden, Stap

_STAPPEN = TypeAdapter(tuple[Stap, ...])
_INGETROKKEN = {Intrekkingsreden.ONTERECHT: Eindresultaat.NIET_OPGEPAKT_ONTERECHT}
DREIGT = "Eerste gesprek bij bedreigende situatie"
"""The term of Wgs art. 4 that is too short for a desk that is looked at once a week."""
_WEEK = timedelta(days=7)
_NA_ACCEPTATIE = ("gesprekken", "beschikkingen", "hulpbeeindigingen", "nazorg")


class Desks:
    """Reads over HTTP, decides by seed and by what is stable, and puts acts on the agenda."""

    def __init__(
        self,
        doors: Doors,
        register: Register,
        stroom: Signaalstroom,
        agenda: Agenda,
        gemeenten: Sequence[str],
        seed: int,
    ) -> None:
        self._doors, self._register, self._stroom, self._agenda = doors, register, stroom, agenda
        self._gemeenten, self._seed = tuple(gemeenten), seed
        self._rondes: Counter[str] = Counter()
        self._in_traject: set[str] = set()
        self._gezien: set[str] = set()

    async def uitval(self, week: int) -> int:
        """Officials take decisions on what waits in the review queue; says how many."""
        genomen = 0
        wie: dict[str, Any] = {"rol": Rol.COORDINATOR, "gemeenten": self._gemeenten}
        for rij in [rij async for rij in self._doors.rows("uitval", "/matching/v1/uitval?paginaGrootte=500", **wie)]:
            signaal_id = str(rij["signaalId"])
            achterstand, periode = self._register.achterstand(signaal_id), self._register.periode(signaal_id)
            body = besluit(self._seed, achterstand, periode, week)
            if body is not None:
                pad = f"/matching/v1/uitval/{signaal_id}/besluiten"
                answer = await self._doors.call("POST", pad, json=body, **wie)
                if answer.status_code >= 300:
                    raise Refused(f"decision {body['besluit']} on the review queue", answer)
                genomen += 1
        return genomen

    async def werkvoorraad(self, dag: date) -> None:
        """Every caseworker takes up what is new on the work list of their municipality."""
        for code in self._gemeenten:
            pad = f"/outreach/v1/werkvoorraad?gemeentecode={code}&paginaGrootte=500"
            async for rij in self._doors.rows("werkvoorraad", pad, Rol.CONSULENT, gemeenten=(code,)):
                self._bekijk(rij, dag)

    async def dreigend(self, dag: date) -> None:
        """What can't wait for the end of the week: the teams look at the terms of law that end within days, and take
        up those meldingen at once. (Who is to be evicted is with the crisis team already.)"""
        pad = f"/escalation/v1/termijnen?uiterlijkVoor={dag + _WEEK}&paginaGrootte=500"
        wie: dict[str, Any] = {"rol": Rol.COORDINATOR, "gemeenten": self._gemeenten}
        termijnen = [een async for een in self._doors.rows("termijnen", pad, **wie)]
        nieuw = [een for een in termijnen if een["termijn"] == DREIGT and een["termijnId"] not in self._gezien]
        self._gezien.update(een["termijnId"] for een in nieuw)
        zaken = {str(een["zaakId"]) for een in nieuw}
        for code in sorted({een["gemeentecode"] for een in nieuw}):
            pad = f"/outreach/v1/werkvoorraad?gemeentecode={code}&paginaGrootte=500"
            async for rij in self._doors.rows("werkvoorraad", pad, Rol.CONSULENT, gemeenten=(code,)):
                crisis = any(een["crisissignaal"] and not een["ingetrokken"] for een in rij["signalen"])
                if crisis and str(rij["zaakId"]) in zaken and rij["status"] == "Opgepakt":
                    self._agenda.schrap(str(rij["zaakId"]), str(rij["meldingId"]))
                    self._bekijk(rij, dag, dreigt=True)

    def _bekijk(self, rij: dict[str, Any], dag: date, *, dreigt: bool = False) -> None:
        zaak_id, melding_id = str(rij["zaakId"]), str(rij["meldingId"])
        signalen = [str(een["signaalId"]) for een in rij["signalen"]]
        self._register.in_zaak(zaak_id, rij["gemeentecode"], signalen)
        if rij["gesloten"]:
            return  # on the list for an eviction: the crisis team has it
        if rij["ingetrokken"]:
            self._agenda.schrap(zaak_id, melding_id)
            redenen = {een["ingetrokken"] for een in rij["signalen"]}
            resultaat = _INGETROKKEN.get(min(redenen), Eindresultaat.ZELF_BETAALD)
            self._agenda.plan(acts=afgedaan(self._opdracht(rij, signalen, dag), dag, resultaat))
        elif rij["status"] == "Opgepakt" and not self._agenda.wacht(zaak_id, melding_id):
            opdracht = replace(self._opdracht(rij, signalen, dag), dreigt=dreigt)
            self._agenda.plan(acts=self._op(opdracht, rij["hulp"], dag))

    def _op(self, opdracht: Opdracht, hulp: str | None, dag: date) -> list[Act]:
        """The plan for a melding; where help is given already that is said, and one course of help is enough."""
        if hulp == "Aanvaard":
            return afgedaan(opdracht, dag, Eindresultaat.ANDER_TRAJECT)
        acts, geholpen = plan(self._seed, opdracht, dag)
        if geholpen and opdracht.zaak_id in self._in_traject:
            later = _NA_ACCEPTATIE[1:] if opdracht.dreigt else _NA_ACCEPTATIE
            return [act for act in acts if act.pad.rpartition("/")[2] not in later and "zaak" not in act.body]
        if geholpen:
            self._in_traject.add(opdracht.zaak_id)
        return acts

    def _opdracht(self, rij: dict[str, Any], signalen: list[str], dag: date) -> Opdracht:
        achterstand = min((self._register.achterstand(een) for een in signalen), key=lambda een: een.kenmerk)
        bereikbaar, ladder = self._stroom.bewoner(achterstand)
        melding_id = str(rij["meldingId"])
        ronde, self._rondes[melding_id] = self._rondes[melding_id], self._rondes[melding_id] + 1
        wie = achterstand.zaak_huishouden if achterstand.zaak_huishouden is not None else achterstand.kenmerk
        return Opdracht(
            sleutel=f"{wie}/{rij['periode']}/{ronde}",
            zaak_id=str(rij["zaakId"]),
            melding_id=melding_id,
            gemeentecode=rij["gemeentecode"],
            stappen=_STAPPEN.validate_python(rij["stappen"]),
            leeftijd=(dag - achterstand.geboren).days * 4 // 1461,
            bereikbaar=bereikbaar,
            plus=bool(rij["signaleringPlus"]),
            sluit_zaak=not ladder,
        )
