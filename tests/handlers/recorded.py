"""A small quiet run of the whole chain, recorded: what six services say of a handful of households.

The schedules with the real handlers (tests/handlers/schedule.py) are made of slices of it. Everything is sent over HTTP
to a running Drempel, a day at a time; the database it ends in is a template.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from libs.chassis.clock import SimulatedClock
from libs.chassis.settings import SERVICES
from libs.events.ports import Delivery
from services.routing.beleid import meegeleverd
from tests.intake import signaal
from tests.matching import persoon, schrijf
from tests.system import Running, fresh_database, running

GEMEENTE = "0505"
BEGIN = datetime(2025, 3, 3, 9, tzinfo=UTC)
END = datetime(2025, 12, 31, 9, tzinfo=UTC)
"""It is always this moment in a schedule."""

NAMEN = ("Dijk", "Bakker", "Smit", "Visser", "Mulder", "Bos")
BSNS = ("999990019", "999990020", "999990032", "999990044", "999990056", "999990068")
KIL = {"deurwaarder": "Kil & Partners"}

Says = tuple[str, str, str, str, dict[str, Any]]
"""Day, household, who, what, and the body. `service:act` is about the case, `escalation/...` about the last signal."""

STORY: list[Says] = [
    # A household that is helped, is heard of again, and comes back a year later.
    ("2025-03-03", "Dijk", "woonbron", "signaal", {}),
    ("2025-03-04", "Dijk", "trivire", "signaal", {"bedrag": 300.0}),
    ("2025-03-05", "Dijk", "woonbron", "signaal", {"bedrag": 999.5}),
    ("2025-03-05", "Dijk", "consulent", "outreach:contactpogingen", {"soort": "Telefoon", "bereikt": False}),
    ("2025-03-10", "Dijk", "consulent", "outreach:contactpogingen", {"soort": "Huisbezoek", "bereikt": True}),
    ("2025-03-10", "Dijk", "consulent", "outreach:hulpacceptaties", {"soort": "Schuldhulpverlening"}),
    ("2025-03-10", "Dijk", "woonbron", "escalation/v1/incassostanden", {"soort": "Pauze"}),
    ("2025-04-01", "Dijk", "woonbron", "signaal", {"bedrag": 1400.0}),
    ("2025-04-02", "Dijk", "socialedienst", "outreach:gesprekken", {"soort": "Kantoor"}),
    ("2025-04-02", "Dijk", "socialedienst", "outreach:beschikkingen", {"soort": "Toelating", "resultaat": "Toegekend"}),
    ("2025-05-02", "Dijk", "socialedienst", "outreach:hulpbeeindigingen", {"soort": "Schuldhulpverlening"}),
    ("2025-05-03", "Dijk", "consulent", "outreach:afsluitingen",
     {"resultaat": "Vervolghulp en/of verwijzing financieel", "zaak": True}),
    ("2025-09-01", "Dijk", "woonbron", "signaal", {"bedrag": 500.0}),
    # One that is taken to court; the eviction is postponed, and averted.
    ("2025-03-03", "Bakker", "woonbron", "signaal", {}),
    ("2025-03-05", "Bakker", "consulent", "outreach:afwijzingen", {"reden": "Regelt het zelf"}),
    ("2025-04-01", "Bakker", "woonbron", "signaal", {"bedrag": 1280.0}),
    ("2025-04-02", "Bakker", "woonbron", "escalation/v1/deurwaarderoverdrachten", KIL | {"fase": "Overgedragen"}),
    ("2025-05-02", "Bakker", "woonbron", "escalation/v1/deurwaarderoverdrachten", KIL | {"fase": "Vonnis"}),
    ("2025-05-03", "Bakker", "woonbron", "escalation/v1/ontruimingen", {"ontruimingsdatum": "2025-05-20"}),
    ("2025-05-05", "Bakker", "woonbron", "escalation:afloop", {"afloop": "Uitgesteld", "nieuweDatum": "2025-06-15"}),
    ("2025-05-06", "Bakker", "consulent", "outreach:hulpacceptaties", {"soort": "Crisishulp"}),
    ("2025-06-01", "Bakker", "woonbron", "escalation:afloop", {"afloop": "Voorkomen"}),
    # One that is evicted, and lives there again.
    ("2025-03-03", "Smit", "woonbron", "signaal", {}),
    ("2025-03-05", "Smit", "woonbron", "escalation/v1/ontruimingen", {"ontruimingsdatum": "2025-03-20"}),
    ("2025-04-01", "Smit", "woonbron", "escalation:afloop", {"afloop": "Uitgevoerd"}),
    ("2025-05-02", "Smit", "trivire", "signaal", {}),
    ("2025-05-03", "Smit", "trivire", "intrekking", {"reden": "Betaald"}),
    # One that came by itself, before its landlord told of it.
    ("2025-03-03", "Visser", "consulent", "aanmelding", {}),
    ("2025-03-05", "Visser", "woonbron", "signaal", {}),
    ("2025-03-10", "Visser", "consulent", "outreach:contactpogingen", {"soort": "Telefoon", "bereikt": True}),
    ("2025-04-01", "Visser", "consulent", "outreach:afsluitingen",
     {"resultaat": "(Budget)advies en/of quick fix"}),
    ("2025-04-02", "Visser", "trivire", "signaal", {}),
    # Somebody the BRP does not know by that name; handed over before an official finds who it is.
    ("2025-03-03", "Niemand", "woonbron", "signaal", {}),
    ("2025-03-04", "Niemand", "woonbron", "escalation/v1/deurwaarderoverdrachten", KIL | {"fase": "Dagvaarding"}),
    ("2025-03-05", "Niemand", "consulent", "koppel", {"besluit": "Gekoppeld", "burgerservicenummer": BSNS[4]}),
    ("2025-03-10", "Niemand", "consulent", "outreach:contactpogingen", {"soort": "Brief", "bereikt": False}),
    ("2025-04-01", "Mulder", "trivire", "signaal", {}),
    ("2025-04-02", "Mulder", "trivire", "signaal", {"bedrag": 120.0}),
    # Two at one address, of whom one turns out to live with the other: its case moves.
    ("2025-03-03", "Bos", "woonbron", "signaal", {}),
    ("2025-03-04", "Bos", "trivire", "signaal", {"client": {"achternaam": "Niets"}}),
    ("2025-03-10", "Bos", "trivire", "signaal", {}),
    ("2025-04-01", "Bos", "woonbron", "intrekking", {"reden": "Onterecht"}),
    ("2025-05-02", "Bos", "woonbron", "signaal", {"bedrag": 700.0}),
]  # fmt: skip


@dataclass
class _Household:
    """What a client remembers of one."""

    name: str
    signalen: dict[str, str] = field(default_factory=dict)
    last: str = ""
    zaak: str = ""
    ontruiming: str = ""

    @property
    def client(self) -> dict[str, Any]:
        """As a partner knows it."""
        n = (*NAMEN, "Niemand").index(self.name) % len(NAMEN)
        return {"voorvoegsel": None, "achternaam": self.name, "geboortedatum": f"198{n}-06-15",
                "huisnummer": 10 + n, "huisnummertoevoeging": None}  # fmt: skip


async def _tell(drempel: Running, huis: _Household, day: str, who: str, what: str, body: dict[str, Any]) -> None:
    """One line of the story."""
    dated = {"datum": day, **body}
    if what == "signaal":
        path, dated = "intake/v1/signalen", _signaal(huis, who, day, body)
    elif what == "intrekking":
        path = f"intake/v1/signalen/{huis.signalen[who]}/intrekkingen"
    elif what == "aanmelding":
        client = {name: value for name, value in huis.client.items() if value} | {"postcode": "3311AB"}
        path, dated = "outreach/v1/aanmeldingen", dated | {"gemeentecode": GEMEENTE, "client": client}
    elif what == "koppel":
        path, dated = f"matching/v1/uitval/{huis.last}/besluiten", body
    elif what == "escalation:afloop":
        path = f"escalation/v1/ontruimingen/{huis.ontruiming}/afloop"
    elif "/v1/" in what:
        path = what
        dated = {"aanzegdatum" if what.endswith("ontruimingen") else "datum": day, "signaalId": huis.last, **body}
    else:
        service, act = what.split(":")
        path = f"{service}/v1/zaken/{await _zaak(drempel, huis)}/{act}"
    partner = who if who in ("woonbron", "trivire") else None
    headers = drempel.als("partner", partner=partner) if partner else drempel.als(who, GEMEENTE)
    answer = await drempel.http.post(f"/{path}", json=dated, headers=headers)
    assert answer.status_code in (200, 201), (huis.name, day, path, answer.text)
    found = answer.json()
    if what == "signaal":
        huis.last = huis.signalen[who] = found["signaalId"]
    huis.ontruiming = found.get("ontruimingId", huis.ontruiming)


def _signaal(huis: _Household, partner: str, day: str, body: dict[str, Any]) -> dict[str, Any]:
    """A signal; a second one of the same month is a correction."""
    client = huis.client | body.get("client", {})
    days = {"signaaldatum": f"{day[:7]}-03" if day >= f"{day[:7]}-03" else day, "ontstaansdatum": "2025-01-01"}
    rest = {name: value for name, value in body.items() if name != "client"}
    found: dict[str, Any] = signaal(client, kenmerk=f"{huis.name}-{partner}", **days, **rest)
    return found


async def _zaak(drempel: Running, huis: _Household) -> str:
    """The case of the household: that of its last signal."""
    if huis.last:
        headers = drempel.als("consulent", GEMEENTE)
        answer = await drempel.http.get(f"/matching/v1/signalen/{huis.last}", headers=headers)
        huis.zaak = answer.json().get("zaakId") or huis.zaak
    assert huis.zaak, huis.name
    return huis.zaak


async def _publish(drempel: Running, versie: str, day: str, **agreed: Any) -> None:
    document = meegeleverd().voor(GEMEENTE).model_dump(mode="json", by_alias=True, exclude_none=True)
    document |= {"versie": versie, "geldigVanaf": day, "afspraken": agreed}
    headers = drempel.als("beleid", GEMEENTE)
    answer = await drempel.http.post(f"/routing/v1/beleid/{GEMEENTE}/versies", json=document, headers=headers)
    assert answer.status_code == 201, answer.text


async def _told(drempel: Running, clock: SimulatedClock) -> tuple[UUID, ...]:
    days: defaultdict[str, defaultdict[str, list[Says]]] = defaultdict(lambda: defaultdict(list))
    for line in STORY:
        days[line[0]][line[1]].append(line)
    huizen = {name: _Household(name) for name in dict.fromkeys(line[1] for line in STORY)}

    async def one(lines: Sequence[Says]) -> None:
        for day, name, who, what, body in lines:
            await _tell(drempel, huizen[name], day, who, what, body)

    await _publish(drempel, "sim-1", BEGIN.date().isoformat())
    for n, day in enumerate(sorted(days)):
        moment = datetime.combine(date.fromisoformat(day), BEGIN.time(), UTC)
        clock.move_to(max(moment, clock.now()))
        if n == 3:
            await _publish(drempel, "sim-2", day)
        for lines in days[day].values():
            await one(lines)
        await drempel.rest()
    clock.move_to(END)
    return tuple(UUID(huis.last) for huis in huizen.values())


@dataclass(frozen=True)
class Recording:
    """A database in which it all happened, in the PostgreSQL of `folder`; nobody is connected to it."""

    folder: Path
    url: str
    personen: Path
    huizen: tuple[UUID, ...]
    """A signal of each household, in the order of the story: ids differ from one recording to the next."""


@asynccontextmanager
async def recorded(folder: Path, scratch: Path) -> AsyncIterator[Recording]:
    """Tell the story to a running Drempel; what it leaves is there until the end of the block."""
    mensen = [persoon(BSNS[n], naam, f"198{n}-06-15", adres=("3311AB", 10 + n, "", "")) for n, naam in enumerate(NAMEN)]
    personen = schrijf(scratch, mensen)
    async with fresh_database(folder) as url:
        clock = SimulatedClock(BEGIN)
        async with running(folder, clock=clock, admin_url=url, brp_personen=personen) as drempel:
            huizen = await _told(drempel, clock)
        yield Recording(folder, url, personen, huizen)


Logs = Mapping[str, Sequence[Delivery]]
"""What each service said."""


async def logs_of(conn: asyncpg.Connection) -> Logs:
    """Everything that was said."""
    found = {}
    for service in SERVICES:
        rows = await conn.fetch(f"SELECT position, stream, type, envelope FROM {service}.log ORDER BY position")
        found[service] = [Delivery(*row) for row in rows]
    return found


_IDS = ("signaal_id", "zaak_id", "naar_zaak_id", "vorige_zaak_id", "melding_id", "aanmelding_id", "ontruiming_id")


def households(logs: Logs, huizen: Sequence[UUID]) -> list[frozenset[UUID]]:
    """The ids that belong together, a set for each household; two that became one are one."""
    sets: list[set[UUID]] = []
    for delivery in (one for log in logs.values() for one in log):
        ids = ids_of(delivery)
        joined = [one for one in sets if one & ids]
        sets = [one for one in sets if not one & ids]
        if ids:
            sets.append(ids.union(*joined))
    found = [next(frozenset(one) for one in sets if signaal in one) for signaal in huizen]
    return list(dict.fromkeys(found))


def ids_of(delivery: Delivery) -> set[UUID]:
    """The signals, cases and so on that an event names; none for what concerns everybody."""
    data = delivery.envelope().data
    return {found for name in _IDS if (found := getattr(data, name, None)) is not None}


def told_of(logs: Logs, ids: frozenset[UUID], share: int) -> dict[str, list[Delivery]]:
    """What was said of these ids and of everybody, as logs of their own: 1, 2, 3.

    Until the first `share` of a hundred of what was said of the ids: policies for everybody come before all of that.
    """
    kept = {service: [one for one in log if not (its := ids_of(one)) or its & ids] for service, log in logs.items()}
    times = sorted(one.envelope().time for log in kept.values() for one in log if ids_of(one))
    until = times[(len(times) - 1) * share // 100]
    return {
        service: [
            Delivery(n, one.subject, one.type, one.raw)
            for n, one in enumerate((one for one in log if one.envelope().time <= until), 1)
        ]
        for service, log in kept.items()
    }
