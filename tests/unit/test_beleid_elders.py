"""Tables as other municipalities write them: each can be written, and what contradicts itself is refused with its line
and the example that shows it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic.alias_generators import to_camel

from libs.events.values import Stap
from services.routing.beleid import FOLDER
from services.routing.policy.check import check_text
from services.routing.policy.conditions import Voorwaarden
from services.routing.policy.document import Beleid
from services.routing.policy.maxima import Maximum
from services.routing.policy.rows import Regel, Uitkomst
from services.routing.policy.source import read

ELDERS = Path(__file__).parents[1] / "beleid"
DOCUMENTS = {path.stem: path.read_text() for path in sorted(ELDERS.glob("*.yaml"))}


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_it_can_be_published(name: str) -> None:
    assert check_text(DOCUMENTS[name].encode()) == []


def findings(name: str, old: str, new: str) -> list[str]:
    """What is wrong with a document after this change, which it must have exactly once."""
    assert DOCUMENTS[name].count(old) == 1, old
    return check_text(DOCUMENTS[name].replace(old, new).encode())


def line(name: str, text: str) -> str:
    """The line on which this stands, as a message begins."""
    before = DOCUMENTS[name].partition(text)[0]
    return f"regel {before.count(chr(10)) + 1}: "


PARTNERS, LADDER = "partners-en-wijken", "ladder"
WRONG: list[tuple[str, str, str, str, str]] = [
    # document, what is changed, into what, the line of the finding, what it says
    (PARTNERS, "als: {leeftijd: {vanaf: 65}}", "als: {leeftijd: {vanaf: 18, totEnMet: 26}}",
     "als: {leeftijd: {vanaf: 65}}", 'beslist nooit: een eerdere regel gaat altijd voor, zoals "jongeren"'),
    (PARTNERS, "als: {leeftijd: {vanaf: 65}}", "als: {leeftijd: {vanaf: 65, minderDan: 27}}",
     "als: {leeftijd: {vanaf: 65}}", "zijn voorwaarden sluiten elkaar uit"),
    (PARTNERS, "      minderjarigeKinderen: ja\n    dan", "      matchMetHuur: ja\n    dan",
     "    als:\n      gebied:", 'zoals "match-met-huur" (voorbeeld: matchMetHuur: ja; gebied: 3311)'),
    (PARTNERS, "{perFte: 12}\n", "{perFte: 12}\n  mail: {perMaand: 9, contactsoorten: [Mail]}\n",
     "  wijkteam: {perMaand", "maxima.mail: dit maximum"),
    (PARTNERS, "wijkteam: {perMaand: 10, behandelaar: wijkteam}", "wijkteam: {perMaand: 1, behandelaar: wijkteam}",
     "    als:\n      eenVan:\n        - aantalPartners", "het maximum van 1 keer Huisbezoek in de maand is bereikt"),
    (PARTNERS, "fte: 2.5", "toelichting: zonder fte", "  huisbezoeken: {perFte", "het document noemt geen fte"),
    (PARTNERS, "{minderDan: 25}", "{minderDan: 24}", "  - {naam: huur 24.99", 'geeft ja en niet nee'),
    (PARTNERS, "dagenTotEindeLevering: {totEnMet: 14}", "dagenTotEindeLevering: {totEnMet: 14.5}",
     "    als:\n      soort: [Eindelevering, Crisis]\n      signaal", "dagenTotEindeLevering is een geheel getal"),
    (PARTNERS, "dagdeel: Ochtend", "dagdeel: Nacht", "        - {contactsoorten: [Telefoon], minimum: 2, dagdeel: Och",
     "is een van: 'Ochtend', 'Middag', 'Avond'"),
    (PARTNERS, "brief: jongeren, naDagen", "brief: tieners, naDagen", "        - {contactsoorten: [Brief], brief: jon",
     '"tieners" staat niet bij brieven'),
    (LADDER, "als: {aantalEerdereSignalen: {vanaf: 2}}", "als: {aantalEerdereSignalen: {vanaf: 1}}",
     "    als: {aantalEerdereSignalen: {vanaf: 1}, eerder", 'beslist nooit'),
    (LADDER, "  - {naam: gewoon, dagen: 28,", "  - {naam: gewoon, als: {bedrag: {vanaf: 0}}, dagen: 28,",
     "termijnen:", "niet ieder signaal krijgt een termijn"),
    (LADDER, "  - {naam: gewoon, dagen: 28,", "  - {naam: gewoon, dagen: 35,", "  - {naam: gewoon", "28"),
    (LADDER, "naam: eerste-signaal\n    dan:", "naam: eerste-signaal\n    als: {bedrag: {meerDan: 50}}\n    dan:",
     "regels:\n", "geen regel past"),
    (LADDER, "minimum: 3, maximum: 7, uitvoerder", "minimum: 8, maximum: 7, uitvoerder",
     "    dan:\n      oppakken: ja\n      prioriteit: 3\n      behandelaar: callcenter", "lager dan het minimum"),
    (LADDER, "behandelaar: callcenter", "behandelaar: belteam", "      behandelaar: callcenter",
     '"belteam" staat niet bij behandelaars'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "where", "said"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_told_with_its_line(name: str, old: str, new: str, where: str, said: str) -> None:
    found = findings(name, old, new)
    assert any(one.startswith(line(name, where)) and said in one for one in found), (line(name, where), found)


SHIPPED = (FOLDER / "landelijk.yaml").read_text()
DEBATED = ("stop-na-drie-maanden", "vierde-melding-later", "rust-na-contact", "slepers", "bewind-bespreken",
           "kijk-in-andere-systemen")  # fmt: skip


def switched_on(*names: str) -> str:
    text = SHIPPED
    for name in names:
        before, after = text.split(f"naam: {name}\n")
        text = f"{before}naam: {name}\n{after.replace('actief: nee', 'actief: ja', 1)}"
    return text


@pytest.mark.parametrize("names", [(), *((name,) for name in DEBATED), DEBATED], ids=str)
def test_what_is_debated_is_off_and_can_be_switched_on(names: tuple[str, ...]) -> None:
    text = switched_on(*names).encode()
    assert check_text(text) == []
    beleid: Any = Beleid.model_validate(read(text).value)
    assert {regel.naam for regel in beleid.rijen} & set(DEBATED) == set(names)


def test_the_guide_names_every_fact_and_every_effect() -> None:
    """docs/policy.md is what officials have; a fact that is not in it is not there for them."""
    guide = (ELDERS.parents[1] / "docs" / "policy.md").read_text()
    models = (Voorwaarden, Beleid, Regel, Uitkomst, Stap, Maximum)
    names = {to_camel(name) for model in models for name in model.model_fields}
    assert {name for name in names if f"`{name}" not in guide and f"{name}:" not in guide} == set()
