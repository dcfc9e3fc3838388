"""Whatever shape the BRP gives a person, it is read or refused as unreadable: nothing breaks further on."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from services.matching.beoordeling import beoordeel
from services.matching.huishouden import huishouden, minderjarigen
from services.matching.personen import OnleesbaarAntwoord, ingeschrevene, treffer
from services.matching.zoeken import plaats
from tests.matching import CLIENT, overleden, persoon

OP = date(2026, 1, 3)
HEEL = persoon(
    "999990019", "Janssen", voorvoegsel="de", adres=("3311AB", 10, "A", "2"), geheimhoudingPersoonsgegevens=True,
    partners=[{"burgerservicenummer": "2", "naam": {"geslachtsnaam": "Vries"},
               "ontbindingHuwelijkPartnerschap": {"datum": {"type": "JaarDatum", "jaar": 2020}}}],
    kinderen=[{"geboorte": {"datum": {"type": "JaarMaandDatum", "jaar": 2015, "maand": 2}}}], **overleden(),
)  # fmt: skip
GEK: list[Any] = [None, 3, -1, "", "x", "2025-13-45", [], ["x"], {}, {"type": "Datum"}, {"jaar": "x"}, True, 1e400]


def paden(waarde: Any, pad: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in it."""
    if pad:
        yield pad
    delen = waarde.items() if isinstance(waarde, dict) else enumerate(waarde) if isinstance(waarde, list) else ()
    for naam, deel in delen:
        yield from paden(deel, (*pad, naam))


@pytest.mark.parametrize("pad", list(paden(HEEL)), ids=lambda pad: ".".join(map(str, pad)))
def test_any_field_may_be_anything(pad: tuple[Any, ...]) -> None:
    for gek in GEK:
        mens = deepcopy(HEEL)
        plek: Any = mens
        for deel in pad[:-1]:
            plek = plek[deel]
        plek[pad[-1]] = gek
        try:
            wie, gezien = ingeschrevene(mens), treffer(mens)
        except OnleesbaarAntwoord as error:
            assert "999990019" not in str(error) and "Janssen" not in str(error)
            continue
        beoordeel(CLIENT, wie, "vraag", OP)
        plaats(wie, frozenset({"0505"}))
        wie.persoon()
        huishouden(wie, [gezien], OP)
        minderjarigen(wie, [gezien], OP)
        minderjarigen(wie, None, OP)


def test_fields_nobody_knows_are_left_alone() -> None:
    assert ingeschrevene(HEEL | {"nieuw": {"veld": [1]}}) == ingeschrevene(HEEL)
