"""match, recidive and herhaald: what a signal means beside the others (contract, "Definitions"). Pure.

Periods are texts `yyyy-mm`, which sort as time does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

RECIDIVE_MAANDEN = 6


@dataclass(frozen=True, slots=True)
class Melder:
    """One signal as the flags see it; `adres_id` is None while it is not linked."""

    signaal_id: UUID
    periode: str
    achterstand_id: UUID
    bedrag: Decimal | None
    adres_id: UUID | None = None
    ingetrokken: bool = False


@dataclass(frozen=True, slots=True)
class Vlaggen:
    """The three facts, and the amount of the previous report of the same arrears."""

    match: bool = False
    recidive: bool = False
    herhaald: bool = False
    vorig_bedrag: Decimal | None = None


def terug(periode: str, maanden: int) -> str:
    """The period so many months earlier."""
    telling = int(periode[:4]) * 12 + int(periode[5:]) - 1 - maanden
    return f"{telling // 12:04d}-{telling % 12 + 1:02d}"


def vlaggen(zelf: Melder, adres: Iterable[Melder], achterstand: Iterable[Melder]) -> Vlaggen:
    """`adres`: signals at its address; `achterstand`: reports of its arrears. Both may hold the signal itself.

    A withdrawn signal makes no match, but it was there: it counts for recidive and as a previous report.
    """
    match = recidive = False
    begin = terug(zelf.periode, RECIDIVE_MAANDEN)
    for ander in adres:
        if ander.signaal_id == zelf.signaal_id or ander.adres_id != zelf.adres_id or zelf.adres_id is None:
            continue
        match = match or (ander.periode == zelf.periode and not ander.ingetrokken)
        recidive = recidive or begin <= ander.periode < zelf.periode
    eerder = [ander for ander in achterstand if ander.periode < zelf.periode]
    vorige = max(eerder, key=lambda ander: ander.periode).bedrag if eerder else None
    herhaald = vorige is not None and zelf.bedrag is not None and zelf.bedrag <= vorige
    return Vlaggen(match, recidive, herhaald, vorige)
