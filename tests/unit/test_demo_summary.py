"""What the demo prints at the end: the funnel of Breda's own year, event counts by name, partners, a timeline."""

import re
from io import StringIO
from typing import Any

from rich.console import Console

from drempel.cli.summary import Facts, getal, komma, show


def trechter(meldingen: int, bereikt: int, hulp: int) -> dict[str, Any]:
    return {
        "meldingen": meldingen,
        "bereikt": bereikt,
        "bereikPercentage": round(100 * bereikt / meldingen, 1) if meldingen else None,
        "hulpacceptatie": hulp,
        "hulpacceptatiePercentage": round(100 * hulp / bereikt, 1) if bereikt else None,
    }


CIJFERS = {
    "signalen": 12, "meldingen": 10, "bereikt": 4, "hulpacceptatie": 2, "signaleringPlus": 1, "deurwaarder": 1,
    "ontruimingenAangezegd": 2, "ontruimingenVoorkomen": 1, "ontruimingenUitgevoerd": 1,
}  # fmt: skip
FACTS = Facts(
    indicatoren={
        "trechter": {
            "totaal": trechter(2022, 1203, 411),
            "vroegsignalering": trechter(1704, 1008, 309),
            "signaleringPlus": trechter(318, 195, 102),
        },
        "signalen": 2500, "nietOpgepakt": 300, "meervoudig": 220, "recidivePercentage": 47.3,
        "contactpogingen": 3600, "contactpogingenPerMelding": 1.78,
    },
    partnerbeeld={
        "partners": [
            {"partner": "killewater", "naam": "Killewater Drinkwaterbedrijf", "corporatie": False, **CIJFERS},
            {"partner": "woonbron", "naam": "Stichting Woonbron", "corporatie": True, **CIJFERS},
        ],
        "teams": [{"organisatie": "Gemeente Dordrecht", "team": "Sociale Wijkteams Dordrecht", **CIJFERS}],
        "totaal": CIJFERS,
    },
    gebeurtenissen={"SignalReceived": 2500, "BRPMatched": 2400, "EvictionCarriedOut": 3},
    tijdlijn={
        "zaakId": "0f0b2", "gemeentecode": "0505", "fase": "Ontruimd",
        "gebeurtenissen": [{"opTijdstip": "2025-01-03T09:00:00+01:00", "type": "SignalReceived", "omschrijving": "x"}],
    },
    termijnen={"ok": True, "ongezien": [], "termijnen": {
        "Eerste gesprek bij bedreigende situatie": {"gehaald": 1014, "verlopen": 3},
    }},
)  # fmt: skip


def printed(facts: Facts, width: int = 120) -> str:
    console = Console(file=StringIO(), width=width)
    show(console, facts)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def row(text: str, begin: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.strip().startswith(begin))
    return re.split(r"\s{2,}", line.strip())


def test_the_funnel_shows_the_figures_of_breda() -> None:
    text = printed(FACTS)
    assert row(text, "Totaal")[1:] == ["2.022", "1.203", "59,5", "411", "34,2"]
    assert row(text, "Vroegsignalering")[1:] == ["1.704", "1.008", "59,2", "309", "30,7"]
    assert row(text, "Signalering+")[1:] == ["318", "195", "61,3", "102", "52,3"]


def test_every_event_is_counted_by_its_name_and_corporations_come_first() -> None:
    text = printed(FACTS)
    assert row(text, "intake") == ["intake", "SignalReceived", "2.500"]
    assert row(text, "escalation") == ["escalation", "EvictionCarriedOut", "3"]
    assert text.index("Woonbron") < text.index("Killewater") < text.index("Sociale Wijkteams")
    assert row(text, "Woonbron")[-1] == "2/1/1"
    assert "Ontruimd" in text


def test_it_fits_a_narrow_terminal_and_an_empty_play() -> None:
    leeg = trechter(0, 0, 0)
    niets = FACTS.indicatoren | {"trechter": dict.fromkeys(FACTS.indicatoren["trechter"], leeg)}
    niets |= {"recidivePercentage": None, "contactpogingenPerMelding": None}
    facts = Facts(niets, {"partners": [], "teams": [], "totaal": dict.fromkeys(CIJFERS, 0)}, {}, None,
                  {"ok": False, "ongezien": [{}], "termijnen": {}})  # fmt: skip
    text = printed(facts, width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert "Geen huishouden" in text
    assert "1 KLOPPEN NIET" in text


def test_terms_met_and_breached_are_shown() -> None:
    text = printed(FACTS)
    assert "Geen ging ongezien voorbij." in text
    assert row(text, "Eerste gesprek bij")[1:] == ["1.014", "0", "3", "0"]


def test_numbers_are_written_as_the_dutch_do() -> None:
    assert (getal(1234567), komma(1.78), komma(None)) == ("1.234.567", "1,8", "–")
