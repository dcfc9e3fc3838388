"""Gaps and dead rows are found exactly: compared with every combination of facts, and in time for large documents."""

from itertools import product
from random import Random
from time import process_time
from typing import Any

import pytest

from services.routing.policy.check import check_value
from services.routing.policy.coverage import Coverage
from services.routing.policy.document import Beleid
from services.routing.policy.facts import values_of

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
