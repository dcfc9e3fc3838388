"""A household in Dordrecht through both tracks of the Drechtsteden to an averted eviction, over HTTP alone.

`python -m tests.drechtsteden` walks it on a PostgreSQL of its own and prints the timeline.
"""

import asyncio
import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from drempel.cli.views import as_table
from libs.chassis.clock import SimulatedClock
from tests.e2e.test_first_signal import PERSON, SIGNAL
from tests.system import Running, running

DORDRECHT, WOONBRON = "0505", "woonbron"
EVENING = time(19, 30)
BEGIN = datetime(2025, 3, 3, 9, tzinfo=UTC)
KIL = {"deurwaarder": "Kil & Partners"}
Says = tuple[str, str, str, dict[str, Any]]

# Day, who, path, and what is posted; `service:act` is about the case, what goes to escalation itself about the last
# signal.
VERLOOP: list[Says] = [
    ("2025-03-03", "partner", "intake/v1/signalen", {"bedrag": 640.00}),
    ("2025-03-06", "consulent", "outreach:contactpogingen", {"soort": "Brief", "bereikt": False}),
    ("2025-03-11", "consulent", "outreach:contactpogingen",
     {"soort": "Telefoon", "bereikt": False, "dagdeel": "Middag"}),
    ("2025-04-01", "partner", "intake/v1/signalen", {"bedrag": 1280.00}),
    ("2025-04-03", "consulent", "outreach:contactpogingen", {"soort": "Brief", "bereikt": False}),
    ("2025-04-04", "consulent", "outreach:contactpogingen",
     {"soort": "Telefoon", "bereikt": False, "tijdstip": "10:15"}),
    ("2025-04-07", "consulent", "outreach:contactpogingen",
     {"soort": "Telefoon", "bereikt": False, "tijdstip": "15:30"}),
    ("2025-04-08", "consulent", "outreach:contactpogingen",
     {"soort": "Telefoon", "middel": "WhatsApp-oproep", "bereikt": False}),
    ("2025-04-08", "consulent", "outreach:contactpogingen", {"soort": "SMS/Whatsapp", "bereikt": False}),
    ("2025-04-10", "sociaalteam", "outreach:contactpogingen",
     {"soort": "Huisbezoek", "bereikt": False, "resultaat": "Niet thuis"}),
    ("2025-04-10", "sociaalteam", "outreach:contactpogingen",
     {"soort": "Kaartje", "middel": "Flyer", "bereikt": False}),
    ("2025-04-15", "sociaalteam", "outreach:contactpogingen",
     {"soort": "Huisbezoek", "bereikt": True, "tijdstip": "19:10", "resultaat": "Gesprek gevoerd"}),
    ("2025-04-15", "sociaalteam", "outreach:hulpacceptaties", {"soort": "Schuldhulpverlening"}),
    ("2025-04-16", "partner", "escalation/v1/incassostanden", {"soort": "Pauze"}),
    ("2025-04-22", "socialedienst", "outreach:gesprekken", {"soort": "Kantoor", "resultaat": "Hulpvraag vastgesteld"}),
    ("2025-05-13", "socialedienst", "outreach:beschikkingen", {"soort": "Toelating", "resultaat": "Toegekend"}),
    ("2025-06-17", "socialedienst", "outreach:hulpbeeindigingen",
     {"soort": "Schuldhulpverlening", "resultaat": "Uitval"}),
    ("2025-06-18", "partner", "escalation/v1/incassostanden", {"soort": "Hervat"}),
    ("2025-07-01", "partner", "intake/v1/signalen", {"bedrag": 1920.00}),
    ("2025-07-08", "partner", "escalation/v1/deurwaarderoverdrachten", KIL | {"fase": "Overgedragen"}),
    ("2025-07-22", "partner", "escalation/v1/deurwaarderoverdrachten", KIL | {"fase": "Dagvaarding"}),
    ("2025-07-24", "partner", "escalation/v1/mpzo-meldingen", {"soort": "Dagvaarding"}),
    ("2025-07-29", "mpzo", "escalation:acties", {"soort": "Bekendheidscheck MASS", "resultaat": "Niet bekend"}),
    ("2025-07-31", "mpzo", "escalation:acties",
     {"soort": "Bemoeizorg", "resultaat": "Aangemeld", "uitvoerder": "Team bemoeizorg"}),
    ("2025-08-20", "partner", "escalation/v1/deurwaarderoverdrachten", KIL | {"fase": "Vonnis"}),
    ("2025-09-01", "partner", "escalation/v1/ontruimingen", {"ontruimingsdatum": "2025-09-15"}),
    ("2025-09-02", "sociaalteam", "outreach:contactpogingen",
     {"soort": "Huisbezoek", "bereikt": True, "resultaat": "Gesprek gevoerd"}),
    ("2025-09-02", "consulent", "outreach/v1/aanmeldingen", {}),
    ("2025-09-02", "socialedienst", "escalation:acties", {"soort": "Crisisprotocol", "resultaat": "Uitgevoerd"}),
    ("2025-09-02", "consulent", "escalation:acties",
     {"soort": "Taakverdeling", "taak": "Casusregie", "uitvoerder": "Sociaal team"}),
    ("2025-09-02", "consulent", "escalation:acties",
     {"soort": "Taakverdeling", "taak": "Uitstel", "uitvoerder": "Sociale dienst"}),
    ("2025-09-03", "socialedienst", "outreach:gesprekken",
     {"soort": "Huisbezoek", "resultaat": "Hulpvraag vastgesteld"}),
    ("2025-09-03", "socialedienst", "outreach:hulpacceptaties", {"soort": "Crisishulp"}),
    ("2025-09-04", "socialedienst", "escalation:moratoria", {"soort": "Fw 287b"}),
    ("2025-09-09", "partner", "escalation:afloop", {"afloop": "Uitgesteld", "nieuweDatum": "2025-10-15"}),
    ("2025-09-10", "socialedienst", "escalation:moratoria", {"soort": "Fw 287b", "resultaat": "Toegewezen"}),
    ("2025-09-11", "partner", "escalation/v1/incassostanden", {"soort": "Pauze"}),
    ("2025-09-23", "socialedienst", "outreach:beschikkingen", {"soort": "Plan van aanpak", "resultaat": "Toegekend"}),
    ("2025-10-01", "partner", "escalation/v1/deurwaarderoverdrachten", KIL | {"fase": "Geregeld"}),
    ("2025-10-02", "partner", "escalation:afloop", {"afloop": "Voorkomen"}),
    ("2025-11-18", "sociaalteam", "outreach:nazorg", {"soort": "Huisbezoek", "resultaat": "Gaat goed"}),
]  # fmt: skip


