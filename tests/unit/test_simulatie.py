"""What if: the same policy gives history exactly; another one is followed into its consequences."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.events.catalogue import Event, FirstConversationHeld
from libs.events.values import Contactsoort, Signaalpartner
from services.routing.beleid import meegeleverd
from services.routing.policy.document import Beleid
from services.routing.simulatie import lopend
from services.routing.simulatie.aannames import Aannames
from services.routing.simulatie.historie import Historie
from services.routing.simulatie.lopend import MAX_KEPT, Simulatie, Simulaties, Stand, speel
from services.routing.simulatie.naspelen import Gespeeld, Spel
from services.routing.simulatie.plaatje import plaatje
from services.routing.simulatie.verslag import Maand, Verslag, in_gevaar
from tests.matched import KEUZE, Verloop, contact, gekoppeld, ingetrokken
from tests.unit.test_besluiten import EVENTS

HUIDIG = meegeleverd().voor("0505")


def historie(*events: Event) -> Historie:
    verloop = Verloop()
    verloop.hoor(*events)
    beeld = verloop.beeld
    return Historie(list(beeld.signalen.values()), list(beeld.handelingen.values()), beeld.huishoudens)


def drempel(amount: int) -> Beleid:
    found = HUIDIG.model_dump(mode="json", by_alias=True, exclude_none=True) | {"versie": f"drempel-{amount}"}
    row = next(one for one in found["regels"] if one["naam"] == "drempelbedrag")
    row["als"]["bedrag"] = {"minderDan": amount}
    return Beleid.model_validate(found)


def gespeeld(historie: Historie, beleid: Beleid, **aannames: Any) -> list[Gespeeld]:
    spel = Spel("0505", KEUZE, beleid, Aannames(**aannames)).over(dagen(historie))
    return [one for melding in spel.speel(historie) for one in melding]


def dagen(historie: Historie) -> set[date]:
    links = [one.koppeling for one in historie.signalen if one.koppeling is not None]
    return {link.signaaldatum for link in links if link.gemeentecode == "0505"}


def verslag(historie: Historie, beleid: Beleid, **aannames: Any) -> dict[str, Any]:
    found, spel = Verslag(Aannames(**aannames)), Spel("0505", KEUZE, beleid, Aannames(**aannames))
    spel = spel.over(dagen(historie))
    assert sum(lopend.gespeeld(found, spel, historie)) == found.signalen
    return found.als_document()


def regels(every: Sequence[Gespeeld]) -> list[tuple[int, str, float]]:
    return [(maand(one), one.wordt.regel.naam, round(one.kans, 3)) for one in every]


def maand(one: Gespeeld) -> int:
    return int(one.link.periode[5:])


@given(st.lists(EVENTS, min_size=1, max_size=14))
@settings(max_examples=150, deadline=None)
def test_the_policy_of_history_gives_history_exactly(events: list[Event]) -> None:
    recorded = historie(*events)
    every = gespeeld(recorded, HUIDIG)
    assert {one.signaal_id for one in every} == {one.signaal_id for one in recorded.signalen if one.open}
    assert all(one.was is one.wordt and one.klopt for one in every)
    found = verslag(recorded, HUIDIG)
    assert found["anders"] == {"aantal": 0, "overgangen": [], "gevallen": []}
    assert found["afwijkendVanHistorie"] == 0
    assert all(one["was"] == one["wordt"] for one in found["maanden"])
    assert found["totaal"]["was"] == found["totaal"]["wordt"]


def test_a_recorded_decision_that_the_policy_does_not_give_is_counted() -> None:
    recorded = historie(gekoppeld(1))
    spel = Spel("0505", lambda code, day: drempel(20), drempel(20), Aannames())
    assert [one.klopt for melding in spel.speel(recorded) for one in melding] == [False]


SEVENTY: dict[str, Any] = {"bedrag": Decimal(70), "achterstand_id": UUID(int=700)}


def test_who_is_no_longer_picked_up_stays_open_and_returns_until_the_end() -> None:
    recorded = historie(gekoppeld(1, 3, **SEVENTY), gekoppeld(2, 6, adres=9, zaak=9, bedrag=Decimal(30)))
    assert regels(gespeeld(recorded, drempel(100))) == [
        (3, "drempelbedrag", 1.0), (4, "drempelbedrag", 0.49), (5, "drempelbedrag", 0.24), (6, "drempelbedrag", 1.0),
        (6, "drempelbedrag", 0.118),
    ]  # fmt: skip
    assert regels(gespeeld(recorded, drempel(100), terugkeer=0)) == [
        (3, "drempelbedrag", 1.0), (6, "drempelbedrag", 1.0),
    ]  # fmt: skip


def test_history_that_has_it_return_is_not_returned_twice() -> None:
    again = gekoppeld(2, 4, bedrag=Decimal(70), vorig_bedrag=Decimal(70), herhaald=True, achterstand_id=UUID(int=700))
    recorded = historie(gekoppeld(1, 3, **SEVENTY), again)
    assert regels(gespeeld(recorded, HUIDIG)) == [(3, "bericht", 1.0), (4, "herhaalde-melding", 1.0)]
    every = gespeeld(recorded, drempel(60).model_copy())
    assert regels(every) == [(3, "bericht", 1.0), (4, "herhaalde-melding", 1.0)]
    assert regels(gespeeld(recorded, drempel(100))) == [(3, "drempelbedrag", 1.0), (4, "drempelbedrag", 1.0)]
    zonder = HUIDIG.model_dump(mode="json", by_alias=True, exclude_none=True)
    row = next(one for one in zonder["regels"] if one["naam"] == "drempelbedrag")
    row["als"] |= {"bedrag": {"minderDan": 100}, "herhaald": False}
    assert regels(gespeeld(recorded, Beleid.model_validate(zonder)))[1] == (4, "bericht", 1.0)


def test_a_visit_that_is_not_paid_gives_no_contact_and_no_answer_later() -> None:
    rent: dict[str, Any] = {"signaalpartner": Signaalpartner.HUUR, "bedrag": Decimal(900),
                            "ontstaansdatum": date(2025, 1, 1)}  # fmt: skip
    bezoek = contact(date(2025, 3, 20)).model_copy(update={"soort": Contactsoort.HUISBEZOEK})
    recorded = historie(gekoppeld(9, 1), gekoppeld(1, 3, **rent), bezoek, gekoppeld(2, 4, **rent))
    assert regels(gespeeld(recorded, HUIDIG))[2] == (4, "spoor-1-huur", 1.0)
    found = HUIDIG.model_dump(mode="json", by_alias=True, exclude_none=True)
    for row in found["regels"]:
        if row["naam"] == "spoor-2-geen-contact":
            row["dan"]["stappen"] = [{"contactsoorten": ["Brief"]}]
    every = gespeeld(recorded, Beleid.model_validate(found))
    assert [(maand(one), one.wordt.regel.naam) for one in every if one.was][1:] == [
        (3, "spoor-2-geen-contact"), (4, "spoor-2-geen-contact"),
    ]  # fmt: skip


def test_nor_the_conversation_that_came_of_it() -> None:
    rent: dict[str, Any] = {"signaalpartner": Signaalpartner.HUUR, "bedrag": Decimal(900),
                            "achterstand_id": UUID(int=700)}  # fmt: skip
    bezoek = contact(date(2025, 3, 20)).model_copy(update={"soort": Contactsoort.HUISBEZOEK})
    gesprek = FirstConversationHeld(zaak_id=bezoek.zaak_id, datum=date(2025, 3, 25))
    recorded = historie(gekoppeld(1, 3, **rent), bezoek, gesprek, gekoppeld(2, 4, **rent))
    found = HUIDIG.model_dump(mode="json", by_alias=True, exclude_none=True)
    row = next(one for one in found["regels"] if one["naam"] == "spoor-1-huur")
    spoken = row | {"naam": "gesproken", "als": {"contactSindsVorigSignaal": True}}
    assert regels(gespeeld(recorded, Beleid.model_validate(found | {"regels": [spoken, *found["regels"]]})))[1] == (
        4, "gesproken", 1.0,
    )  # fmt: skip
    brief = row | {"dan": row["dan"] | {"stappen": ["Brief"]}}
    fewer = [spoken, *(brief if one is row else one for one in found["regels"])]
    every = gespeeld(recorded, Beleid.model_validate(found | {"regels": fewer}))
    assert [one[1] for one in regels(every)] == ["spoor-1-huur", "spoor-2-geen-contact"]


def test_the_report_adds_up() -> None:
    recorded = historie(
        gekoppeld(1, 3, **SEVENTY),
        gekoppeld(2, 3, adres=2, zaak=2, bedrag=Decimal(700)),
        ingetrokken(9),
        gekoppeld(9, 3, adres=9, zaak=9),
        contact(date(2025, 3, 20), 2),
    )
    found = verslag(recorded, drempel(100), fte=0.001)
    [row] = found["maanden"]
    was, wordt = row["was"], row["wordt"]
    assert (was["opgepakt"], wordt["opgepakt"]) == (2, 1)
    assert (was["brieven"], was["berichten"], was["telefoontjes"], was["huisbezoeken"]) == (2, 1, 2, 0)
    assert (wordt["brieven"], wordt["berichten"], wordt["telefoontjes"]) == (1, 0, 2)
    assert was["uren"] == pytest.approx(0.8)
    assert wordt["uren"] == pytest.approx(0.6)
    assert was["bereik"] == found["aannames"]["bereik"] == 0.5
    more, phone, written = 3 - 2.5, 2 / 3 - 2 / 5, 1 / 3 - 3 / 5
    assert wordt["bereik"] == pytest.approx(0.5 + 0.11 * more + 0.28 * phone - 0.17 * written, abs=1e-4)
    assert found["anders"]["aantal"] == 1
    assert found["anders"]["overgangen"] == [{"was": "bericht", "wordt": "drempelbedrag", "aantal": 1}]
    [geval] = found["anders"]["gevallen"]
    assert geval["was"] == {"oppakken": True, "regel": "bericht", "contactsoorten": ["Brief", "Mail"]}
    assert geval["wordt"]["reden"] == "onder drempelbedrag"
    assert found["signalen"] == 2


def test_parts_of_a_return_do_not_make_less_than_nothing() -> None:
    rent = gekoppeld(1, 3, signaalpartner=Signaalpartner.HUUR, bedrag=Decimal(900))
    found = HUIDIG.model_dump(mode="json", by_alias=True, exclude_none=True)
    row = next(one for one in found["regels"] if one["naam"] == "spoor-1-huur")
    row["dan"]["stappen"] = ["Brief", "Telefoon", "Huisbezoek"]
    told = verslag(historie(rent, gekoppeld(2, 6, adres=9, zaak=9)), Beleid.model_validate(found))
    assert told["totaal"]["wordt"]["terugkeer"] > 0
    assert [one["wordt"]["overig"] for one in told["maanden"]] == [0] * len(told["maanden"])


def test_terms_are_at_risk_when_the_hours_are_not_there() -> None:
    maart = Maand(
        werk=Counter({(1, date(2025, 3, 20), 3.0, 1.0): 1, (3, date(2025, 4, 10), 3.0, 1.0): 1,
                      (2, date(2025, 3, 31), 3.0, 1.0): 1})
    )  # fmt: skip
    april = Maand(werk=Counter({(1, date(2025, 4, 20), 3.0, 1.0): 1}))
    assert in_gevaar([maart, april], ["2025-03", "2025-04"], 6.0) == [0, 0]
    assert in_gevaar([maart, april], ["2025-03", "2025-04"], 3.0) == [1, 1]
    assert in_gevaar([maart, april], ["2025-03", "2025-04"], 0.0) == [2, 2]
    druk = Maand(werk=Counter({(1, date(2025, 3, 20), 3.0, 1.0): 5, (2, date(2025, 3, 20), 1.0, 0.5): 4}))
    assert [in_gevaar([druk], ["2025-03"], hours)[0] for hours in (0, 3, 14.9, 15, 15.5, 17)] == [7, 6, 3, 2, 1.5, 0]


def test_the_picture_is_a_small_svg_without_what_a_title_could_smuggle_in() -> None:
    found = verslag(historie(gekoppeld(1, 3, **SEVENTY), gekoppeld(2, 5, adres=2, zaak=2)), drempel(100), fte=0.001)
    drawn = plaatje(found, "<script>")
    assert len(drawn) < 20_000
    assert "<script>" not in drawn
    root = ElementTree.fromstring(drawn)
    assert len(root.findall(".//{http://www.w3.org/2000/svg}polyline")) == 12
    assert plaatje(verslag(Historie(), HUIDIG), "leeg").startswith("<svg")


async def parts(*historie: Historie) -> AsyncIterator[Historie]:
    for one in historie:
        yield one


async def test_only_so_many_reports_are_kept_and_the_oldest_makes_room() -> None:
    known, recorded = Simulaties(), historie(gekoppeld(1, 3, **SEVENTY))
    every = [Simulatie(UUID(int=n), "0505", "x", datetime(2025, 6, 2, tzinfo=UTC)) for n in range(MAX_KEPT + 3)]
    for one in every:
        known.begin(one, speel(one, Spel("0505", KEUZE, drempel(100), Aannames()), 1, parts(recorded)))
        assert one.task is not None
        await one.task
        assert (one.stand, one.voortgang) == (Stand.KLAAR, 1.0)
    kept = [known.van("0505", one.id) is not None for one in every]
    assert kept == [False] * 3 + [True] * MAX_KEPT
    assert known.van("0523", every[-1].id) is None
