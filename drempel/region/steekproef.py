"""A sample of noisy signals with its truth, of any seed: what `drempel matching-report` measures matching on.

The same shape as a delivery and its truth: rows of one partner, and per row the right answer, the kind of client and
the noise. Ordinary people get one slip each, so that a careful official is never in doubt; the cases of `gevallen`
have one right answer of their own.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from drempel.region.adressen import Adres
from drempel.region.buurt import Buurt, Geval, brp, is_, velden
from drempel.region.gevallen import GEVALLEN
from drempel.region.huishoudens import Huishouden, Huishoudsoort
from drempel.region.ruis import Velden
from drempel.region.slippen import SLIPPEN, Slip
from libs.chassis.region import Partner, Regio
from libs.events.values import Signaalpartner

PARTNER = Partner(key="steekproef", naam="Verzekeraar Steekproef", type=Signaalpartner.ZORG, kvk_nummer="90000099")
BESTAND, PERIODE = "steekproef-2025-03.ndjson", "2025-03"
_SOORTEN = (Huishoudsoort.ALLEENSTAAND, Huishoudsoort.STEL, Huishoudsoort.GEZIN, Huishoudsoort.SENIOR)


@dataclass(frozen=True, slots=True)
class Steekproef:
    """People, rows and truth."""

    personen: list[dict[str, Any]]
    regels: list[dict[str, Any]]
    waarheid: list[dict[str, Any]]


def steekproef(seed: int, per_soort: int = 10, regio: Regio | None = None) -> Steekproef:
    """So many of every slip and of every case; the same seed gives the same sample."""
    rng = Random(f"steekproef/{seed}")
    buurt = Buurt(rng, regio or Regio.load())
    gevallen: list[tuple[str, tuple[str, ...], Geval]] = [
        ("gewoon", (naam,), _met_slip(buurt, slip)) for naam, slip in SLIPPEN.items() for _ in range(per_soort)
    ]
    gevallen += [(naam, (), maak(buurt)) for naam, maak in GEVALLEN.items() for _ in range(per_soort)]
    uit = Steekproef([], [], [])
    for nummer, (soort, ruis, geval) in enumerate(gevallen, 1):
        uit.personen.extend(geval.mensen)
        uit.regels.append(_regel(nummer, geval.client))
        uit.waarheid.append(_waarheid(nummer, soort, ruis, geval))
    return uit


def _met_slip(buurt: Buurt, slip: Slip) -> Geval:
    """An ordinary person with this slip; people are made until it applies to one."""
    for _ in range(5000):
        thuis = buurt.thuis(buurt.rng.choice(_SOORTEN))
        if buurt.rng.random() < 0.4:
            thuis = replace(thuis, adres=_met_toevoeging(buurt, thuis))
        lid = buurt.rng.choice(thuis.volwassenen)
        juist = velden(thuis, lid)
        anders = slip(buurt.rng, thuis, lid, juist)
        if anders is not None:
            return Geval(juist | anders, is_(lid), brp(thuis))
    raise OverflowError("a slip that never applies")


def _met_toevoeging(buurt: Buurt, thuis: Huishouden) -> Adres:
    letter, extra = buurt.rng.choice((("A", None), ("B", None), (None, "2"), (None, "3"), (None, "HS"), (None, "BIS")))
    return replace(thuis.adres, huisletter=letter, huisnummertoevoeging=extra)


def _regel(nummer: int, client: Velden) -> dict[str, Any]:
    return {
        "kenmerk": f"S{nummer:05d}", "soort": "Vroegsignaal", "bedrag": 150.0, "signaaldatum": f"{PERIODE}-03",
        "client": {veld: waarde for veld, waarde in client.items() if waarde is not None},
    }  # fmt: skip


def _waarheid(nummer: int, soort: str, ruis: tuple[str, ...], geval: Geval) -> dict[str, Any]:
    rij = {
        "bestand": BESTAND, "regel": nummer, "partner": PARTNER.key, "kenmerk": f"S{nummer:05d}", "periode": PERIODE,
        "oordeel": "aangenomen", "match": geval.mag[0], "client": soort, "ruis": list(ruis),
    }  # fmt: skip
    return rij | ({"mag": list(geval.mag)} if len(geval.mag) > 1 else {})
