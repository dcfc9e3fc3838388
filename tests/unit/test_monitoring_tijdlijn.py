"""Sentences, phases and the order of a timeline."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

import pytest

from libs.chassis.clock import AMSTERDAM
from libs.events.catalogue import CATALOGUE, Event
from libs.events.values import Deurwaardersfase
from services.monitoring.fase import MARKS, Fase, fase_of
from services.monitoring.omschrijving import SENTENCES, bedrag, datum, omschrijving
from services.monitoring.tijdlijn import Gebeurtenis, day_of, had_happened, moment_of, told
from services.monitoring.views.timeline import KINDS, row_of
from tests.examples import example, example_envelope

NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
number = count(1)


def happened(type: str, op: datetime = NOON, recorded: datetime | None = None, **more: object) -> Gebeurtenis:
    known: dict[str, object] = dict.fromkeys(Gebeurtenis.__slots__)
    known |= {"id": uuid4(), "rang": 3, "volgnummer": next(number), "type": type, "op": op,
              "vastgelegd_op": recorded or op, "omschrijving": type}  # fmt: skip
    return Gebeurtenis(**(known | more))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_event_of_a_case_has_a_sentence(kind: type[Event]) -> None:
    said = omschrijving(example(kind))
    assert kind.__name__ in SENTENCES
    assert not said[0].islower()
    assert "None" not in said
    assert str(UUID(int=1)) not in said


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("SignalReceived", {"bedrag": Decimal("1812.4"), "signaalpartner": "Huur", "crisissignaal": True},
         "Vroegsignaal Huur ontvangen, € 1.812,40, crisissignaal"),
        ("ContactAttempted", {"soort": "Telefoon", "middel": None, "tijdstip": "19:05", "bereikt": False,
                              "resultaat": "Geen gehoor", "reden": "Nieuwe informatie"},
         "Telefoon om 19:05: inwoner niet bereikt, Geen gehoor, reden: Nieuwe informatie"),
        ("ContactAttempted", {"soort": "Huisbezoek", "middel": "Gele kaart", "tijdstip": None, "dagdeel": "Avond",
                              "bereikt": True, "resultaat": None, "reden": None},
         "Gele kaart in de avond: inwoner bereikt"),
        ("DeurwaarderTransferred", {"deurwaarder": "Kade en Dijk", "fase": "Vonnis"},
         "Vonnis gewezen; dossier bij deurwaarder Kade en Dijk"),
        ("EvictionScheduled", {}, "Ontruiming aangezegd tegen 24 maart 2026, grond: huurachterstand"),
        ("EvictionPostponed", {"nieuwe_datum": None}, "Ontruiming uitgesteld"),
        ("BRPMismatched", {"status": "Geen inwoner"}, "Geen inwoner van de regio"),
        ("HelpAccepted", {"soort": "Budgetcoach"}, "Hulp aanvaard: Budgetcoach"),
    ],
)  # fmt: skip
def test_sentences(kind: str, fields: dict[str, object], said: str) -> None:
    assert omschrijving(example(CATALOGUE[kind], **fields)) == said


def test_dutch_amounts_and_dates() -> None:
    assert bedrag(Decimal("1234567.5")) == "€ 1.234.567,50"
    assert datum(date(2026, 12, 1)) == "1 december 2026"


ONE, TWO = uuid4(), uuid4()
STEP = {step: happened("DeurwaarderTransferred", stand=step) for step in Deurwaardersfase}


@pytest.mark.parametrize(
    ("events", "fase"),
    [
        ([], Fase.VROEGSIGNALERING),
        ([happened("ContactAttempted")], Fase.VROEGSIGNALERING),
        ([happened("EscalatedToSignaleringPlus")], Fase.SIGNALERING_PLUS),
        ([happened("EscalatedToSignaleringPlus"), happened("HelpAccepted")], Fase.HULP_AANVAARD),
        ([happened("EscalatedToSignaleringPlus"), happened("HelpAccepted"), happened("HelpEnded")],
         Fase.VROEGSIGNALERING),
        ([happened("HelpAccepted"), happened("HelpDeclined")], Fase.VROEGSIGNALERING),
        ([happened("HelpAccepted"), happened("HelpEnded"),
          happened("EscalatedToSignaleringPlus", NOON + timedelta(days=1))], Fase.SIGNALERING_PLUS),
        ([STEP["Vonnis"], happened("DeurwaarderTransferred", stand="Geregeld", kenteken=TWO)], Fase.DEURWAARDER),
        ([STEP["Overgedragen"], happened("HelpAccepted")], Fase.DEURWAARDER),
        ([STEP["Vonnis"], STEP["Geregeld"]], Fase.VROEGSIGNALERING),
        ([happened("HelpAccepted"), STEP["Overgedragen"], STEP["Teruggenomen"]], Fase.HULP_AANVAARD),
        ([STEP["Vonnis"], happened("EvictionScheduled", kenteken=ONE)], Fase.ONTRUIMING_AANGEZEGD),
        ([STEP["Vonnis"], happened("EvictionScheduled", kenteken=ONE), happened("EvictionAverted", kenteken=ONE)],
         Fase.DEURWAARDER),
        ([happened("EvictionScheduled", kenteken=ONE), happened("EvictionAverted", kenteken=ONE),
          happened("EvictionScheduled", kenteken=TWO)], Fase.ONTRUIMING_AANGEZEGD),
        ([happened("EvictionScheduled", kenteken=ONE), happened("EvictionCarriedOut", kenteken=ONE)], Fase.ONTRUIMD),
        ([happened("HelpAccepted"), happened("CaseClosed")], Fase.AFGESLOTEN),
        ([happened("CaseTransferred")], Fase.OVERGEDRAGEN),
    ],
)  # fmt: skip
def test_phases(events: list[Gebeurtenis], fase: Fase) -> None:
    assert fase_of(events) is fase


def test_a_step_of_a_bailiff_is_kept_under_its_arrears_and_an_eviction_under_itself() -> None:
    for kind, field in (("DeurwaarderTransferred", "achterstand_id"), ("EvictionScheduled", "ontruiming_id"),
                        ("RouteAssigned", "besluit_id"), ("SignalReceived", None)):  # fmt: skip
        row = row_of(example_envelope(CATALOGUE[kind], **({field: ONE} if field else {})))
        assert row[5] == (ONE if field else None), kind


def test_the_marks_are_events_that_exist() -> None:
    assert set(CATALOGUE) >= MARKS


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (None, NOON),
        (date(2026, 3, 2), NOON),
        (date(2026, 3, 1), datetime(2026, 3, 1, 23, 59, 59, tzinfo=AMSTERDAM)),
        (date(2026, 3, 3), datetime(2026, 3, 3, tzinfo=AMSTERDAM)),
    ],
)
def test_the_moment_is_as_near_to_the_recording_as_the_day_allows(day: date | None, expected: datetime) -> None:
    assert moment_of(day, NOON) == expected


def test_a_decision_happens_when_recorded_and_a_signal_on_its_date() -> None:
    assert day_of(example(CATALOGUE["RouteAssigned"])) is None
    assert day_of(example(CATALOGUE["BRPMatched"])) is None
    assert day_of(example(CATALOGUE["SignalReceived"])) == date(2026, 3, 2)


def test_in_order_of_what_happened_then_of_recording() -> None:
    zaak, day = uuid4(), date(2026, 2, 1)
    early = moment_of(day, NOON)
    backdated = happened("ContactAttempted", early, NOON)
    second = happened("HelpAccepted", NOON, NOON, rang=3)
    first = happened("SignalReceived", NOON, NOON, rang=0)
    found = told(zaak, "0505", [second, first, backdated])
    assert [e.type for e in found.gebeurtenissen] == ["ContactAttempted", "SignalReceived", "HelpAccepted"]


def test_at_a_moment_only_what_had_happened() -> None:
    zaak = uuid4()
    events = [happened("EvictionScheduled", kenteken=ONE), happened("EvictionCarriedOut", NOON + timedelta(5))]
    found = told(zaak, "0505", events, NOON + timedelta(1))
    assert (len(found.gebeurtenissen), found.fase) == (1, Fase.ONTRUIMING_AANGEZEGD)
    assert told(zaak, "0505", events).fase is Fase.ONTRUIMD


def test_of_what_was_recorded_later_the_whole_day_counts() -> None:
    backdated = happened("ContactAttempted", moment_of(date(2026, 2, 1), NOON), NOON)
    assert had_happened(backdated, datetime(2026, 2, 1, 8, tzinfo=UTC))
    assert not had_happened(backdated, datetime(2026, 1, 31, 8, tzinfo=UTC))


def test_what_no_longer_holds_is_marked() -> None:
    zaak, besluit, signaal = uuid4(), uuid4(), uuid4()
    replaced = happened("SignalSetAside", kenteken=besluit, zaak_id=zaak, signaal_id=signaal)
    holds = happened("RouteAssigned", kenteken=uuid4(), vervangt=besluit, zaak_id=zaak, signaal_id=signaal)
    elsewhere = happened("RouteAssigned", kenteken=uuid4(), zaak_id=uuid4(), signaal_id=signaal)
    old_link = happened("BRPMatched", zaak_id=uuid4(), signaal_id=signaal)
    link = happened("BRPMatched", zaak_id=zaak, signaal_id=signaal)
    found = told(zaak, "0505", [link, holds, elsewhere, old_link, replaced])
    assert found.vervallen == {replaced.id, elsewhere.id, old_link.id}
