"""`python -m drempel.region`: generate a region and print how it compares with the figures it is set to."""

import argparse
from datetime import date

from rich.console import Console
from rich.table import Table

from drempel.region import calibration as c
from drempel.region.personen import Bevolking
from drempel.region.signalen import Signaalstroom, periodes
from drempel.region.telling import Telling
from libs.chassis.region import Region

DOEL = {
    "per 1000 per maand": f"{c.SIGNALEN_PER_1000}",
    "piek": "1.21 (maart)",
    **{f"mix {soort}": str(aandeel) for soort, aandeel in c.PARTNERMIX.items()},
    "meervoudig": "11",
    "recidive": "45-49",
    "herhaald": "niet gepubliceerd",
    "eindelevering van energie": "22-25",
    "mediaan bedrag": "200-400 (aanname)",
}


def main() -> None:
    """Print inhabitants, volumes, and each figure beside its target."""
    vraag = argparse.ArgumentParser(prog="python -m drempel.region", description=__doc__)
    vraag.add_argument("--scale", type=float, default=0.04, help="share of the inhabitants of the region")
    vraag.add_argument("--seed", type=int, default=1)
    vraag.add_argument("--months", type=int, default=12)
    vraag.add_argument("--start", default="2025-01", help="first period, yyyy-mm")
    gegeven = vraag.parse_args()
    region = Region.load()
    dag = date(int(gegeven.start[:4]), int(gegeven.start[5:]), 1)
    bevolking = Bevolking(region.regio, seed=gegeven.seed, schaal=gegeven.scale, peildatum=dag)
    stroom = Signaalstroom(bevolking, region.partners, seed=gegeven.seed, maanden=gegeven.months)
    telling = Telling(bevolking.inwoners)
    for periode in periodes(gegeven.start, gegeven.months):
        telling.tel(stroom.maand(periode))
    toon(telling, len(bevolking))


def toon(telling: Telling, huishoudens: int) -> None:
    """Print the calibration table of a generated region."""
    tabel = Table(title=f"{telling.inwoners} inwoners, {huishoudens} huishoudens, {telling.signalen} signalen")
    for kop in ("cijfer", "gemaakt", "doel"):
        tabel.add_column(kop)
    for naam, waarde in telling.cijfers().items():
        tabel.add_row(naam, f"{waarde:.1f}" if waarde > 10 else f"{waarde:.2f}", DOEL.get(naam, ""))
    console = Console()
    console.print(tabel)
    console.print("per maand", telling.per_maand)
    console.print(
        {
            naam: getattr(telling, naam)
            for naam in ["leveringen", "geweigerd", "correcties", "herzendingen", "zonder_inwoner"]
        }
    )
    console.print("partners", dict(telling.acts))


if __name__ == "__main__":
    main()
