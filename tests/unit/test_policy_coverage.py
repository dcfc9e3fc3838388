"""Gaps and dead rows are found exactly: compared with every combination of facts, and in time for large documents."""

from decimal import Decimal
from itertools import product
from random import Random
from time import process_time
from typing import Any

import pytest
from pydantic.alias_generators import to_snake

from services.routing.policy.check import check_value
from services.routing.policy.coverage import Coverage
from services.routing.policy.document import Beleid
from services.routing.policy.facts import values_of
from services.routing.policy.never import never

BRIEF = {"oppakken": True, "stappen": [{"contactsoorten": ["Brief"]}]}
NIET = {"oppakken": False, "reden": "onder drempelbedrag"}
HERHAALD = {"oppakken": False, "reden": "herhaalde melding"}


def document(regels: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "naam": "Proef", "versie": "proef-1", "geldigVanaf": "2025-01-01", "bron": "geen",
        "behandelaars": {"gemeente": {"standaard": {"organisatie": "Gemeente"}}},
        "regels": [{"naam": f"r{place}"} | regel for place, regel in enumerate(regels)],
        "voorbeelden": [{"naam": "een", "feiten": {"signaalpartner": "Huur"}, "verwacht": {}}],
    }  # fmt: skip


def some(random: Random, depth: int = 2) -> dict[str, Any]:
    """Some conditions on three facts, groups within groups."""
    als: dict[str, Any] = {}
    if random.random() < 0.5:
        als["leeftijd"] = {random.choice(("vanaf", "meerDan")): random.randrange(3)}
    if random.random() < 0.4:
        als.setdefault("leeftijd", {})[random.choice(("totEnMet", "minderDan"))] = random.randrange(1, 5)
    if random.random() < 0.4:
        als["recidive"] = random.random() < 0.5
    if random.random() < 0.3:
        als["signaalpartner"] = random.sample(["Huur", "Zorg", "Water"], random.randrange(1, 3))
    for groep in ("eenVan", "geenVan"):
        if depth and random.random() < 0.3:
            als[groep] = [some(random, depth - 1) for _ in range(random.randrange(1, 3))]
    return als


@pytest.mark.parametrize("seed", range(30))
def test_it_finds_what_every_combination_shows(seed: int) -> None:
    random = Random(seed)
    regels = [
        {"als": some(random), "dan": random.choice((BRIEF, NIET, HERHAALD))} for _ in range(random.randrange(1, 6))
    ]
    beleid = Beleid.model_validate(document(regels))
    names = list(beleid.domains)
    every = [
        values_of(dict(zip(names, point, strict=True)))
        for point in product(*(domain.values for domain in beleid.domains.values()))
    ]
    first = [next((n for n, row in enumerate(beleid.rijen) if row.fits(values)), None) for values in every]
    coverage = Coverage(beleid)
    assert {row for row, _ in coverage.dead_rows()} == set(range(len(regels))) - set(first)
    assert (coverage.gap() is not None) == (None in first)
    if (hole := coverage.gap()) is not None:
        assert not any(row.fits(values_of(hole)) for row in beleid.rijen)


def test_what_rose_is_no_repeat_so_a_row_for_both_can_never_decide() -> None:
    both = {"als": {"bedragGestegen": True, "herhaald": True}, "dan": BRIEF}
    _, found = check_value(document([both, {"dan": BRIEF}]))
    assert ["sluiten elkaar uit" in str(one) for one in found] == [True]


AMOUNTS, COUNTS = ("bedrag", "vorigBedrag", "bedragAndereSignalen", "totaalbedrag"), (
    "aantalSignalenZelfdePeriode", "aantalPartnersZelfdePeriode",
)  # fmt: skip
TOGETHER = ("bedragGestegen", "bedragGedaald", "herhaald", "matchZelfdePeriode", "matchMetHuur")
"""Facts that hang together."""


def together(random: Random) -> dict[str, Any]:
    """Some conditions on a few of them; an amount in cents, so that every value can be tried."""
    als: dict[str, Any] = {}
    for name in random.sample(AMOUNTS, 2):
        als[name] = {random.choice(("vanaf", "meerDan", "minderDan", "totEnMet")): random.randrange(3) / 100}
    als[random.choice(COUNTS)] = {random.choice(("vanaf", "totEnMet")): random.randrange(4)}
    als |= {name: random.random() < 0.5 for name in TOGETHER}
    return dict(random.sample(sorted(als.items()), random.randrange(1, 4)))


