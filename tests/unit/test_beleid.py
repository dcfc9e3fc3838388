"""The policies that ship: Leiden's and Oost Gelre's tables on every boundary, and what holds for every document."""

import json
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic.alias_generators import to_snake

from libs.events.values import Contactsoort, Signaalpartner, Signaalsoort
from services.routing.beleid import FOLDER, meegeleverd
from services.routing.policy.changes import changed_fact
from services.routing.policy.check import check_text
from services.routing.policy.document import Beleid
from services.routing.policy.evaluate import Besluit, decide
from services.routing.policy.facts import Feiten
from services.routing.policy.source import read

VANDAAG = date(2025, 3, 3)
DRECHTSTEDEN = ("0482", "0505", "0512", "0523", "0531", "0590", "0610", "0642", "1978")
BEZOEK, BERICHT, BELLEN = ["Huisbezoek"], ["Mail", "Brief"], ["Telefoon", "Mail", "Brief"]
ALLES = ["Brief", "Telefoon", "SMS/Whatsapp", "Huisbezoek"]


def besluit(gemeente: str, **feiten: Any) -> Besluit:
    facts = Feiten.model_validate({"signaalpartner": "Huur", "leeftijd": 40, **feiten})
    return decide(meegeleverd().voor(gemeente), facts, vandaag=VANDAAG, gemeentecode=gemeente)


def soorten(gemeente: str, **feiten: Any) -> list[str] | None:
    found = besluit(gemeente, **feiten)
    return [str(kind) for kind in found.contactsoorten] if found.oppakken else None


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_document_that_ships_can_be_published(path: Path) -> None:
    assert check_text(path.read_bytes()) == []


SHIPPED = Path(__file__).parents[1] / "beleid" / "versies.json"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_document_that_ships_never_changes_without_a_new_version(path: Path) -> None:
    """Decisions are pinned to a version: what was said under its name, comments aside, stays what it said. Of a new
    version the fingerprint is added here, and none is ever taken away."""
    value = read(path.read_bytes()).value
    found = sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    known = json.loads(SHIPPED.read_text()).get(value["versie"])
    assert known == found, f'give it a new versie, and add "{value["versie"]}": "{found}"'


@pytest.mark.parametrize("place", ["0505", "0344"])
def test_who_is_known_there_goes_to_the_social_service(place: str) -> None:
    found = besluit(place, signaalpartner="Zorg", bedrag=40, bekendBijSchuldhulpverlening=True)
    assert (found.oppakken, found.behandelaar.team) == (True, "Schuldhulpverlening")


def test_who_has_which_document() -> None:
    assert {meegeleverd().voor(code).versie.split("-")[0] for code in DRECHTSTEDEN} == {"drechtsteden"}
    names = [meegeleverd().voor(code).versie for code in ("0546", "1586", "0758", "0344")]
    assert names == ["leiden-2024.1", "oost-gelre-2024.1", "breda-2025.3", "landelijk-2025.3"]


@pytest.mark.parametrize("partner", list(Signaalpartner))
@pytest.mark.parametrize(
    ("bedrag", "zonder"),
    [("19.99", None), ("20", None), ("49.99", None), ("50", BERICHT), ("200", BERICHT), ("200.01", BERICHT),
     ("499.99", BERICHT), ("500", BELLEN), ("500.01", BELLEN), ("1000", BELLEN), ("1000.01", BEZOEK)],
)  # fmt: skip
def test_leiden_for_others(partner: Signaalpartner, bedrag: str, zonder: list[str] | None) -> None:
    for leeftijd in (17, 27, None):
        facts = {"signaalpartner": partner, "bedrag": bedrag, "leeftijd": leeftijd}
        assert soorten("0546", **facts) == zonder
        assert soorten("0546", **facts, matchZelfdePeriode=True) == BEZOEK


@pytest.mark.parametrize(
    ("bedrag", "zonder"),
    [("19.99", None), ("20", BERICHT), ("49.99", BERICHT), ("50", BERICHT), ("200", BERICHT), ("200.01", BERICHT),
     ("500", BERICHT), ("500.01", BEZOEK), ("1000", BEZOEK), ("1000.01", BEZOEK)],
)  # fmt: skip
def test_leiden_for_the_young(bedrag: str, zonder: list[str] | None) -> None:
    for leeftijd in (18, 26):
        assert soorten("0546", bedrag=bedrag, leeftijd=leeftijd) == zonder
        assert soorten("0546", bedrag=bedrag, leeftijd=leeftijd, matchZelfdePeriode=True) == BEZOEK


