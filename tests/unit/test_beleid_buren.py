"""The tables of neighbours on every boundary, written as officials write them: read from YAML, and as JSON from a tool
that keeps ja as text."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from libs.events.values import Contactsoort
from services.routing.policy.check import check_text, check_value
from services.routing.policy.document import Beleid
from services.routing.policy.evaluate import decide, settle
from services.routing.policy.facts import Feiten
from services.routing.policy.source import read
from services.routing.policy.written import feiten
from tests.unit.test_beleid import VANDAAG

ELDERS = Path(__file__).parents[1] / "beleid"
HUUR, ZORG, ENERGIE, WATER = "Huur", "Zorg", "Energie", "Water"


@cache
def beleid(name: str) -> Beleid:
    """The document, the same from YAML and from JSON."""
    text = (ELDERS / f"{name}.yaml").read_text()
    found, wrong = check_value(read(text.encode()).value)
    assert found is not None
    assert not wrong
    old = check_value(json.loads(json.dumps(yaml.safe_load(text), default=str)))
    assert old == (found, [])
    return found


def besluit(name: str, partner: str, bedrag: Any, **facts: Any) -> Any:
    given = Feiten.model_validate(feiten({"signaalpartner": partner, "bedrag": bedrag, **facts}))
    return settle(beleid(name), given, vandaag=VANDAAG)


PER_PARTNER: list[tuple[str, Any, dict[str, Any], str]] = [
    (HUUR, "99,99", {}, "Huur onder 100"),
    (HUUR, 100, {}, "Huur"),
    (HUUR, 10, {"matchZelfdePeriode": "ja"}, "Match"),
    (HUUR, 10, {"aantalSignalenZelfdePeriode": 2}, "Match"),
    (HUUR, 100, {"aantalSignalenZelfdePeriode": 1}, "Huur"),
    (ZORG, 5000, {"maandenAchterstand": 1}, "Zorg, minder dan 2 maanden"),
    (ZORG, 1, {"maandenAchterstand": 2}, "Zorg"),
    (ZORG, 1, {}, "Zorg"),  # how long is not known: not less than two months
    (ENERGIE, 149.99, {"leeftijd": 17}, "Energie onder 150"),
    (ENERGIE, 1, {"leeftijd": 18}, "Energie jongeren"),
    (ENERGIE, 1, {"leeftijd": 27}, "Energie jongeren"),
    (ENERGIE, 149.99, {"leeftijd": 28}, "Energie onder 150"),
    (ENERGIE, 149.99, {"leeftijd": 64}, "Energie onder 150"),
    (ENERGIE, 1, {"leeftijd": 65}, "Energie 65+"),
    (ENERGIE, 149.99, {}, "Energie onder 150"),
    (ENERGIE, 150, {"leeftijd": None}, "Overig"),
    (WATER, 75, {}, "Water tot en met 75"),
    (WATER, "75,01", {}, "Overig"),
    (WATER, 1, {"soort": "Eindelevering"}, "Crisis en eindelevering"),
    ("CAK Zorgverzekeringen", 1, {"soort": "CAK-lijst"}, "Overig"),
    (WATER, 1, {"soort": "CAK-lijst"}, "Overig"),  # never below a threshold
]
EERST_BELLEN: list[tuple[str, Any, dict[str, Any], str]] = [
    (WATER, 74.99, {"telefoonBruikbaar": True}, "Drempel"),
    (WATER, 75, {"telefoonBruikbaar": True}, "Bellen"),
    (WATER, 75, {"telefoonBruikbaar": False}, "Niet te bellen"),
    (WATER, 75, {}, "Niet te bellen"),
    (WATER, 74.99, {"aantalSignalenZelfdePeriode": 2}, "Twee signalen of twee maanden huur"),
    (WATER, 74.99, {"matchZelfdePeriode": True}, "Twee signalen of twee maanden huur"),
    (HUUR, 80, {"maandenAchterstand": 1, "telefoonBruikbaar": True}, "Bellen"),
    (HUUR, 80, {"maandenAchterstand": 2}, "Twee signalen of twee maanden huur"),
    (ENERGIE, 80, {"maandenAchterstand": 2, "telefoonBruikbaar": True}, "Bellen"),
    (ENERGIE, 10, {"soort": "Eindelevering", "signaaldatum": "2026-01-01", "einddatumLevering": "2026-01-29"}, "Spoed"),
    (ENERGIE, 80, {"soort": "Eindelevering", "signaaldatum": "2026-01-01", "einddatumLevering": "2026-01-30",
                   "telefoonBruikbaar": True}, "Bellen"),
    (WATER, 1, {"crisissignaal": True}, "Spoed"),
]  # fmt: skip
WEL = {"hulpAfgewezen": True, "eerdereSignaalpartners": [ZORG], "vorigBedrag": 300}
TERUGKEREND: list[tuple[str, Any, dict[str, Any], str]] = [
    (ZORG, 300, {**WEL, "maandenSindsContact": 2}, "Rust na hulp geweigerd"),
    (ZORG, 300, {**WEL, "maandenSindsContact": 3}, "Nieuw"),
    (ZORG, 300.01, {**WEL, "maandenSindsContact": 2, "recidive": True}, "Gestegen"),
    (ZORG, 300, {**WEL, "eerdereSignaalpartners": [HUUR], "maandenSindsContact": 2}, "Nieuw"),
    (ZORG, 300, {"herhaald": True, "eerderOpgepakt": True, "vorigBedrag": 300}, "Herhaald"),
    (ZORG, 300, {"herhaald": True, "eerderOpgepakt": False, "vorigBedrag": 300}, "Nieuw"),
    (ZORG, 300.01, {"herhaald": True, "eerderOpgepakt": True, "vorigBedrag": 300, "recidive": True}, "Gestegen"),
    (HUUR, 700, {"kerenZelfBetaald": 3, "maandenAchterstand": 1}, "Sleper"),
    (HUUR, 700, {"kerenZelfBetaald": 3, "maandenAchterstand": 2}, "Nieuw"),
    (HUUR, 700, {"kerenZelfBetaald": 2, "maandenAchterstand": 1}, "Nieuw"),
    (ZORG, 300, {"aantalEerdereSignalen": 2, "recidive": True}, "Terug"),
    (ZORG, 300, {"aantalEerdereSignalen": 3, "recidive": True}, "Andere systemen"),
    (ZORG, 300, {"aantalEerdereSignalen": 3, "eerderContact": {"bereikt": "ja", "soort": "Telefoon"}}, "Bewind"),
    (ZORG, 300, {"aantalEerdereSignalen": 3, "eerderContact": {"bereikt": False, "soort": "Brief"}}, "Andere systemen"),
    (ZORG, 300, {"recidive": True, "eerderContact": {"resultaat": "Geen hulp nodig"}}, "Terug na een gesprek"),
    (ZORG, 300, {"recidive": True, "eerderContact": {"resultaat": "Anders"}}, "Terug"),
    (ZORG, 300, {"bekendBijSchuldhulpverlening": True, "soort": "CAK-lijst"}, "Altijd"),
    (ZORG, 300, {"bekendBijSchuldhulpverlening": True}, "Bekend bij schuldhulpverlening"),
]
DRUK: list[tuple[str, Any, dict[str, Any], str]] = [
    (WATER, 49.99, {}, "Drempel in een gewone maand"),
    (WATER, 50, {}, "Overig"),
    (WATER, 50, {"signalenDezeMaand": 200}, "Overig"),
    (WATER, 50, {"signalenDezeMaand": 201}, "Drempel in een drukke maand"),
    (WATER, 99.99, {"signalenDezeMaand": 201}, "Drempel in een drukke maand"),
    (WATER, 100, {"signalenDezeMaand": 201}, "Overig"),
    (WATER, 60, {"signalenDezeMaand": 201, "matchZelfdePeriode": True}, "Overig"),
    (HUUR, 1000, {}, "Overig"),
    (HUUR, 1000.01, {}, "Hoog"),
    (HUUR, 500, {"matchZelfdePeriode": True, "bedragAndereSignalen": 500}, "Overig"),
    (HUUR, 500, {"matchZelfdePeriode": True, "bedragAndereSignalen": "500,01"}, "Hoog"),
    (HUUR, 60, {"gebied": "Oost", "minderjarigeKinderen": True}, "Gezinnen in Oost"),
    (HUUR, 60, {"gebied": "Oost", "minderjarigeKinderen": False}, "Overig"),
    (HUUR, 60, {"gebied": "West", "minderjarigeKinderen": True}, "Overig"),
    (HUUR, 60, {"leeftijd": 26, "gebied": "Oost", "minderjarigeKinderen": True}, "Jongeren"),
    (HUUR, 60, {"leeftijd": 17}, "Overig"),
]
TABELLEN = [
    (name, *row)
    for name, rows in (("per-partner", PER_PARTNER), ("eerst-bellen", EERST_BELLEN), ("terugkerend", TERUGKEREND),
                       ("druk", DRUK))
    for row in rows
]  # fmt: skip


@pytest.mark.parametrize(("name", "partner", "bedrag", "facts", "regel"), TABELLEN)
def test_every_boundary(name: str, partner: str, bedrag: Any, facts: dict[str, Any], regel: str) -> None:
    assert besluit(name, partner, bedrag, **facts).regel == regel


def test_a_term_and_a_team_of_its_own() -> None:
    found = besluit("per-partner", ENERGIE, 10, soort="Eindelevering", signaaldatum="2026-01-05")
    assert (str(found.uiterlijke_datum), found.behandelaar.team) == ("2026-01-12", "Wijkteam Noord")
    assert besluit("per-partner", ENERGIE, 10, soort="Crisis").behandelaar.organisatie == "Stichting Welzijn Merenwijk"
    assert besluit("per-partner", WATER, 80).behandelaar.organisatie == "Gemeente Merenwijk"


def test_steps_keep_their_order_and_how_often() -> None:
    steps = besluit("eerst-bellen", WATER, 80, telefoonBruikbaar=True).stappen
    assert [(str(s.contactsoorten[0]), s.minimum, s.maximum, s.na_dagen) for s in steps] == [
        ("Telefoon", 2, 7, None), ("SMS/Whatsapp", 1, None, 3), ("Huisbezoek", 1, 2, 7), ("Kaartje", 0, None, None),
    ]  # fmt: skip
    assert (steps[0].buiten_kantooruren, steps[2].aangekondigd) == (True, False)
    assert besluit("per-partner", WATER, 80).stappen[0].keuze == "een van"


def test_the_separate_letter_for_who_returns() -> None:
    assert besluit("terugkerend", ZORG, 300, recidive=True).stappen[0].brief == "terug"
    assert besluit("terugkerend", ZORG, 300).stappen[0].brief == "gewoon"


@pytest.mark.parametrize(
    ("facts", "benut", "soorten", "door"),
    [
        ({}, {"bezoeken": 19}, [Contactsoort.HUISBEZOEK], "Gemeente Drukstad"),
        ({}, {"bezoeken": 20}, [Contactsoort.TELEFOON, Contactsoort.BRIEF], "Gemeente Drukstad"),
        ({"leeftijd": 18}, {"jongerenteam": 2}, [Contactsoort.SMS_WHATSAPP, Contactsoort.HUISBEZOEK],
         "Jongerenwerk Drukstad"),
        ({"leeftijd": 18}, {"jongerenteam": 3}, [Contactsoort.TELEFOON], "Gemeente Drukstad"),
        ({"crisissignaal": True}, {"bezoeken": 999}, [Contactsoort.TELEFOON, Contactsoort.HUISBEZOEK],
         "Gemeente Drukstad"),
    ],
)  # fmt: skip
def test_what_gives_way_to_a_maximum(
    facts: dict[str, Any], benut: dict[str, int], soorten: list[Contactsoort], door: str
) -> None:
    found = besluit("druk", HUUR, 2000, benut=benut, **facts)
    assert (list(found.contactsoorten), found.behandelaar.organisatie) == (soorten, door)


HERHAALD = {"herhaald": True, "eerderOpgepakt": True, "vorigBedrag": 300, "recidive": True}
SAMEN = {"matchZelfdePeriode": True, "bedragAndereSignalen": 600}


@pytest.mark.parametrize(
    ("name", "partner", "bedrag", "facts", "zin"),
    [
        ("per-partner", HUUR, 140, {}, "Bij bedrag € 99,99 (€ 40,01 minder) was het signaal niet opgepakt"),
        ("terugkerend", ZORG, 300, HERHAALD, "Bij bedrag € 300,01 (€ 0,01 meer) was het signaal wel opgepakt"),
        ("druk", HUUR, 700, SAMEN, "Bij bedrag € 400,00 (€ 300,00 minder) was de route: Brief."),
        ("druk", HUUR, 300, SAMEN, "Bij bedrag € 400,01 (€ 100,01 meer) was de route: Huisbezoek."),
        ("per-partner", ENERGIE, 10, {"leeftijd": 30}, "Bij leeftijd 27 (3 jaar jonger) was het signaal wel opgepakt"),
        ("terugkerend", ZORG, 300, WEL | {"maandenSindsContact": 2},
         "Bij bekendheid bij schuldhulpverlening was de reden: bekend bij schuldhulpverlening."),
        ("druk", HUUR, 2000, {"benut": {"bezoeken": 20}}, "het maximum van 20 keer Huisbezoek in de maand is bereikt"),
        ("eerst-bellen", HUUR, 200, {"maandenAchterstand": 2}, "Huisbezoek (2 keer, avond, onaangekondigd); Kaartje"),
        ("terugkerend", ZORG, 300, WEL | {"maandenSindsContact": 2}, "Bij iedere andere signaalpartner was het"),
    ],
)  # fmt: skip
def test_it_says_what_would_have_changed_it(
    name: str, partner: str, bedrag: Any, facts: dict[str, Any], zin: str
) -> None:
    given = Feiten.model_validate({"signaalpartner": partner, "bedrag": bedrag, **facts})
    said = decide(beleid(name), given, vandaag=VANDAAG).uitleg
    assert any(zin in one for one in said), said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('{minderDan: "100,00"}', "{minderDan: 1.000}", "schrijf duizendtallen zonder punt"),
        ('{minderDan: "100,00"}', "{minderDan: 99,99}", "met een punt (49.99)"),
        ('{minderDan: "100,00"}', "{onder: 100}", "een grens heet vanaf, meerDan, minderDan, totEnMet"),
        ('{minderDan: "100,00"}', "100", "noem de grenzen bij hun naam"),
        ('{minderDan: "100,00"}', "{minderDan: 99.9999}", "ten hoogste 2 cijfers achter de komma"),
        ("als: {matchZelfdePeriode: ja}", "als: {match: ja}", "is matchMetHuur of matchZelfdePeriode bedoeld?"),
        ("maximum: 2}]}", "maximum: 90}]}", "een stap vraagt ten hoogste 50 pogingen"),
        ("prioriteit: 2,", "prioriteit: 9,", "is ten hoogste 5"),
        ("versie: Merenwijk_2026", "versie: Merenwijk 2026", "zonder spaties"),
        ("geldigVanaf: 2026-01-01", "geldigVanaf: 1 januari 2026", "is een datum als 2026-01-31"),
        ("keuze: één van", "keuze: soms", 'is "alle" of "een van"'),
    ],
)
def test_what_is_wrong_is_said_with_how_to_write_it(old: str, new: str, said: str) -> None:
    text = (ELDERS / "per-partner.yaml").read_text()
    assert text.count(old) == 1
    place = text.partition(old)[0].count("\n") + 1
    found = check_text(text.replace(old, new).encode())
    assert any(said in one and one.startswith(f"regel {place}: ") for one in found), found
    assert "nput" not in " ".join(found)  # no English