def every_telling() -> list[Any]:
    """Whatever may be told of the facts that hang together, also what contradicts itself."""
    cents = [None, *(Decimal(n) / 100 for n in range(5))]
    told = [
        values_of({"bedrag": bedrag, "vorig_bedrag": vorig, "bedrag_andere_signalen": andere, "herhaald": herhaald,
                   "match_zelfde_periode": match, "match_met_huur": huur, "aantal_signalen_zelfde_periode": signalen,
                   "aantal_partners_zelfde_periode": partners, "signaalpartner": None})
        for bedrag, vorig, andere in product(cents, cents, cents) for herhaald in (True, False)
        for match, huur, signalen, partners in (
            (None, None, None, None), (True, None, None, None), (False, True, None, None), (False, False, 3, 1),
            (False, False, 0, 0), (True, True, 1, 1), (True, False, 4, 2), (None, None, 1, 3), (True, True, 5, 5),
        )
    ]  # fmt: skip
    return list(
        {tuple(str(one[to_snake(name)]) for name in (*AMOUNTS, *COUNTS, *TOGETHER)): one for one in told}.values()
    )


TELLINGEN = every_telling()


@pytest.mark.parametrize("seed", range(40))
def test_what_is_never_so_is_no_gap_and_what_can_be_is_not_dead(seed: int) -> None:
    random = Random(seed)
    beleid = Beleid.model_validate(
        document([{"als": together(random), "dan": BRIEF} for _ in range(random.randrange(2, 7))])
    )
    first = [next((n for n, row in enumerate(beleid.rijen) if row.fits(values)), None) for values in TELLINGEN]
    coverage = Coverage(beleid)
    assert not {row for row, _ in coverage.dead_rows()} & set(first)
    assert coverage.gap() is not None or None not in first
    assert not [als for als in never(beleid.domains) if any(als.hold(values) for values in TELLINGEN)]


NEVER: list[dict[str, Any]] = [
    {"matchZelfdePeriode": False, "aantalSignalenZelfdePeriode": {"vanaf": 2}},
    {"matchZelfdePeriode": False, "aantalPartnersZelfdePeriode": {"meerDan": 1}},
    {"matchZelfdePeriode": False, "bedragAndereSignalen": {"meerDan": 0}},
    {"matchZelfdePeriode": True, "aantalSignalenZelfdePeriode": {"minderDan": 2}},
    {"matchZelfdePeriode": False, "matchMetHuur": True},
    {"matchZelfdePeriode": False, "bedrag": {"totEnMet": 50}, "totaalbedrag": {"meerDan": 50}},
    {"aantalSignalenZelfdePeriode": {"totEnMet": 2}, "aantalPartnersZelfdePeriode": {"vanaf": 3}},
    {"bedrag": {"vanaf": 100}, "totaalbedrag": {"minderDan": 100}},
    {"bedrag": {"meerDan": 60}, "geenVan": [{"totaalbedrag": {"vanaf": 60}}]},
    {"bedragAndereSignalen": {"vanaf": 80}, "totaalbedrag": {"totEnMet": 50}},
    {"bedragGestegen": True, "vorigBedrag": {"vanaf": 100}, "bedrag": {"totEnMet": 100}},
    {"bedragGestegen": True, "geenVan": [{"vorigBedrag": {"vanaf": 0}}]},
    {"bedragGestegen": False, "vorigBedrag": {"minderDan": 100}, "bedrag": {"vanaf": 100}},
    {"bedragGedaald": True, "vorigBedrag": {"totEnMet": 100}, "bedrag": {"vanaf": 100}},
    {"bedragGedaald": False, "vorigBedrag": {"vanaf": 100}, "bedrag": {"minderDan": 100}},
    {"herhaald": True, "vorigBedrag": {"totEnMet": 99}, "bedrag": {"vanaf": 100}},
]


@pytest.mark.parametrize("als", NEVER, ids=lambda als: "-".join(als))
def test_a_row_for_what_is_never_so_can_never_decide(als: dict[str, Any]) -> None:
    _, found = check_value(document([{"als": als, "dan": BRIEF}, {"dan": BRIEF}]))
    assert ["sluiten elkaar uit" in str(one) for one in found] == [True]


NUMBERS = ("bedrag", "vorigBedrag", "totaalbedrag", "leeftijd", "maandenAchterstand", "aantalEerdereSignalen",
           "maandenSindsContact", "maandenOpRij", "kerenZelfBetaald", "ouderdomVordering")  # fmt: skip


def test_a_large_document_is_judged_in_a_moment() -> None:
    """A hundred rows with overlapping limits on ten facts; one that can never decide is pointed out."""
    random = Random(1)
    regels: list[dict[str, Any]] = []
    for _ in range(100):
        low = {name: random.randrange(1, 1000) for name in random.sample(NUMBERS, 3)}
        als = {name: {"vanaf": one, "minderDan": one + random.randrange(2, 500)} for name, one in low.items()}
        regels.append({"als": als | {"geenVan": [{"leeftijd": {"vanaf": 120}}]}, "dan": BRIEF})
    begin = process_time()
    _, found = check_value(document([*regels, {"als": regels[7]["als"], "dan": BRIEF}, {"dan": BRIEF}]))
    assert [one.path[1] for one in found if "eerdere regel" in str(one)] == [100]
    assert process_time() - begin < 10