@pytest.mark.parametrize("bedrag", ["0.01", "19.99", "20", "49.99", "50", "200", "200.01", "500", "1000", "1000.01"])
def test_oost_gelre(bedrag: str) -> None:
    for personal in ({"leeftijd": 18}, {"leeftijd": 26}, {"minderjarigeKinderen": True}, {"recidive": True}):
        found = besluit("1586", bedrag=bedrag, **personal)
        assert [str(kind) for kind in found.contactsoorten] == ALLES
        assert [step.keuze for step in found.stappen] == ["alle", "alle"]
    for leeftijd in (17, 27):
        found = besluit("1586", bedrag=bedrag, leeftijd=leeftijd)
        if Decimal(bedrag) > 200:
            assert [str(kind) for kind in found.contactsoorten] == ALLES
            assert [step.keuze for step in found.stappen] == ["alle", "een van"]
        else:
            assert [str(kind) for kind in found.contactsoorten] == ["Brief"]


def test_which_letter_goes_is_a_setting_of_oost_gelre() -> None:
    assert besluit("1586", bedrag=10).stappen[0].brief == "aanbod-en-contact"
    other = meegeleverd().voor("1586").model_dump(mode="json", by_alias=True) | {"standaardbrief": "aanbod"}
    facts = Feiten(signaalpartner=Signaalpartner.HUUR, bedrag=Decimal(10))
    assert decide(Beleid.model_validate(other), facts, vandaag=VANDAAG).stappen[0].brief == "aanbod"


def test_breda_counts_its_mandatory_actions() -> None:
    route = besluit("0758", bedrag=1500, vorigBedrag=800, eerderContact=False, recidive=True)
    least = {step.middel or str(step.contactsoorten[0]): step.minimum for step in route.stappen}
    assert least == {"Brief": 1, "Telefoon": 2, "WhatsApp-oproep": 1, "SMS/Whatsapp": 1, "Huisbezoek": 2, "Flyer": 0}
    assert any(step.buiten_kantooruren for step in route.stappen)
    assert route.behandelaar.team == "Signalering+"


def test_contact_of_long_ago_does_not_keep_a_household_from_signalering_plus() -> None:
    risen = {"bedrag": 1500, "vorigBedrag": 800, "recidive": True}
    for facts, regel in (
        ({"eerderContact": True, "contactSindsVorigSignaal": False}, "signalering-plus"),
        ({"eerderContact": False, "contactSindsVorigSignaal": True}, "recidive-huur"),
        ({"eerderContact": True}, "recidive-huur"),
        ({}, "signalering-plus"),
    ):
        assert besluit("0758", **risen, **facts).regel == regel


@pytest.mark.parametrize("soort", ["Eindelevering", "CAK-lijst"])
@pytest.mark.parametrize("place", ["0546", "1586", "0758", "0344", "0505"])
def test_what_always_follows_on_a_vroegsignaal_is_no_repeat_of_it(place: str, soort: str) -> None:
    """An end of supply is only announced after one (Energieregeling; Bgs art. 3)."""
    repeated = {"bedrag": 300, "vorigBedrag": 300, "herhaald": True, "eerderOpgepakt": True, "recidive": True}
    assert besluit(place, signaalpartner="Energie", soort=soort, **repeated).oppakken


@pytest.mark.parametrize("place", ["0546", "1586", "0758", "0344", "0505"])
def test_no_repeat_is_set_aside_while_signalering_plus_runs(place: str) -> None:
    repeated = {"bedrag": 600, "vorigBedrag": 600, "herhaald": True, "eerderOpgepakt": True, "recidive": True}
    for spoken in (True, False):
        found = besluit(place, signaleringPlus=True, contactSindsVorigSignaal=spoken, eerderContact=True, **repeated)
        assert found.oppakken
        assert place != "0758" or found.regel == "signalering-plus"


def test_the_same_step_has_another_handler_in_each_of_the_nine() -> None:
    teams = {besluit(code, bedrag=800).behandelaar for code in DRECHTSTEDEN}
    assert len(teams) == 9
    assert {besluit(code, bedrag=800).regel for code in DRECHTSTEDEN} == {"spoor-1-huur"}


