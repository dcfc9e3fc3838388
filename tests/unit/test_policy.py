"""The policy engine: conditions, coverage, and the judgment on a text."""

from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from pydantic import ValidationError

from libs.chassis.werkdagen import feestdagen, plus_werkdagen
from services.routing.beleid import FOLDER
from services.routing.policy.check import check_text, check_value
from services.routing.policy.conditions import Grenzen, Voorwaarden
from services.routing.policy.facts import Feiten
from services.routing.policy.source import read

KOP = """naam: Proef
versie: proef-1
geldigVanaf: 2025-01-01
bron: geen
behandelaars:
  gemeente:
    standaard: {organisatie: Gemeente, team: VS}
"""
BRIEF = "dan: {oppakken: ja, stappen: [{contactsoorten: [Brief]}]}"
NIET = "dan: {oppakken: nee, reden: onder drempelbedrag}"
VOORBEELD = "voorbeelden: [{naam: een, feiten: {signaalpartner: Huur, bedrag: 100}, verwacht: {oppakken: ja}}]\n"


def document(*regels: str, voorbeeld: str = VOORBEELD) -> bytes:
    rows = "".join(f"  - {{naam: r{place}, {regel}}}\n" for place, regel in enumerate(regels))
    return (KOP + "regels:\n" + rows + voorbeeld).encode()


@pytest.mark.parametrize(
    ("grenzen", "inside", "outside"),
    [
        ({"vanaf": 20}, ["20", "20.01"], ["19.99"]),
        ({"meerDan": 20}, ["20.01"], ["20"]),
        ({"minderDan": 20}, ["19.99"], ["20"]),
        ({"totEnMet": 20}, ["20"], ["20.01"]),
        ({"vanaf": 20, "minderDan": 30}, ["20", "29.99"], ["19.99", "30"]),
    ],
)
def test_each_edge_says_itself_whether_it_counts(grenzen: Any, inside: list[str], outside: list[str]) -> None:
    asked = Grenzen.model_validate(grenzen)
    assert all(asked.holds(Decimal(one)) for one in inside)
    assert not any(asked.holds(Decimal(one)) for one in outside)
    assert not asked.holds(None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"bedrag": {}},
        {"bedrag": {"vanaf": 1, "meerDan": 1}},
        {"bedrag": {"vanaf": 1.005}},
        {"bedrag": {"vanaf": -1}},
        {"leeftijd": {"vanaf": 17.5}},
        {"soort": []},
        {"soort": ["Onzin"]},
        {"gebeid": ["x"]},
    ],
)
def test_a_condition_that_says_nothing_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        Voorwaarden.model_validate(wrong)


def test_unknown_counts_as_no_and_meets_no_limit() -> None:
    facts = Feiten.model_validate({"signaalpartner": "Huur"}).values
    assert Voorwaarden.model_validate({"recidive": False}).hold(facts)
    assert not Voorwaarden.model_validate({"recidive": True}).hold(facts)
    assert not Voorwaarden.model_validate({"leeftijd": {"vanaf": 0}}).hold(facts)
    assert Voorwaarden.model_validate({"geenVan": [{"leeftijd": {"vanaf": 0}}]}).hold(facts)


def test_groups() -> None:
    asked = Voorwaarden.model_validate({"eenVan": [{"recidive": True}, {"leeftijd": {"minderDan": 27}}]})
    young = Feiten.model_validate({"signaalpartner": "Huur", "leeftijd": 20}).values
    old = Feiten.model_validate({"signaalpartner": "Huur", "leeftijd": 40}).values
    assert asked.hold(young)
    assert not asked.hold(old)
    assert asked.hold(old | {"recidive": True})


def test_what_rose_is_not_a_repeat() -> None:
    facts = {"signaalpartner": "Huur", "herhaald": True, "vorigBedrag": 100}
    assert Feiten.model_validate(facts | {"bedrag": 100}).values["herhaald"] is True
    assert Feiten.model_validate(facts | {"bedrag": 100.01}).values["herhaald"] is False


def test_a_whole_document_is_in_order() -> None:
    assert check_text(document(f"als: {{bedrag: {{minderDan: 50}}}}, {NIET}", BRIEF)) == []


def test_a_gap_is_shown_by_facts_that_fall_in_it() -> None:
    found = check_text(
        document(f"als: {{bedrag: {{vanaf: 50}}}}, {BRIEF}", f"als: {{bedrag: {{minderDan: 50}}}}, {BRIEF}")
    )
    assert len(found) == 1
    assert "geen regel past" in found[0]
    assert found[0].startswith("regel 8: regels:")
    young, old = f"als: {{leeftijd: {{minderDan: 27}}}}, {BRIEF}", f"als: {{leeftijd: {{meerDan: 27}}}}, {BRIEF}"
    unknown = f"als: {{geenVan: [{{leeftijd: {{vanaf: 0}}}}]}}, {BRIEF}"
    found = check_text(document(young, old, unknown))
    assert "leeftijd: 27" in found[0]
    less, more = (f"als: {{bedrag: {{{edge}: 50}}}}, {BRIEF}" for edge in ("minderDan", "meerDan"))
    found = check_text(document(less, more, f"als: {{recidive: ja, leeftijd: {{vanaf: 18}}}}, {BRIEF}"))
    assert "bedrag: onbekend" in found[0] and "leeftijd" not in found[0]


