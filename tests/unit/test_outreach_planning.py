"""From a route to tasks: what is still to do, when, and when a household is left alone."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.chassis import werkdagen
from libs.events.afspraken import Uitvoering
from libs.events.catalogue import ContactAttempted
from libs.events.values import Contactsoort, Dagdeel, Stap
from services.escalation.domain.overleg import verplicht
from services.outreach.planning import Poging, Taak, Werk, taken
from services.outreach.rust import Rust
from tests.examples import example

BRIEF, BELLEN, BEZOEK = Contactsoort.BRIEF, Contactsoort.TELEFOON, Contactsoort.HUISBEZOEK
APPEN, KAARTJE = Contactsoort.SMS_WHATSAPP, Contactsoort.KAARTJE
MONDAY = date(2025, 3, 3)
LAST = date(2025, 3, 31)
REGELS = Uitvoering()


def stap(*soorten: Contactsoort, **fields: Any) -> Stap:
    return Stap(contactsoorten=soorten, **fields)


def poging(soort: Contactsoort, dag: int = 3, **fields: Any) -> Poging:
    return Poging(soort, date(2025, 3, dag), **fields)


def plan(
    *stappen: Stap, gedaan: tuple[Poging, ...] = (), vandaag: date = MONDAY, stilte: Rust | None = None,
    regels: Uitvoering = REGELS, uiterlijk: date = LAST, dringend: bool = False,
) -> list[Taak]:  # fmt: skip
    return taken(Werk(stappen, MONDAY, uiterlijk, gedaan, dringend), stilte, regels, vandaag, werkdagen)


def todo(*stappen: Stap, **how: Any) -> list[tuple[int, tuple[Contactsoort, ...], bool]]:
    return [(taak.nummer, taak.contactsoorten, taak.verplicht) for taak in plan(*stappen, **how)]


@pytest.mark.parametrize(
    ("route", "since", "expected"),
    [
        ((), (), [(0, (BEZOEK,), True)]),
        ((stap(BRIEF),), (poging(BELLEN, bereikt=True),), [(0, (BEZOEK,), True), (1, (BRIEF,), True)]),
        ((stap(BEZOEK),), (), [(1, (BEZOEK,), True)]),
        ((stap(BEZOEK, minimum=0),), (), [(0, (BEZOEK,), True), (1, (BEZOEK,), False)]),
        ((), (poging(BEZOEK),), [(0, (BEZOEK,), False)]),
        ((), (poging(BEZOEK, bereikt=True),), []),
        ((), None, []),
    ],
)  # fmt: skip
def test_an_announced_eviction_asks_for_a_visit_beside_the_route(
    route: tuple[Stap, ...], since: tuple[Poging, ...] | None, expected: Any
) -> None:
    werk = Werk(route, MONDAY, LAST, dringend=True, sinds_aanzegging=since)
    found = taken(werk, None, REGELS, MONDAY, werkdagen)
    assert [(taak.nummer, taak.contactsoorten, taak.verplicht) for taak in found] == expected
    assert [taak.nummer for taak in taken(werk, None, REGELS, MONDAY, werkdagen, "Callcenter")] == []


BREDA = (
    stap(BRIEF), stap(BELLEN, minimum=2, buiten_kantooruren=True), stap(BELLEN, middel="WhatsApp-oproep"),
    stap(APPEN), stap(BEZOEK, minimum=2), stap(KAARTJE, middel="Flyer", minimum=0),
)  # fmt: skip
"""Signalering+ as Breda asks for it."""


def test_every_step_of_a_new_route_is_to_do_but_a_card_that_waits_for_a_visit() -> None:
    assert [een[0] for een in todo(*BREDA)] == [1, 2, 3, 4, 5]
    assert all(verplicht for _, _, verplicht in todo(*BREDA))


def test_an_attempt_counts_for_one_step_first_for_the_one_with_its_means() -> None:
    whatsapp = poging(BELLEN, middel="whatsapp-oproep")
    found = {een.nummer: een.gedaan for een in plan(*BREDA, gedaan=(whatsapp, poging(BELLEN), poging(BEZOEK)))}
    assert found == {1: 0, 2: 1, 3: 1, 4: 0, 5: 1, 6: 0}
    again = plan(*BREDA, gedaan=(whatsapp, whatsapp, poging(BELLEN, dagdeel=Dagdeel.AVOND)))
    assert {een.nummer: (een.gedaan, een.verplicht) for een in again}[2] == (2, False)


OPROEP = "WhatsApp-oproep"


@pytest.mark.parametrize(
    ("gedaan", "brief", "bellen", "oproep", "bericht", "bezoek", "flyer"),
    [
        ([(BEZOEK, "Flyer")], 0, 0, 0, 0, 1, 1),
        ([(BEZOEK, None), (KAARTJE, "Flyer")], 0, 0, 0, 0, 1, 1),
        ([(APPEN, OPROEP)], 0, 0, 1, 0, 0, 0),
        ([(APPEN, OPROEP), (APPEN, OPROEP)], 0, 1, 1, 0, 0, 0),
        ([(BELLEN, OPROEP), (BELLEN, OPROEP)], 0, 1, 1, 0, 0, 0),
        ([(BELLEN, None), (APPEN, None), (BRIEF, None)], 1, 1, 0, 1, 0, 0),
    ],
)  # fmt: skip
def test_outreach_and_escalation_count_the_minima_of_signalering_plus_alike(
    gedaan: list[tuple[Contactsoort, str | None]], brief: int, bellen: int, oproep: int, bericht: int, bezoek: int,
    flyer: int,
) -> None:  # fmt: skip
    counts = [brief, bellen, oproep, bericht, bezoek, flyer]
    events = [
        example(ContactAttempted, datum=MONDAY, soort=soort, middel=middel, bereikt=False, tijdstip="12:00")
        for soort, middel in gedaan
    ]
    assert [one["gedaan"] for one in verplicht(events, MONDAY, REGELS)][:-1] == counts
    found = plan(*BREDA, gedaan=tuple(poging(soort, middel=middel) for soort, middel in gedaan), dringend=True)
    for taak in found:
        assert taak.gedaan == counts[taak.nummer - 1]
    assert {taak.nummer for taak in found if taak.verplicht} == {
        n for n, (aantal, stap_) in enumerate(zip(counts, BREDA, strict=True), 1)
        if aantal < stap_.minimum or stap_.buiten_kantooruren
    }  # fmt: skip


def test_a_call_without_a_means_is_no_whatsapp_call() -> None:
    assert [een[0] for een in todo(stap(BELLEN, middel="WhatsApp-oproep"), gedaan=(poging(BELLEN),))] == [1]


def test_the_flyer_is_offered_once_nobody_was_at_home() -> None:
    assert todo(*BREDA, gedaan=(poging(BEZOEK),))[-1] == (6, (KAARTJE,), False)
    assert todo(*BREDA, gedaan=(poging(BEZOEK), poging(KAARTJE, middel="Flyer")))[-1][0] == 5
    assert todo(*BREDA, gedaan=(poging(BEZOEK, bereikt=True),))[-1][0] == 5


@pytest.mark.parametrize(
    ("gedaan", "expected"),
    [
        ((), [(1, (BELLEN,), True)]),
        ((poging(BELLEN),), [(1, (BELLEN,), True)]),
        ((poging(BELLEN, bereikt=True),), [(1, (BELLEN,), True)]),
        ((poging(BELLEN), poging(BELLEN, 4)), [(1, (BELLEN,), False)]),
        ((poging(BELLEN), poging(BELLEN, 4, bereikt=True)), []),
        ((poging(BELLEN), poging(BELLEN, 4), poging(BELLEN, 5)), []),
        ((poging(BELLEN), poging(BELLEN, 4), poging(BEZOEK, bereikt=True)), []),
    ],
)
def test_done_at_the_minimum_when_reached_or_at_the_maximum(gedaan: tuple[Poging, ...], expected: Any) -> None:
    assert todo(stap(BELLEN, minimum=2, maximum=3), gedaan=gedaan) == expected


def test_a_letter_is_done_when_sent_a_call_without_a_maximum_goes_on_until_somebody_is_reached() -> None:
    assert todo(stap(BRIEF, BELLEN), gedaan=(poging(BRIEF), poging(BELLEN))) == [(1, (BELLEN,), False)]
    assert todo(stap(BRIEF, BELLEN), gedaan=(poging(BRIEF), poging(BELLEN, bereikt=True))) == []


def test_all_of_a_step_or_one_of_it() -> None:
    kinds = (BELLEN, APPEN, BEZOEK)
    assert todo(stap(*kinds), gedaan=(poging(APPEN, bereikt=True),)) == [(1, (BELLEN, BEZOEK), True)]
    assert todo(stap(*kinds, keuze="een van"), gedaan=(poging(APPEN, bereikt=True),)) == []
    assert todo(stap(*kinds, keuze="een van"), gedaan=(poging(APPEN),)) == [(1, kinds, False)]


@pytest.mark.parametrize(
    ("hoe", "buiten"),
    [
        ({"dagdeel": Dagdeel.AVOND}, True), ({"dagdeel": Dagdeel.MIDDAG}, False), ({}, False),
        ({"tijdstip": "17:00"}, True), ({"tijdstip": "16:59"}, False), ({"tijdstip": "08:59"}, True),
        ({"dag": 8}, True), ({"dag": 9, "tijdstip": "11:00"}, True),
    ],
)  # fmt: skip
def test_a_contact_outside_office_hours_is_part_of_the_minimum(hoe: dict[str, Any], buiten: bool) -> None:
    step = stap(BELLEN, minimum=1, buiten_kantooruren=True)
    (found,) = plan(step, gedaan=(poging(BELLEN, **hoe),)) or [None]
    assert (found.buiten_kantooruren, found.verplicht) == (not buiten, not buiten) if found else buiten
    assert plan(step, gedaan=(poging(BELLEN, **hoe, bereikt=True),)) == [] or not buiten


def test_office_hours_are_the_municipalitys() -> None:
    late = Uitvoering(kantooruren_van="08:00", kantooruren_tot="20:00")
    (found,) = plan(stap(BELLEN, buiten_kantooruren=True), gedaan=(poging(BELLEN, tijdstip="18:30"),), regels=late)
    assert found.buiten_kantooruren


def test_maxima_hold_nothing_back_where_it_is_urgent() -> None:
    step, done = stap(BEZOEK, maximum=1), (poging(BEZOEK),)
    assert todo(step, gedaan=done) == []
    assert todo(step, gedaan=done, dringend=True) == [(1, (BEZOEK,), False)]


def days(*stappen: Stap, **how: Any) -> list[str]:
    return [f"{een.gepland:%d-%m}" for een in plan(*stappen, **how)]


ROUTE = (stap(BRIEF), stap(BELLEN), stap(BEZOEK))


def test_steps_are_planned_one_after_the_other_on_working_days() -> None:
    assert days(*ROUTE) == ["03-03", "06-03", "11-03"]
    assert days(*ROUTE, vandaag=date(2025, 3, 8)) == ["10-03", "13-03", "18-03"]
    assert days(*ROUTE, gedaan=(poging(BRIEF, 7),), vandaag=date(2025, 3, 7)) == ["12-03", "17-03"]


def test_the_last_day_brings_them_together_and_what_is_late_is_for_now() -> None:
    assert days(*ROUTE, uiterlijk=date(2025, 3, 9)) == ["03-03", "06-03", "07-03"]
    assert days(*ROUTE, uiterlijk=date(2025, 3, 5), vandaag=date(2025, 3, 12)) == ["12-03"] * 3
    late = {"uiterlijk": date(2025, 3, 5), "vandaag": date(2025, 3, 12)}
    assert days(*ROUTE, gedaan=(poging(BRIEF, 12),), **late) == ["13-03"] * 2


def test_a_rest_is_never_shortened() -> None:
    stilte = Rust(date(2025, 4, 5), "rustperiode")
    assert days(*ROUTE, stilte=stilte) == ["07-04"] * 3
    assert plan(*ROUTE, stilte=stilte)[0].als_json(Werk(ROUTE, MONDAY, LAST), stilte, MONDAY)["rust"] == {
        "tot": "2025-04-05", "regel": "rustperiode",
    }  # fmt: skip


def test_a_visit_is_announced_where_the_plan_wants_it() -> None:
    step = stap(BEZOEK, minimum=2, aangekondigd=True)
    (found,) = plan(step)
    assert (found.aankondiging, found.gepland) == (date(2025, 3, 3), date(2025, 3, 5))
    (found,) = plan(step, gedaan=(poging(BRIEF),))
    assert (found.aankondiging, found.gepland) == (None, date(2025, 3, 6))
    (found,) = plan(step, gedaan=(poging(BRIEF), poging(BEZOEK, 6)), vandaag=date(2025, 3, 6))
    assert (found.aankondiging, found.gepland) == (date(2025, 3, 11), date(2025, 3, 13))


@given(
    st.lists(st.sampled_from([*BREDA, stap(BELLEN, BEZOEK, keuze="een van", maximum=2)]), max_size=4),
    st.lists(st.builds(poging, st.sampled_from([BRIEF, BELLEN, APPEN, BEZOEK, KAARTJE]), st.integers(1, 28),
                       bereikt=st.booleans(), middel=st.sampled_from([None, "Flyer", "WhatsApp-oproep"])), max_size=12),
    st.dates(date(2025, 1, 1), date(2025, 12, 31)), st.dates(date(2025, 1, 1), date(2025, 12, 31)), st.booleans(),
)  # fmt: skip
def test_a_plan_is_never_in_the_past_on_a_free_day_or_within_a_rest(
    stappen: list[Stap], gedaan: list[Poging], vandaag: date, tot: date, dringend: bool
) -> None:
    stilte = None if dringend else Rust(tot, "nee")
    found = plan(*stappen, gedaan=tuple(gedaan), vandaag=vandaag, stilte=stilte, dringend=dringend)
    for taak in found:
        assert taak.gepland >= vandaag
        assert werkdagen.is_werkdag(taak.gepland)
        assert stilte is None or taak.gepland >= stilte.tot
        assert taak.verplicht or taak.gedaan >= taak.stap.minimum
    assert [een.nummer for een in found] == sorted({een.nummer for een in found})
    assert [een.gepland for een in found] == sorted(een.gepland for een in found)
