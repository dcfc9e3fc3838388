"""Who live together, as far as the BRP tells: and nothing where it does not."""

from datetime import date
from typing import Any

import pytest

from libs.events.values import Huishouden
from services.matching.huishouden import huishouden, minderjarigen
from services.matching.personen import Geboorte, ingeschrevene, treffer
from services.routing.policy.check import check_text
from tests.matching import overleden, persoon

OP = date(2026, 1, 3)
BEIDEN = [{"burgerservicenummer": "1"}, {"burgerservicenummer": "2"}]
ZELF, PARTNER = persoon("1", "Janssen", partners=BEIDEN[1:]), persoon("2", "de Vries", partners=BEIDEN[:1])
KIND, GROOT = persoon("3", "Janssen", "2008-01-04"), persoon("4", "Janssen", "2008-01-03")
WEDUWNAAR = persoon("1", "Janssen", partners=[BEIDEN[1] | {"ontbindingHuwelijkPartnerschap": {"datum": {}}}])
ALLEEN, GEZIN = Huishouden.ALLEENSTAAND, Huishouden.SAMENWONEND_MET_KINDEREN


def met(wie: dict[str, Any], **anders: Any) -> dict[str, Any]:
    return wie | anders


def geboren(bsn: str, **datum: Any) -> dict[str, Any]:
    """A resident of whose birth date only this is known."""
    return persoon(bsn, "Janssen", geboorte={"datum": datum})


ONDERZOCHT = {"adressering": {"adresregel1": "Lekstraat 10", "adresregel2": "3311AB  X", "inOnderzoek": {}}}
GEHEIM = {"geheimhoudingPersoonsgegevens": True}
WEG = {"adressering": {"indicatieVastgesteldVerblijftNietOpAdres": True}}


@pytest.mark.parametrize(
    ("wie", "anderen", "soort"),
    [
        (ZELF, [], ALLEEN),
        (ZELF, [PARTNER], Huishouden.SAMENWONEND),
        (ZELF, [KIND], Huishouden.ALLEENSTAAND_MET_KINDEREN),
        (ZELF, [PARTNER, KIND], GEZIN),
        (ZELF, [PARTNER, GROOT], Huishouden.MEER_VOLWASSENEN),
        (ZELF, [GROOT], Huishouden.MEER_VOLWASSENEN),
        (ZELF, [persoon("9", "Bakker")], Huishouden.MEER_VOLWASSENEN),
        (ZELF, [met(PARTNER, **overleden())], ALLEEN),
        (WEDUWNAAR, [met(PARTNER, **overleden()), KIND], Huishouden.ALLEENSTAAND_MET_KINDEREN),
        (WEDUWNAAR, [PARTNER], Huishouden.MEER_VOLWASSENEN),
        (ZELF, [met(KIND, **overleden())], ALLEEN),
        (ZELF, [met(PARTNER, **WEG)], ALLEEN),
        (ZELF, [persoon("3", "Janssen", "2026-01-04")], ALLEEN),
        (met(ZELF, **GEHEIM), [met(PARTNER, **GEHEIM), KIND], GEZIN),
        (ZELF, [geboren("5", type="JaarDatum", jaar=1990)], Huishouden.MEER_VOLWASSENEN),
        (ZELF, [geboren("5", type="JaarMaandDatum", jaar=2015, maand=3)], Huishouden.ALLEENSTAAND_MET_KINDEREN),
        (ZELF, [geboren("5", type="JaarDatum", jaar=2008)], None),
        (ZELF, [geboren("5", type="DatumOnbekend")], None),
        (ZELF, [met(PARTNER, **ONDERZOCHT)], None),
        (met(ZELF, verblijfplaats=ZELF["verblijfplaats"] | {"inOnderzoek": {"type": True}}), [], None),
        (met(ZELF, verblijfplaats=ZELF["verblijfplaats"] | {"functieAdres": {"code": "B"}}), [], None),
    ],
)  # fmt: skip
def test_households(wie: dict[str, Any], anderen: list[dict[str, Any]], soort: Huishouden | None) -> None:
    assert huishouden(ingeschrevene(wie), [treffer(een) for een in (wie, *anderen)], OP) == soort


def test_nothing_is_told_where_the_brp_names_nobody_or_not_the_person() -> None:
    assert huishouden(ingeschrevene(ZELF), None, OP) is None
    assert huishouden(ingeschrevene(ZELF), [], OP) is None
    assert huishouden(ingeschrevene(ZELF), [treffer(PARTNER)], OP) is None


def test_minors_live_there_and_live() -> None:
    wie = ingeschrevene(met(ZELF, kinderen=[{"geboorte": KIND["geboorte"]}]))
    assert minderjarigen(wie, [treffer(ZELF), treffer(KIND)], OP)
    assert not minderjarigen(wie, [treffer(ZELF), treffer(met(KIND, **overleden()))], OP)
    assert not minderjarigen(wie, [treffer(ZELF), treffer(GROOT)], OP)
    assert minderjarigen(wie, None, OP), "nobody can be asked about: its own children"
    assert minderjarigen(wie, [treffer(geboren("5", type="JaarDatum", jaar=2015))], OP)


@pytest.mark.parametrize(
    ("geboorte", "jaren", "was"),
    [
        (Geboorte(2008, 1, 3), 18, True), (Geboorte(2008, 1, 4), 18, False), (Geboorte(2007), 18, True),
        (Geboorte(2008), 18, None), (Geboorte(2008, 2), 18, False), (Geboorte(2008, 1), 18, None),
        (Geboorte(2009), 18, False), (Geboorte(), 0, None), (Geboorte(2026, 1, 3), 0, True),
        (Geboorte(2026, None, 9), 0, None), (Geboorte(2027), 0, False),
    ],
)  # fmt: skip
def test_what_is_known_of_a_date_decides_or_leaves_it_open(geboorte: Geboorte, jaren: int, was: bool | None) -> None:
    assert geboorte.voor(OP, jaren) is was


def test_a_policy_may_only_ask_for_households_that_are_told(leiden: str) -> None:
    goed = leiden.replace("    als:\n", "    als:\n      huishouden: [Alleenstaand met kinderen]\n", 1)
    fout = goed.replace("Alleenstaand met kinderen", "Eenoudergezin")
    assert goed != leiden
    regel = 1 + goed[: goed.index("huishouden: [")].count("\n")
    assert [een for een in check_text(fout.encode()) if een.startswith(f"regel {regel}: ")]
    assert not [een for een in check_text(goed.encode()) if een.startswith(f"regel {regel}: ")]


@pytest.fixture
def leiden() -> str:
    from importlib.resources import files

    return files("services.routing.beleid").joinpath("leiden.yaml").read_text(encoding="utf-8")