def test_a_threshold_leaves_the_cak_list_to_a_later_row() -> None:
    low, high = f"als: {{bedrag: {{minderDan: 50}}}}, {NIET}", f"als: {{bedrag: {{vanaf: 50}}}}, {BRIEF}"
    unknown = f"als: {{geenVan: [{{bedrag: {{vanaf: 0}}}}]}}, {BRIEF}"
    found = check_text(document(low, high, unknown))
    assert len(found) == 1
    assert "soort: CAK-lijst" in found[0]


ANDERS = "dan: {oppakken: nee, reden: andere reden}"
GEEN = "voorbeelden: [{naam: een, feiten: {signaalpartner: Huur}, verwacht: {}}]\n"


def beslist(regel: str, **feiten: Any) -> bool:
    """Whether this row decides, in a document that picks up all else."""
    beleid, found = check_value(read(document(regel, BRIEF, voorbeeld=GEEN)).value)
    assert beleid is not None
    assert not found, found
    facts = Feiten.model_validate({"signaalpartner": "Zorg"} | feiten)
    return beleid.verdicts.on(facts.values, None).row == 0


@pytest.mark.parametrize("naam", ["bedrag", "vorigBedrag", "totaalbedrag", "bedragAndereSignalen"])
@pytest.mark.parametrize("als", ["{%s: {minderDan: 50}}", "{geenVan: [{%s: {vanaf: 50}}]}"])
def test_a_cak_list_is_below_no_threshold_whichever_amount_it_is_of(naam: str, als: str) -> None:
    feiten = {"bedrag": 10, "vorigBedrag": 20, "bedragAndereSignalen": 30}
    assert beslist(f"als: {als % naam}, {ANDERS}", **feiten)
    assert not beslist(f"als: {als % naam}, {ANDERS}", soort="CAK-lijst", **feiten)


@pytest.mark.parametrize(
    "als",
    [
        "{herhaald: ja}",
        "{geenVan: [{herhaald: nee}]}",
        "{eenVan: [{herhaald: ja, leeftijd: {vanaf: 18}}, {crisissignaal: ja}]}",
        "{eenVan: [{geenVan: [{herhaald: nee}]}, {crisissignaal: ja}]}",
        "{geenVan: [{eenVan: [{herhaald: nee, crisissignaal: nee}, {leeftijd: {minderDan: 18}}]}]}",
    ],
)
def test_who_is_left_alone_as_a_repeat_was_picked_up_before_however_that_is_put(als: str) -> None:
    regel, herhaald = f"als: {als}, {ANDERS}", {"leeftijd": 40, "herhaald": True}
    assert beslist(regel, **herhaald, eerderOpgepakt=True)
    assert not beslist(regel, **herhaald, eerderOpgepakt=False)
    assert not beslist(regel, **herhaald)
    assert beslist(regel, **herhaald, crisissignaal=True) == ("crisis" in als)  # left alone for another reason
    assert beslist(regel, leeftijd=40, crisissignaal=True) == ("crisis" in als)


def test_who_is_no_repeat_may_be_left_alone_for_that() -> None:
    for als in ("{herhaald: nee, crisissignaal: nee}", "{geenVan: [{herhaald: ja}], crisissignaal: nee}"):
        assert beslist(f"als: {als}, {ANDERS}")
        assert not beslist(f"als: {als}, {ANDERS}", herhaald=True, eerderOpgepakt=True)


def test_what_is_asked_once_a_fact_is_known() -> None:
    asked = Voorwaarden.model_validate({"recidive": True, "eenVan": [{"herhaald": True}, {"leeftijd": {"vanaf": 18}}],
                                        "geenVan": [{"herhaald": False, "crisissignaal": True}]})  # fmt: skip
    assert asked.given("herhaald", True) == Voorwaarden(recidive=True)
    assert asked.given("recidive", False) is False
    assert Voorwaarden(herhaald=True).given("herhaald", True) is True
    rest = asked.given("herhaald", False)
    for recidive, leeftijd, crisis in product((True, False), (10, 20), (True, False)):
        facts = {"recidive": recidive, "leeftijd": leeftijd, "crisissignaal": crisis, "herhaald": False}
        assert isinstance(rest, Voorwaarden)
        assert rest.hold(facts) == asked.hold(facts)


