"""Limits that depend on volume and capacity: who comes first in the log goes first, others go to the next best."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.events.catalogue import Event
from libs.events.envelope import Envelope
from services.routing.besluiten import Uitspraak, decide_again, hear
from services.routing.domain import Beeld
from services.routing.policy.check import check_value
from services.routing.policy.document import Beleid
from services.routing.policy.evaluate import decide
from services.routing.policy.facts import Feiten
from services.routing.simulatie.aannames import Aannames
from services.routing.simulatie.historie import Historie
from services.routing.simulatie.lopend import gespeeld
from services.routing.simulatie.naspelen import Spel
from services.routing.simulatie.verslag import Verslag
from tests.matched import gekoppeld, ingetrokken, recorded
from tests.unit.test_besluiten import interleaved
from tests.unit.test_simulatie import dagen

BASIS: dict[str, Any] = {
    "naam": "Proef", "versie": "proef-1", "geldigVanaf": "2021-01-01", "bron": "proef",
    "behandelaars": {"gemeente": {"standaard": {"organisatie": "Gemeente", "team": "VS"}},
                     "team": {"standaard": {"organisatie": "Wijkteam"}}},
    "maxima": {"bezoek": {"perMaand": 2}},
    "regels": [
        {"naam": "crisis", "als": {"crisissignaal": True},
         "dan": {"oppakken": True, "stappen": [{"contactsoorten": ["Huisbezoek"]}]}},
        {"naam": "hoog", "als": {"bedrag": {"vanaf": 500}},
         "dan": {"oppakken": True, "stappen": [{"contactsoorten": ["Huisbezoek"]}],
                 "uitwijk": {"stappen": [{"contactsoorten": ["Telefoon"], "minimum": 2}]}}},
        {"naam": "rest", "dan": {"oppakken": True, "stappen": [{"contactsoorten": ["Brief"]}]}},
    ],
    "voorbeelden": [{"naam": "hoog", "feiten": {"signaalpartner": "Huur", "bedrag": 500},
                     "verwacht": {"contactsoorten": ["Huisbezoek"]}}],
}  # fmt: skip


def beleid(**changes: Any) -> Beleid:
    return Beleid.model_validate(BASIS | changes)


class Verloop:
    """What is said under one document, and what holds in the end."""

    def __init__(self, beleid: Beleid) -> None:
        self.beeld, self.said, self._beleid = Beeld(), list[Uitspraak](), beleid

    def keuze(self, code: str, day: date) -> Beleid:
        return self._beleid

    def hoor(self, events: Sequence[Envelope]) -> "Verloop":
        for told in events:
            self.said += decide_again(self.beeld, hear(self.beeld, told, self.keuze), told.id, self.keuze)
        return self

    @property
    def soorten(self) -> dict[int, str]:
        """The first kind of contact of each signal that takes part."""
        last = {one.signaal.signaal_id: one.besluit for one in self.said}
        return {
            one.signaal_id.int - 100: str(last[one.signaal_id].contactsoorten[0])
            for one in sorted(self.beeld.signalen.values(), key=lambda one: one.signaal_id)
            if one.open
        }


def told(*events: Event) -> list[Envelope]:
    return [recorded(event, place) for place, event in enumerate(events, 1)]


def hoog(n: int, **more: Any) -> Any:
    return gekoppeld(n, adres=n, zaak=n, bedrag=Decimal(900), **more)


def test_what_falls_beyond_the_maximum_goes_to_the_next_best_contact_and_says_why() -> None:
    verloop = Verloop(beleid()).hoor(told(hoog(1), hoog(2), hoog(3), gekoppeld(4, adres=4, zaak=4)))
    assert verloop.soorten == {1: "Huisbezoek", 2: "Huisbezoek", 3: "Telefoon", 4: "Brief"}
    third = verloop.said[2].besluit
    assert third.regel == "hoog"
    assert any("het maximum van 2 keer Huisbezoek in de maand is bereikt" in one for one in third.uitleg)
    assert any("inzet onder het maximum bezoek 2" in one for one in third.uitleg)
    assert "Bij inzet onder het maximum bezoek 1 (1 minder) was de route: Huisbezoek." in third.uitleg
    change = next(one for one in third.wijzigingen if one.feit == "benut.bezoek")
    assert (change.waarden, change.contactsoorten) == ((1,), ("Huisbezoek",))


def test_another_month_another_municipality_and_a_second_signal_take_nothing() -> None:
    events = told(hoog(1), hoog(2), hoog(3, gemeentecode="0523"), hoog(5, maand=4),
                  gekoppeld(6, adres=1, zaak=1, bedrag=Decimal(700)))  # fmt: skip
    assert set(Verloop(beleid()).hoor(events).soorten.values()) == {"Huisbezoek"}


def test_who_has_no_next_best_is_never_held_back_and_counts_along() -> None:
    verloop = Verloop(beleid()).hoor(told(hoog(1, crisissignaal=True), hoog(2), hoog(3), hoog(4, crisissignaal=True)))
    assert verloop.soorten == {1: "Huisbezoek", 2: "Huisbezoek", 3: "Telefoon", 4: "Huisbezoek"}


def test_a_place_that_comes_free_goes_to_the_next_in_the_log() -> None:
    verloop = Verloop(beleid()).hoor(told(hoog(1), hoog(2), hoog(3), hoog(4), ingetrokken(1)))
    assert verloop.soorten == {2: "Huisbezoek", 3: "Huisbezoek", 4: "Telefoon"}
    assert [one.signaal.signaal_id.int - 100 for one in verloop.said[4:]] == [3]
    assert verloop.said[4].vervangt == verloop.said[2].besluit_id


def test_a_correction_keeps_its_place() -> None:
    events = told(hoog(1), hoog(2), hoog(3), hoog(1))
    assert Verloop(beleid()).hoor(events).soorten == {1: "Huisbezoek", 2: "Huisbezoek", 3: "Telefoon"}


def test_a_maximum_may_be_of_one_team_and_per_fte() -> None:
    maxima = {"wijkteam": {"perFte": "0.5", "behandelaar": "team"}}
    regels = [BASIS["regels"][0], {**BASIS["regels"][1], "dan": BASIS["regels"][1]["dan"] | {"behandelaar": "team"}},
              BASIS["regels"][2]]  # fmt: skip
    found = beleid(maxima=maxima, fte=2, regels=regels)
    verloop = Verloop(found).hoor(told(hoog(1, crisissignaal=True), hoog(2), hoog(3)))
    assert verloop.soorten == {1: "Huisbezoek", 2: "Huisbezoek", 3: "Telefoon"}


def test_a_threshold_that_depends_on_the_volume_of_the_month() -> None:
    low = {"naam": "druk", "als": {"bedrag": {"minderDan": 75}, "signalenDezeMaand": {"vanaf": 2}},
           "dan": {"oppakken": False, "reden": "onder drempelbedrag"}}  # fmt: skip
    found = beleid(maxima={}, regels=[low, BASIS["regels"][2]])
    small = [gekoppeld(n, adres=n, zaak=n, bedrag=Decimal(60)) for n in range(1, 5)]
    verloop = Verloop(found).hoor(told(*small))
    assert [one.besluit.regel for one in verloop.said] == ["rest", "rest", "druk", "druk"]
    again = verloop.hoor([recorded(ingetrokken(1), 9)])
    assert [one.besluit.regel for one in again.said[4:]] == ["rest"]


def test_two_maxima_over_one_row_and_a_row_that_asks_for_what_is_in_use() -> None:
    maxima = {
        "bezoek": {"perMaand": 2},
        "veel": {"perMaand": 1, "contactsoorten": ["Huisbezoek", "Afspraak op locatie"]},
    }
    assert Verloop(beleid(maxima=maxima)).hoor(told(hoog(1), hoog(2))).soorten == {1: "Huisbezoek", 2: "Telefoon"}
    asks = {"naam": "vol", "als": {"benut": {"bezoek": {"vanaf": 1}}, "bedrag": {"minderDan": 1000}},
            "dan": {"oppakken": True, "stappen": [{"contactsoorten": ["Kaartje"]}]}}  # fmt: skip
    found = beleid(regels=[BASIS["regels"][0], asks, *BASIS["regels"][1:]])
    assert Verloop(found).hoor(told(hoog(1), hoog(2))).soorten == {1: "Huisbezoek", 2: "Kaartje"}


def wrong(**changes: Any) -> str:
    return "; ".join(map(str, check_value(BASIS | changes)[1]))


def test_a_maximum_that_limits_nothing_or_stands_for_nothing_is_refused() -> None:
    assert wrong() == ""
    plain = [BASIS["regels"][0], {**BASIS["regels"][1], "dan": {
        "oppakken": True, "stappen": [{"contactsoorten": ["Huisbezoek"]}]}}, BASIS["regels"][2]]  # fmt: skip
    assert "maxima.bezoek: dit maximum begrenst geen enkele regel" in wrong(regels=plain)
    assert "geen maximum begrenst deze regel" in wrong(maxima={})
    assert "perMaand of perFte" in wrong(maxima={"bezoek": {}})
    assert "het document noemt geen fte" in wrong(maxima={"bezoek": {"perFte": 1}})
    assert '"wie" staat niet bij behandelaars' in wrong(maxima={"bezoek": {"perMaand": 1, "behandelaar": "wie"}})
    assert 'valt zelf onder het maximum "alles"' in wrong(
        maxima={"alles": {"perMaand": 9, "contactsoorten": ["Huisbezoek", "Telefoon"]}}
    )
    unknown = [{"naam": "x", "als": {"benut": {"niets": {"vanaf": 1}}}, "dan": BASIS["regels"][2]["dan"]}]
    assert '"niets" staat niet bij maxima' in wrong(regels=[*unknown, *BASIS["regels"]])
    assert "deze regel beslist nooit" in wrong(maxima={"bezoek": {"perMaand": 0}})
    assert "het maximum van 0 keer Huisbezoek" in wrong(maxima={"bezoek": {"perMaand": 0}})


EVENTS = st.one_of(
    st.builds(
        gekoppeld, st.integers(1, 9), st.integers(3, 4), adres=st.integers(1, 4), zaak=st.integers(1, 4),
        bedrag=st.sampled_from([Decimal(30), Decimal(900)]), crisissignaal=st.booleans(),
        gemeentecode=st.sampled_from(["0505", "0505", "0523"]),
    ),
    st.builds(ingetrokken, st.integers(1, 9)),
)  # fmt: skip


@given(st.lists(EVENTS, min_size=2, max_size=16), st.integers(0, 1000))
@settings(max_examples=150, deadline=None)
def test_every_interleaving_ends_in_the_same_places_and_no_maximum_is_passed(events: list[Event], seed: int) -> None:
    every = told(*events)
    one, other = Verloop(beleid()).hoor(every), Verloop(beleid()).hoor(list(interleaved(every, Random(seed))))
    assert one.soorten == other.soorten
    for verloop in (one, other):
        takers: dict[tuple[str, str], set[UUID]] = {}
        for signaal in verloop.beeld.signalen.values():
            link = signaal.koppeling
            visited = signaal.open and signaal.genomen and signaal.genomen.inzet[:1] == (("Huisbezoek", 1),)
            if visited and link and not link.crisissignaal:
                takers.setdefault((link.gemeentecode, link.periode), set()).add(link.melding_id)
        assert all(len(meldingen) <= 2 for meldingen in takers.values())


@given(st.lists(EVENTS, min_size=2, max_size=16))
@settings(max_examples=80, deadline=None)
def test_each_is_derived_again_from_what_was_told(events: list[Event]) -> None:
    for said in Verloop(beleid()).hoor(told(*events)).said:
        facts = Feiten.model_validate_json(said.feiten.model_dump_json(by_alias=True, exclude_none=True))
        assert decide(beleid(), facts, vandaag=date(1999, 1, 1), gemeentecode="0505") == said.besluit


def replayed(verloop: Verloop, candidate: Beleid) -> dict[str, Any]:
    beeld = verloop.beeld
    historie = Historie(list(beeld.signalen.values()), list(beeld.handelingen.values()), beeld.huishoudens)
    verslag = Verslag(Aannames())
    spel = Spel("0505", verloop.keuze, candidate, Aannames()).over(dagen(historie))
    assert sum(gespeeld(verslag, spel, historie)) == verslag.signalen
    return verslag.als_document()


@given(st.lists(EVENTS, min_size=2, max_size=16))
@settings(max_examples=100, deadline=None)
def test_replaying_it_reproduces_history_exactly(events: list[Event]) -> None:
    found = replayed(Verloop(beleid()).hoor(told(*events)), beleid())
    assert found["afwijkendVanHistorie"] == 0
    assert found["anders"]["aantal"] == 0
    assert found["totaal"]["was"] == found["totaal"]["wordt"]


def test_what_if_the_maximum_had_been_lower_or_not_there() -> None:
    verloop = Verloop(beleid()).hoor(told(hoog(1), hoog(2), hoog(3), hoog(4, maand=4)))
    less = replayed(verloop, beleid(maxima={"bezoek": {"perMaand": 1}}))
    assert less["anders"]["aantal"] == 1
    assert [(one["was"]["huisbezoeken"], one["wordt"]["huisbezoeken"]) for one in less["maanden"]] == [(2, 1), (1, 1)]
    more = replayed(verloop, beleid(maxima={"bezoek": {"perMaand": 9}}))
    assert [(one["was"]["huisbezoeken"], one["wordt"]["huisbezoeken"]) for one in more["maanden"]] == [(2, 3), (1, 1.1)]
