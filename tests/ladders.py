"""What the tests of the ladder share: one case, its signals and what was said of it."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from libs.events import catalogue as c
from libs.events.afspraken import STANDAARD
from libs.events.envelope import Envelope
from libs.events.ports import Clock
from libs.events.values import Deurwaardersfase, Ontruimingsgrond, Signaalpartner, Signaalsoort
from services.escalation.domain import opdrachten as o
from services.escalation.domain.ladder import fold
from services.escalation.domain.regels import AANLEIDING, DECIDER
from services.escalation.domain.taken import openstaand
from tests.examples import example
from tests.system import At, Running, running

ZAAK, SIGNAAL, EERDER, ACHTERSTAND, ONTRUIMING = (UUID(int=n) for n in range(1, 6))
NU = date(2026, 6, 1)
F = Deurwaardersfase


def signal(id: UUID = SIGNAAL, **changes: Any) -> c.Event:
    fields: dict[str, Any] = {
        "signaal_id": id, "zaak_id": ZAAK, "achterstand_id": ACHTERSTAND, "partner": "woonbron",
        "signaalpartner": Signaalpartner.HUUR, "soort": Signaalsoort.VROEGSIGNAAL, "bedrag": Decimal("900"),
        "vorig_bedrag": None, "signaaldatum": date(2026, 3, 2), "ontstaansdatum": date(2026, 2, 1),
    }  # fmt: skip
    return example(c.BRPMatched, **(fields | changes))


RISEN = signal(vorig_bedrag=Decimal("600"), signaaldatum=date(2026, 4, 1))
FIRST = signal(EERDER, bedrag=Decimal("600"))


def on(day: date, **more: Any) -> dict[str, Any]:
    return {"zaak_id": ZAAK, "signaal_id": SIGNAAL, "datum": day, "vandaag": NU, **more}


def said(kind: type[c.Event], day: date, **more: Any) -> c.Event:
    known = {"zaak_id": ZAAK, "datum": day}
    return kind(**(known | more)) if kind.owner == "escalation" else example(kind, **(known | more))


def judge(day: date = date(2026, 4, 1)) -> o.Beoordeling:
    return o.Beoordeling(zaak_id=ZAAK, datum=day, vandaag=day)


def plus(day: date = date(2026, 4, 1)) -> c.Event:
    return c.EscalatedToSignaleringPlus(zaak_id=ZAAK, datum=day, aanleiding=AANLEIDING)


def announced(grond: Ontruimingsgrond = Ontruimingsgrond.HUURACHTERSTAND) -> c.Event:
    return c.EvictionScheduled(
        zaak_id=ZAAK, signaal_id=SIGNAAL, datum=date(2026, 5, 1), ontruiming_id=ONTRUIMING,
        aanzegdatum=date(2026, 5, 1), ontruimingsdatum=date(2026, 5, 12), grond=grond,
    )  # fmt: skip


NOW = At(datetime(2026, 6, 1, 10, tzinfo=UTC))
DORDRECHT, SLIEDRECHT = "0505", "0610"
TRANSFER = {"deurwaarder": "Kil", "dossierkenmerk": "DW-geheim-1", "fase": "Overgedragen", "datum": "2026-05-01"}
EVICTION = {"aanzegdatum": "2026-05-04", "ontruimingsdatum": "2026-05-15"}


def alone(folder: Path, clock: Clock | None = NOW) -> AbstractAsyncContextManager[Running]:
    """Escalation by itself: a test speaks for the others."""
    return running(folder, clock=clock, alone="escalation")


def received(id: UUID, partner: str = "woonbron", **more: Any) -> c.Event:
    fields = {
        "signaal_id": id, "partner": partner, "signaalpartner": Signaalpartner.HUUR, "achterstand_id": id,
        "soort": Signaalsoort.VROEGSIGNAAL, "signaaldatum": date(2026, 3, 2), "bedrag": Decimal("600"),
    }  # fmt: skip
    return example(c.SignalReceived, **(fields | more))


def matched(id: UUID, zaak: UUID, gemeente: str = DORDRECHT, partner: str = "woonbron", **more: Any) -> c.Event:
    fields = {"signaal_id": id, "zaak_id": zaak, "gemeentecode": gemeente, "partner": partner, "achterstand_id": id,
              "signaalpartner": Signaalpartner.HUUR, "soort": Signaalsoort.VROEGSIGNAAL, "vorig_bedrag": None,
              "signaaldatum": date(2026, 3, 2), "bedrag": Decimal("600")}  # fmt: skip
    return example(c.BRPMatched, **(fields | more))


async def told(drempel: Running) -> list[Envelope]:
    """What escalation said, but for the clocks."""
    return [e for e in await drempel.log("escalation") if not isinstance(e.data, c.TermEvent)]


async def report_signal(drempel: Running, id: UUID, zaak: UUID | None = None, **more: Any) -> None:
    partner = more.get("partner", "woonbron")
    sent = {name: value for name, value in more.items() if name in c.SignalReceived.model_fields}
    await drempel.emit_as("intake", [(received(id, **sent | {"partner": partner}), id, None)], tenant=partner)
    if zaak is not None:
        gemeente = more.get("gemeente", DORDRECHT)
        await drempel.emit_as("matching", [(matched(id, zaak, **more), zaak, gemeente)])
    await drempel.rest()


async def post(drempel: Running, path: str, body: dict[str, Any], headers: dict[str, str], **more: str) -> Any:
    return await drempel.http.post(f"/escalation/v1/{path}", json=body, headers=headers | more)


def about(signaal: UUID, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"signaalId": str(signaal), **body, **more}


def facts(*events: c.Event) -> list[c.Event]:
    return sorted(events, key=lambda event: event.datum)  # type: ignore[attr-defined]


def todo(signals: list[c.Event], *events: c.Event) -> list[str]:
    told = facts(*events)
    return openstaand(fold(DECIDER.fold(signals).signalen, told), told, NU, STANDAARD)


def transfer(fase: F, day: date = date(2026, 4, 10), deurwaarder: str = "Kil") -> o.Overdracht:
    return o.Overdracht(**on(day, fase=fase, deurwaarder=deurwaarder))