def test_a_row_that_can_never_decide_is_shown_with_the_row_before_it() -> None:
    found = check_text(
        document(f"als: {{bedrag: {{vanaf: 50}}}}, {BRIEF}", f"als: {{bedrag: {{vanaf: 60}}}}, {BRIEF}", BRIEF)
    )
    assert len(found) == 1
    assert found[0].startswith("regel 10: regels.1.als: deze regel beslist nooit")
    assert '"r0"' in found[0]
    assert "bedrag: 60" in found[0]


def test_a_row_that_contradicts_itself() -> None:
    found = check_text(document(f"als: {{bedrag: {{vanaf: 60, minderDan: 50}}}}, {BRIEF}", BRIEF))
    assert "sluiten elkaar uit" in found[0]


def test_a_failing_example_says_what_came_instead() -> None:
    found = check_text(document(f"als: {{bedrag: {{vanaf: 100}}}}, {NIET}", BRIEF))
    assert len(found) == 1
    assert 'voorbeeld "een" geeft nee en niet ja (regel "r0")' in found[0]
    assert "bedrag: 100" in found[0]


def test_an_example_names_the_kinds_of_contact_in_any_order() -> None:
    dan = "dan: {oppakken: ja, stappen: [Telefoon, {contactsoorten: [Brief, Mail]}, Huisbezoek]}"
    for kinds, right in (("[Mail, Huisbezoek, Brief, Telefoon]", True), ("[Mail, Huisbezoek, Brief]", False)):
        example = VOORBEELD.replace("oppakken: ja", f"contactsoorten: {kinds}")
        assert (check_text(document(dan, voorbeeld=example)) == []) is right


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "regel 1: het document is leeg"),
        (b"\xff\xfe", "regel 1: het document is geen UTF-8"),
        (b"naam: [", "regel 1: geen leesbare YAML"),
        (b"a: 1\nb: 2\na: 3", "regel 3: a komt twee keer voor"),
        (b"a: &x [1]\nb: *x", "regel 2: geen leesbare YAML of JSON: een verwijzing"),
        (b"[" * 1500, "regel 1: "),
        (b"x" * ((1 << 20) + 1), "regel 1: het document is groter"),
        (document(BRIEF.replace("Brief", "Postduif")), "regel 9: regels.0.dan.stappen.0.contactsoorten.0: is een van"),
        (document(BRIEF.replace("stappen", "stapen")), "regel 9: regels.0.dan.stapen: dit veld bestaat niet"),
        (
            document(BRIEF.replace("oppakken: ja", "oppakken: ja, behandelaar: wie")),
            'regel 9: regels.0.dan.behandelaar: "wie"',
        ),
        (document(BRIEF.replace("[Brief]", "[Brief], brief: nergens")), "staat niet bij brieven"),
        (document(f"als: {{bedrag: {{vanaf: 50,5}}}}, {BRIEF}", BRIEF), "regel 9: "),
        (document(BRIEF, BRIEF).replace(b"naam: r1", b"naam: r0"), 'regel 10: regels.1.naam: er is al een regel "r0"'),
        (KOP.encode() + b"regels: []\n" + VOORBEELD.encode(), "regel 8: regels: noem er ten minste 1"),
        (document(BRIEF, voorbeeld="voorbeelden: []"), "voorbeelden: noem er ten minste 1"),
        (document(BRIEF, voorbeeld=""), "voorbeelden: ontbreekt"),
    ],
    ids=range(16),
)  # fmt: skip
def test_errors_come_with_their_line(text: bytes, said: str) -> None:
    found = check_text(text)
    assert any(said in one for one in found), found


def test_json_is_read_too_and_text_stays_text() -> None:
    assert read(b'{"gemeentecodes": [0546, "0505"],\n\t"ja": "ja", "nee": nee}').value == {
        "gemeentecodes": ["0546", "0505"],
        "ja": "ja",
        "nee": False,
    }


def test_a_document_too_intricate_is_refused_in_time() -> None:
    value = read((FOLDER / "leiden.yaml").read_bytes()).value
    numbers = ("bedrag", "vorigBedrag", "leeftijd", "maandenAchterstand", "aantalEerdereSignalen", "ouderdomVordering")
    rows = [
        {"naam": f"x{n}", "als": {"eenVan": [{name: {"vanaf": 3 * n + 1, "minderDan": 3 * n + 2}} for name in numbers]},
         "dan": {"oppakken": "ja", "stappen": [{"contactsoorten": ["Brief"]}]}}
        for n in range(40)
    ]  # fmt: skip
    _, found = check_value(value | {"regels": [*rows, *value["regels"]]})
    assert found


def test_working_days() -> None:
    assert date(2025, 4, 18) in feestdagen(2025)
    assert plus_werkdagen(date(2025, 4, 16), 3) == date(2025, 4, 23)
    assert plus_werkdagen(date(2025, 4, 25), 1) == date(2025, 4, 28)
    assert date(2025, 4, 26) in feestdagen(2025)
    assert plus_werkdagen(date(2025, 12, 24), 1) == date(2025, 12, 29)