@dataclass
class Walk:
    """One walk through a running Drempel."""

    drempel: Running
    clock: SimulatedClock
    signaal: str = ""
    zaak: str = ""
    ontruiming: str = ""
    step: int = 0

    async def until(self, day: date | None = None) -> None:
        """Everything that happens from where the clock is, to this day or the end."""
        for when, who, path, body in VERLOOP[self.step :]:
            at = datetime.combine(date.fromisoformat(when), EVENING, UTC)
            if day is not None and at.date() > day:
                return
            self.clock.move_to(max(at, self.clock.now()))
            await self._do(when, who, path, dict(body))
            self.step += 1

    async def _do(self, when: str, who: str, path: str, body: dict[str, Any]) -> None:
        body |= {"aanzegdatum" if path.endswith("ontruimingen") else "datum": when}
        if path.endswith("signalen"):
            body = SIGNAL | body | {"signaaldatum": when}
            del body["datum"]
        elif path == "outreach/v1/aanmeldingen":
            body |= {"zaakId": self.zaak}
        elif "/v1/" in path:
            body |= {"signaalId": self.signaal}
        elif path == "escalation:afloop":
            path = f"escalation/v1/ontruimingen/{self.ontruiming}/afloop"
        else:
            service, act = path.split(":")
            path = f"{service}/v1/zaken/{self.zaak}/{act}"
        partner = WOONBRON if who == "partner" else None
        headers = self.drempel.als(who, *(() if partner else (DORDRECHT,)), partner=partner)
        answer = await self.drempel.http.post(f"/{path}", json=body, headers=headers)
        assert answer.status_code == 201, (when, path, answer.text)
        await self.drempel.rest()
        found = answer.json()
        self.signaal = found.get("signaalId", self.signaal)
        self.ontruiming = found.get("ontruimingId", self.ontruiming)
        if not self.zaak:
            self.zaak = (await self.get(f"matching/v1/signalen/{self.signaal}"))["zaakId"]

    async def get(self, path: str, who: str = "consulent", **more: Any) -> Any:
        """What somebody of Dordrecht reads."""
        gemeenten = () if more else (DORDRECHT,)
        answer = await self.drempel.http.get(f"/{path}", headers=self.drempel.als(who, *gemeenten, **more))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def timeline(self, moment: str = "") -> dict[str, Any]:
        """The case as monitoring tells it, now or at a moment."""
        query = f"?opTijdstip={moment}" if moment else ""
        found: dict[str, Any] = await self.get(f"monitoring/v1/zaken/{self.zaak}/tijdlijn{query}")
        return found

    async def breached(self, number: int) -> None:
        """Wait until the clock has said so many breaches."""
        for _ in range(300):
            if [e["type"] for e in (await self.timeline())["gebeurtenissen"]].count("TermBreached") >= number:
                return
            await asyncio.sleep(0.1)
        raise AssertionError("the clock says nothing")


def persons(folder: Path) -> Path:
    """A BRP with one person."""
    path = folder / "personen.json"
    path.write_text(json.dumps([PERSON]))
    return path


async def _printed(folder: Path) -> None:
    clock = SimulatedClock(BEGIN)
    async with running(folder / "data", clock=clock, brp_personen=persons(folder)) as drempel:
        walk = Walk(drempel, clock)
        await walk.until()
        await walk.breached(1)
        from rich.console import Console

        Console(width=150).print(as_table(await walk.timeline()))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(_printed(Path(name)))
