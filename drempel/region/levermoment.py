"""When partners deliver: once a month each, now and then the whole file again, a correction, or a row that is wrong."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from random import Random
from typing import Any

from drempel.region import calibration as c
from drempel.region.achterstanden import Achterstand, signaal
from drempel.region.leveringen import Levering


def leveringen(rng: Random, periode: str, achterstanden: list[Achterstand]) -> tuple[list[Levering], dict[int, date]]:
    """The deliveries of a period in order of day, and per arrears (by `id`) its signaaldatum."""
    eerste = date(int(periode[:4]), int(periode[5:]), 1)
    gemeld: dict[int, date] = {}
    uit: list[Levering] = []
    op_partner = sorted(achterstanden, key=lambda een: (een.partner.key, een.kenmerk))
    for _, groep in groupby(op_partner, key=lambda een: een.partner.key):
        regels = list(groep)
        begin = eerste + timedelta(days=rng.randint(2, 14))
        dag = begin + timedelta(days=3)
        for een in regels:
            opgemaakt = begin + timedelta(days=rng.randint(0, 2))
            gemeld[id(een)] = dag if een.crisis else opgemaakt  # a crisis is reported on the day itself
        uit += _van_partner(rng, periode, dag, regels, gemeld)
    return sorted(uit, key=lambda levering: (levering.datum, levering.bestandsnaam)), gemeld


def _van_partner(
    rng: Random, periode: str, dag: date, regels: list[Achterstand], gemeld: dict[int, date]
) -> Iterator[Levering]:
    records = [signaal(een, gemeld[id(een)]) for een in regels]
    thuis = tuple(een.zaak_huishouden for een in regels)
    herhaald = tuple(een.herhaald for een in regels)
    partner, goed = regels[0].partner, len(records)
    fout = [_gebroken(rng, record, nummer) for nummer, record in enumerate(records) if rng.random() < c.GEWEIGERD]
    geweigerd = frozenset(range(goed, goed + len(fout)))
    leeg = (None,) * len(fout)
    eerste = Levering(partner, periode, dag, records + fout, thuis + leeg, herhaald + (False,) * len(fout), geweigerd)
    yield eerste
    for plaats, record in enumerate(records):
        if rng.random() < c.CORRECTIES:
            anders = (record["bedrag"] * Decimal(rng.choice(("0.9", "1.1", "1.25")))).quantize(Decimal("0.01"))
            beter = {**record, "bedrag": anders}
            later = dag + timedelta(days=6)
            yield Levering(partner, periode, later, [beter], thuis[plaats : plaats + 1], (False,), aard="correctie")
            return
    if rng.random() < c.HERZENDINGEN:
        nogmaals = (eerste.records, thuis + leeg, eerste.herhaald, geweigerd, "herzending")
        yield Levering(partner, periode, dag + timedelta(days=4), *nogmaals)


def _gebroken(rng: Random, record: dict[str, Any], nummer: int) -> dict[str, Any]:
    """A record under another kenmerk that breaks one rule of the contract."""
    stuk = {**record, "kenmerk": f"{record['kenmerk']}-X{nummer}", "client": dict(record["client"])}
    if "socialeIncasso" in stuk and rng.random() < 0.6:
        stuk["socialeIncasso"] = {**stuk["socialeIncasso"], "schriftelijkeHerinnering": None}
        return stuk
    keuze = rng.choice(("soort", "bedrag", "achternaam", "signaaldatum"))
    if keuze == "achternaam":
        del stuk["client"]["achternaam"]
        return stuk
    broken: dict[str, dict[str, Any]] = {"soort": {"soort": "Aanmaning"}, "bedrag": {"bedrag": Decimal(0)}}
    return stuk | broken.get(keuze, {"signaaldatum": f"{record['signaaldatum'][:7]}-32"})
