"""What others said about a case: opened, ended, bailiff, eviction, Signalering+. Pure.

Events come in the order of each source's log; nothing depends on the order between sources.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from libs.events.catalogue import (
    CaseOpened,
    CaseTransferred,
    EscalationEvent,
    Event,
    EvictionAverted,
    EvictionCarriedOut,
    EvictionPostponed,
    EvictionScheduled,
)
from libs.events.lopend import TREDEN, Dossier, Trede, lopend
from libs.events.values import Deurwaardersfase

Stand = Mapping[str, Any]
"""geopend, vorigeZaakId, einde, signaleringPlus, deurwaarder, ontruiming; each None when nobody said so."""

ONTRUIMING, DEURWAARDER, GEEN_DREIGING = 0, 1, 2
"""How near the eviction is: announced, with the bailiff, neither. First in the order of the work list."""

_FASEN = (Deurwaardersfase.OVERGEDRAGEN, Deurwaardersfase.DAGVAARDING, Deurwaardersfase.VONNIS)
"""Steps of a running bailiff's file, the heaviest last."""


def stand_van(feiten: Sequence[Event]) -> Stand:
    """What these events say of the case."""
    geopend = next((f for f in feiten if isinstance(f, CaseOpened)), None)
    loopt = lopend(Trede.van(f) for f in feiten if f.name() in TREDEN)
    return {
        "geopend": str(geopend.datum) if geopend else None,
        "vorigeZaakId": str(geopend.vorige_zaak_id) if geopend and geopend.vorige_zaak_id else None,
        "einde": _einde(feiten),
        "signaleringPlus": str(loopt.signalering_plus) if loopt.signalering_plus else None,
        "deurwaarder": _deurwaarder(loopt.dossiers.values()),
        "ontruiming": _ontruiming(feiten),
    }


def dreigt(stand: Stand) -> bool:
    """Whether an eviction was announced that is not off."""
    return stand["ontruiming"] is not None and bool(stand["ontruiming"]["dreigt"])


def dringend(stand: Stand, gesproken: date | None) -> bool:
    """Whether contact is sought as often as needed: Signalering+, a judgment, or an announced eviction.

    Nothing that spares a household holds the minima of Signalering+ back, and before an eviction it is visited always.
    Those minima are over once somebody was reached (`gesproken`: the last day of that): a "no" is respected then.
    """
    deurwaarder = stand["deurwaarder"]
    vonnis = bool(deurwaarder and deurwaarder["loopt"] and deurwaarder["fase"] == Deurwaardersfase.VONNIS)
    plus = stand["signaleringPlus"]
    zoekt = plus is not None and (gesproken is None or str(gesproken) < plus)
    return zoekt or vonnis or dreigt(stand)


def dreiging(stand: Stand) -> int:
    """How near the eviction is, for the order of the work list."""
    if dreigt(stand):
        return ONTRUIMING
    return DEURWAARDER if stand["deurwaarder"] and stand["deurwaarder"]["loopt"] else GEEN_DREIGING


def _einde(feiten: Sequence[Event]) -> dict[str, str] | None:
    for feit in feiten:
        if isinstance(feit, CaseTransferred):
            return {"reden": "Overgedragen", "datum": str(feit.datum), "naarZaakId": str(feit.naar_zaak_id)}
        if isinstance(feit, EvictionCarriedOut):
            return {"reden": "Ontruimd", "datum": str(feit.datum)}
    return None


def _deurwaarder(dossiers: Iterable[Dossier]) -> dict[str, Any] | None:
    """The heaviest running file of a bailiff, else the last that ended."""
    gekozen = max(dossiers, key=lambda d: (d.open, _FASEN.index(d.fase) if d.open else -1, d.datum), default=None)
    if gekozen is None:
        return None
    return {"loopt": gekozen.open, "fase": gekozen.fase, "deurwaarder": gekozen.deurwaarder,
            "datum": str(gekozen.datum)}  # fmt: skip


def _ontruiming(feiten: Sequence[Event]) -> dict[str, Any] | None:
    """The first announced eviction that is not off, else the last that ended; one of which only the outcome was told
    here was announced in the case its signal was in, or its announcement is still to be heard."""
    per_ontruiming: dict[UUID, dict[str, Any]] = defaultdict(dict)
    for feit in feiten:
        if isinstance(feit, EvictionScheduled | EvictionPostponed | EvictionAverted | EvictionCarriedOut):
            per_ontruiming[feit.ontruiming_id].update(_stap(feit))
    alle = [een for een in per_ontruiming.values() if "aanzegdatum" in een]
    dreigend = sorted((o for o in alle if o["dreigt"]), key=lambda o: o.get("ontruimingsdatum") or str(date.max))
    return next(iter(dreigend or reversed(alle)), None)


def _stap(feit: EscalationEvent) -> dict[str, Any]:
    match feit:
        case EvictionScheduled():
            return {"dreigt": True, "stand": "Aangezegd", "aanzegdatum": str(feit.aanzegdatum),
                    "ontruimingsdatum": str(feit.ontruimingsdatum), "grond": feit.grond}  # fmt: skip
        case EvictionPostponed():
            nieuw = str(feit.nieuwe_datum) if feit.nieuwe_datum else None
            return {"dreigt": True, "stand": "Uitgesteld", "ontruimingsdatum": nieuw}
        case EvictionAverted():
            return {"dreigt": False, "stand": "Voorkomen"}
        case _:
            return {"dreigt": False, "stand": "Uitgevoerd"}
