"""Decisions follow from what is known: decided again when it changes, the same for every interleaving of the logs."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.events.catalogue import (
    BRPMatched,
    BRPMismatched,
    CaseOpened,
    EscalatedToSignaleringPlus,
    Event,
    EvictionAverted,
    EvictionScheduled,
    HelpAccepted,
    HelpDeclined,
)
from libs.events.envelope import Envelope
from libs.events.values import Koppelstatus, Signaalpartner
from services.routing.besluiten import decide_again
from services.routing.feiten import feiten_van
from services.routing.policy.evaluate import decide
from tests.matched import KEUZE, Verloop, contact, gekoppeld, ingetrokken, recorded, regels


def test_what_was_set_aside_is_picked_up_by_a_later_match_and_left_alone_again_without_it() -> None:
    verloop = Verloop()
    first = verloop.hoor(gekoppeld(1))
    assert regels(first) == [(1, "drempelbedrag")]
    second = verloop.hoor(gekoppeld(2))
    assert regels(second) == [(1, "match-of-hoog-bedrag"), (2, "match-of-hoog-bedrag")]
    assert second[0].vervangt == first[0].besluit_id
    assert second[1].vervangt is None
    third = verloop.hoor(ingetrokken(2))
    assert regels(third) == [(1, "drempelbedrag")]
    assert third[0].vervangt == second[0].besluit_id


def test_another_month_another_address_and_a_withdrawn_signal_are_no_match() -> None:
    verloop = Verloop()
    said = verloop.hoor(ingetrokken(4), gekoppeld(1), gekoppeld(2, 4), gekoppeld(3, adres=2, zaak=2), gekoppeld(4))
    assert regels(said)[:3] == [(1, "drempelbedrag"), (2, "drempelbedrag"), (3, "drempelbedrag")]
    assert regels(said)[3:] == [(4, "match-of-hoog-bedrag")]


def test_a_signal_withdrawn_before_its_link_is_decided_as_if_it_was_withdrawn_after_it() -> None:
    early, late = Verloop(), Verloop()
    assert regels(early.hoor(ingetrokken(1), gekoppeld(1, bedrag=Decimal(700)))) == [(1, "telefonisch")]
    assert regels(late.hoor(gekoppeld(1, bedrag=Decimal(700)), ingetrokken(1))) == [(1, "telefonisch")]
    assert regels(early.hoor(gekoppeld(2))) == [(2, "drempelbedrag")]
    assert regels(early.hoor(gekoppeld(1, bedrag=Decimal(40)))) == [(1, "match-of-hoog-bedrag")]


def test_two_households_at_one_address_are_a_match() -> None:
    assert regels(Verloop().hoor(gekoppeld(1), gekoppeld(2, zaak=2)))[1:] == [
        (1, "match-of-hoog-bedrag"),
        (2, "match-of-hoog-bedrag"),
    ]


def test_nothing_is_said_where_the_route_stays_the_same() -> None:
    verloop = Verloop()
    verloop.hoor(gekoppeld(1, bedrag=Decimal(1500)))
    assert regels(verloop.hoor(gekoppeld(2, bedrag=Decimal(1600)))) == [(2, "match-of-hoog-bedrag")]


def test_a_correction_is_decided_again_and_an_older_word_of_matching_is_not() -> None:
    verloop = Verloop()
    verloop.hoor(gekoppeld(1, bedrag=Decimal(600)))
    told = verloop.hoor(recorded(gekoppeld(1, bedrag=Decimal(40)), 9))
    assert regels(told) == [(1, "drempelbedrag")]
    assert verloop.hoor(recorded(gekoppeld(1, bedrag=Decimal(700)), 5)) == []


def test_a_signal_that_moves_takes_its_facts_along() -> None:
    verloop = Verloop()
    first = verloop.hoor(gekoppeld(1), gekoppeld(2))
    moved = verloop.hoor(gekoppeld(2, adres=9, zaak=9))
    assert regels(moved) == [(1, "drempelbedrag"), (2, "drempelbedrag")]
    assert moved[1].koppeling.zaak_id == UUID(int=209)
    assert moved[1].vervangt == first[2].besluit_id


def test_the_same_route_in_another_case_is_said_there() -> None:
    verloop = Verloop()
    verloop.hoor(gekoppeld(1))
    assert regels(verloop.hoor(gekoppeld(1, adres=9, zaak=9))) == [(1, "drempelbedrag")]


def test_an_undone_link_leaves_the_melding() -> None:
    verloop = Verloop()
    verloop.hoor(gekoppeld(1), gekoppeld(2))
    undone = BRPMismatched(
        signaal_id=UUID(int=102), partner="zorg", signaalpartner=Signaalpartner.ZORG, periode="2025-03",
        status=Koppelstatus.UITVAL, reden="geenTreffer", gemeentecode="regio",
    )  # fmt: skip
    assert regels(verloop.hoor(undone)) == [(1, "drempelbedrag")]


def repeat(signaal: int, maand: int, bedrag: int = 300) -> BRPMatched:
    return gekoppeld(
        signaal,
        maand,
        bedrag=Decimal(bedrag),
        vorig_bedrag=Decimal(bedrag),
        herhaald=True,
        achterstand_id=UUID(int=600),
    )


def test_a_repeat_is_left_alone_only_where_the_earlier_report_was_picked_up() -> None:
    first = gekoppeld(1, 3, bedrag=Decimal(300), achterstand_id=UUID(int=600))
    assert regels(Verloop().hoor(first, repeat(2, 4))) == [(1, "bericht"), (2, "herhaalde-melding")]
    low = gekoppeld(1, 3, achterstand_id=UUID(int=600))
    verloop = Verloop()
    assert regels(verloop.hoor(low, repeat(2, 4, 30))) == [(1, "drempelbedrag"), (2, "drempelbedrag")]
    assert regels(verloop.hoor(gekoppeld(9, 3))) == [
        (1, "match-of-hoog-bedrag"), (9, "match-of-hoog-bedrag"), (2, "herhaalde-melding"),
    ]  # fmt: skip


def test_an_earlier_report_that_was_withdrawn_does_not_leave_its_repeat_alone() -> None:
    verloop = Verloop()
    first = gekoppeld(1, 3, bedrag=Decimal(300), achterstand_id=UUID(int=600), adres=7, zaak=7)
    verloop.hoor(first, repeat(2, 4))
    assert regels(verloop.hoor(ingetrokken(1))) == [(2, "bericht")]


def test_contact_counts_for_later_periods_only() -> None:
    rent = {"signaalpartner": Signaalpartner.HUUR, "bedrag": Decimal(900), "ontstaansdatum": date(2025, 1, 1)}
    verloop = Verloop()
    verloop.hoor(gekoppeld(9, 1))
    assert regels(verloop.hoor(gekoppeld(1, 3, **rent))) == [(1, "spoor-2-geen-contact")]
    assert verloop.hoor(contact(date(2025, 3, 20))) == []
    assert regels(verloop.hoor(gekoppeld(2, 4, **rent))) == [(2, "spoor-1-huur")]
    assert regels(verloop.hoor(contact(date(2025, 2, 27)))) == [(1, "spoor-1-huur")]


def test_the_last_answer_holds_and_goes_with_the_household_into_its_next_case() -> None:
    rent = {"signaalpartner": Signaalpartner.HUUR, "bedrag": Decimal(900)}
    verloop = Verloop()
    zaak = UUID(int=201)
    verloop.hoor(HelpAccepted(zaak_id=zaak, soort="Hulp", datum=date(2025, 2, 1)))
    verloop.hoor(HelpDeclined(zaak_id=zaak, datum=date(2025, 2, 10)))
    assert regels(verloop.hoor(gekoppeld(1, 3, **rent))) == [(1, "spoor-2-hulp-geweigerd")]
    opened = CaseOpened(
        zaak_id=UUID(int=202), adres_id=UUID(int=501), gemeentecode="0505", vorige_zaak_id=zaak, datum=date(2025, 4, 10)
    )
    assert regels(verloop.hoor(opened, gekoppeld(2, 4, zaak=2, **rent))) == [(2, "spoor-2-hulp-geweigerd")]


def test_an_announced_eviction_counts_from_its_day_until_it_is_over() -> None:
    verloop = Verloop()
    eviction = EvictionScheduled(
        signaal_id=UUID(int=101), datum=date(2025, 4, 1), ontruiming_id=UUID(int=5), aanzegdatum=date(2025, 4, 1),
        ontruimingsdatum=date(2025, 4, 20),
    )  # fmt: skip
    assert regels(verloop.hoor(gekoppeld(1, 3), eviction))[1:] == [(1, "crisis-ontruiming")]
    assert regels(verloop.hoor(gekoppeld(2, 4))) == [(2, "crisis-ontruiming")]
    averted = EvictionAverted(zaak_id=UUID(int=201), datum=date(2025, 4, 15), ontruiming_id=UUID(int=5))
    assert regels(verloop.hoor(averted, gekoppeld(3, 5))) == [(3, "drempelbedrag")]


def test_an_announced_eviction_decides_the_last_signal_again_with_its_term_from_that_day() -> None:
    """A visit does not wait for the next signal (Breda)."""
    told = [gekoppeld(1, 2), gekoppeld(2, 3), aangezegd(UUID(int=101), date(2025, 4, 1)), gekoppeld(3, 4)]
    for order in (told, [told[2], *told[:2], told[3]], [told[3], *told[1::-1], told[2]]):
        verloop = Verloop()
        verloop.hoor(*order)
        routes = {n: one.besluit for one in verloop.said for n in [one.signaal.signaal_id.int - 100]}
        assert [(n, routes[n].regel) for n in (1, 2, 3)] == [
            (1, "drempelbedrag"), (2, "crisis-ontruiming"), (3, "crisis-ontruiming"),
        ]  # fmt: skip
        assert [routes[n].uiterlijke_datum for n in (2, 3)] == [date(2025, 4, 4), date(2025, 4, 15)]
    assert regels(verloop.hoor(ingetrokken(2))) == [(1, "crisis-ontruiming")], "now it is the last before it"


def geweigerd(zaak_id: UUID, datum: date) -> HelpDeclined:
    return HelpDeclined(zaak_id=zaak_id, datum=datum)


def aangezegd(signaal_id: UUID, dag: date) -> EvictionScheduled:
    return EvictionScheduled(
        signaal_id=signaal_id, datum=dag, ontruiming_id=UUID(int=5), aanzegdatum=dag, ontruimingsdatum=date(2025, 7, 1)
    )


def geopend(zaak_id: UUID, vorige: UUID | None) -> CaseOpened:
    return CaseOpened(
        zaak_id=zaak_id, adres_id=UUID(int=501), gemeentecode="0505", vorige_zaak_id=vorige, datum=date(2025, 1, 1)
    )


def signalering_plus(zaak_id: UUID, dag: date) -> EscalatedToSignaleringPlus:
    return EscalatedToSignaleringPlus(zaak_id=zaak_id, datum=dag, aanleiding="Stijging")


EVENTS = st.one_of(
    st.builds(
        gekoppeld, st.integers(1, 6), st.integers(1, 5), adres=st.integers(1, 2), zaak=st.integers(1, 3),
        signaalpartner=st.sampled_from([Signaalpartner.HUUR, Signaalpartner.ZORG]),
        bedrag=st.sampled_from([Decimal(30), Decimal(300), Decimal(1200)]), herhaald=st.booleans(),
        recidive=st.booleans(), achterstand_id=st.integers(1, 3).map(lambda n: UUID(int=600 + n)),
        ontstaansdatum=st.sampled_from([None, date(2024, 12, 1)]),
    ),
    st.builds(ingetrokken, st.integers(1, 6)),
    st.builds(contact, st.dates(date(2025, 1, 1), date(2025, 6, 1)), st.integers(1, 3), bereikt=st.booleans()),
    st.builds(
        geweigerd, st.integers(201, 203).map(lambda n: UUID(int=n)),
        st.dates(date(2025, 1, 1), date(2025, 6, 1)),
    ),
    st.builds(
        signalering_plus, st.integers(201, 203).map(lambda n: UUID(int=n)),
        st.dates(date(2025, 1, 1), date(2025, 6, 1)),
    ),
    st.builds(
        aangezegd, st.integers(101, 106).map(lambda n: UUID(int=n)), st.dates(date(2025, 1, 1), date(2025, 6, 1)),
    ),
    st.builds(
        geopend, st.sampled_from([UUID(int=202), UUID(int=203)]), st.sampled_from([UUID(int=201), None]),
    ),
)  # fmt: skip


def interleaved(events: Sequence[Envelope], random: Random) -> Iterator[Envelope]:
    """Another interleaving of the logs: each log in its own order."""
    logs = {source: [e for e in events if e.source == source] for source in {e.source for e in events}}
    while logs:
        source = random.choice(sorted(logs))
        yield logs[source].pop(0)
        if not logs[source]:
            del logs[source]


@given(st.lists(EVENTS, min_size=2, max_size=14), st.integers(0, 1000))
@settings(max_examples=120, deadline=None)
def test_every_interleaving_of_the_logs_ends_in_the_same_decisions(events: list[Event], seed: int) -> None:
    told = [recorded(event, place) for place, event in enumerate(events, 1)]
    one, other = Verloop(), Verloop()
    one.hoor(*told)
    other.hoor(*interleaved(told, Random(seed)))
    assert one.last() == other.last()
    assert (
        list(decide_again(one.beeld, {s.signaal_id for s in one.beeld.signalen.values() if s.open}, UUID(int=1), KEUZE))
        == []
    )


@given(st.lists(EVENTS, min_size=1, max_size=10))
@settings(max_examples=100, deadline=None)
def test_what_is_said_is_so_and_names_what_it_replaces(events: list[Event]) -> None:
    verloop = Verloop()
    in_force: dict[UUID, UUID] = {}
    for said in verloop.hoor(*events):
        assert said.vervangt == in_force.get(said.signaal.signaal_id)
        in_force[said.signaal.signaal_id] = said.besluit_id
        beleid = KEUZE("0505", said.koppeling.signaaldatum)
        assert decide(beleid, said.feiten, vandaag=date(1999, 1, 1), gemeentecode="0505") == said.besluit
    assert len({said.besluit_id for said in verloop.said}) == len(verloop.said)


def test_a_result_in_other_words_is_no_fact() -> None:
    verloop = Verloop()
    verloop.hoor(contact(date(2025, 2, 1)), gekoppeld(1))
    signaal = verloop.beeld.signalen[UUID(int=101)]
    assert signaal.koppeling is not None
    facts = feiten_van(signaal, signaal.koppeling, verloop.beeld, KEUZE("0505", date(2025, 3, 10)))
    assert facts.values["eerder_contact"] is True
    assert facts.values["eerder_contactresultaat"] is None
    assert facts.maanden_sinds_contact == 1


def test_recidive_is_as_things_stand_whatever_the_link_said_when_it_was_made() -> None:
    rent = {"signaalpartner": Signaalpartner.HUUR, "bedrag": Decimal(900), "ontstaansdatum": date(2025, 1, 1)}
    verloop = Verloop()
    assert regels(verloop.hoor(gekoppeld(1, 3, recidive=True, **rent))) == [(1, "spoor-1-huur")]
    assert regels(verloop.hoor(gekoppeld(9, 1))) == [(9, "drempelbedrag"), (1, "spoor-2-geen-contact")]
    assert regels(verloop.hoor(gekoppeld(9, 1, adres=7, zaak=7)))[-1] == (1, "spoor-1-huur"), "it was somebody else's"