AMOUNTS = ["0.01", "19.99", "20", "49.99", "50", "200", "200.01", "500", "500.01", "1000", "1000.01", "99999.99"]
FLAGS = (
    "minderjarige_kinderen", "match_zelfde_periode", "recidive", "herhaald", "eerder_opgepakt", "crisissignaal",
    "warme_overdracht", "ontruiming_aangezegd", "hulp_aanvaard", "hulp_afgewezen", "bekend_bij_schuldhulpverlening",
    "telefoon_bruikbaar", "email_bruikbaar", "contact_sinds_vorig_signaal", "signalering_plus",
)  # fmt: skip
maybe = st.none() | st.booleans()
FACTS = st.builds(
    Feiten,
    signaalpartner=st.sampled_from(Signaalpartner),
    soort=st.sampled_from(Signaalsoort),
    bedrag=st.none() | st.sampled_from(AMOUNTS).map(Decimal) | st.decimals(0, 5000, places=2),
    vorig_bedrag=st.none() | st.sampled_from(AMOUNTS).map(Decimal),
    leeftijd=st.none() | st.sampled_from([0, 17, 18, 26, 27, 66, 120]),
    eerder_contact=maybe
    | st.fixed_dictionaries({"bereikt": st.booleans(), "soort": st.none() | st.sampled_from(Contactsoort)}),
    maanden_achterstand=st.none() | st.integers(0, 30),
    aantal_eerdere_signalen=st.none() | st.integers(0, 12),
    eerdere_signaalpartners=st.lists(st.sampled_from(Signaalpartner), max_size=3).map(tuple),
    signaaldatum=st.none() | st.dates(date(2022, 1, 1), date(2030, 1, 1)),
    einddatum_levering=st.none() | st.dates(date(2022, 1, 1), date(2030, 1, 1)),
    **dict.fromkeys(FLAGS, maybe),
)
PLACES = st.sampled_from(["0546", "1586", "0758", "0344", *DRECHTSTEDEN])


@given(FACTS, PLACES)
@settings(max_examples=300, deadline=None)
def test_every_signal_gets_a_decision_that_can_be_derived_again(feiten: Feiten, place: str) -> None:
    """Total, and the same from what an event and a document hold in writing."""
    beleid = meegeleverd().voor(place)
    found = decide(beleid, feiten, vandaag=VANDAAG, gemeentecode=place)
    written = Beleid.model_validate_json(beleid.model_dump_json(by_alias=True))
    told = Feiten.model_validate_json(feiten.model_dump_json(by_alias=True, exclude_none=True))
    assert decide(written, told, vandaag=VANDAAG, gemeentecode=place) == found
    assert found.oppakken == bool(found.stappen) == (found.uiterlijke_datum is not None) == (found.reden is None)
    start = feiten.signaaldatum or VANDAAG
    assert found.uiterlijke_datum is None or start < found.uiterlijke_datum <= start + timedelta(days=28)
    assert f'"{found.regel}"' in found.uitleg[1]


@given(FACTS, PLACES)
@settings(max_examples=200, deadline=None)
def test_what_would_have_changed_it_does_change_it(feiten: Feiten, place: str) -> None:
    beleid = meegeleverd().voor(place)
    found = decide(beleid, feiten, vandaag=VANDAAG, gemeentecode=place)
    before = beleid.verdicts.on(feiten.values, place)
    for change in found.wijzigingen:
        assert change.zin in found.uitleg
        for value in change.waarden:
            after = beleid.verdicts.on(changed_fact(feiten.values, to_snake(change.feit), value), place)
            assert after.effect != before.effect
            assert (after.regel.dan.oppakken, after.regel.dan.contactsoorten) == (
                change.oppakken,
                change.contactsoorten,
            )


@given(FACTS, PLACES)
@settings(max_examples=200, deadline=None)
def test_the_two_guarantees(feiten: Feiten, place: str) -> None:
    """A CAK list is never below a threshold; a repeat is left alone only where the earlier one was picked up."""
    found = decide(meegeleverd().voor(place), feiten, vandaag=VANDAAG, gemeentecode=place)
    if found.reden == "onder drempelbedrag":
        assert feiten.soort is not Signaalsoort.CAK_LIJST
    if found.reden == "herhaalde melding":
        assert feiten.values["herhaald"] is True
        assert feiten.eerder_opgepakt is True


def test_the_explanation_of_a_threshold_in_full() -> None:
    found = besluit("0546", bedrag="49.99", signaaldatum="2025-03-03")
    assert found.uitleg[0] == "Het signaal wordt niet opgepakt: onder drempelbedrag."
    assert "Grondslag: Werkwijze Leiden (Terugkerende signalen, 1 oktober 2024)." in found.uitleg
    assert "Bij bedrag € 50,00 (€ 0,01 meer) was het signaal wel opgepakt (Mail en Brief)." in found.uitleg
    assert "Met een ander signaal in dezelfde periode was het signaal wel opgepakt (Huisbezoek)." in found.uitleg


def test_a_guarantee_that_kept_a_row_away_is_told() -> None:
    found = besluit("0546", soort="CAK-lijst", bedrag=10)
    assert found.oppakken
    assert any("overgeslagen: een signaal van een CAK-lijst" in sentence for sentence in found.uitleg)
