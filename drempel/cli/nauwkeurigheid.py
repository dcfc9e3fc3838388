"""`drempel matching-report`: how well matching does on a sample with a known truth, per kind of noise.

Precision: of what was linked, how much to the right person. Recall: of what has a right person, how much was linked.
Only rows that the truth calls unambiguous count, except for wrong persons, which always do.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from drempel.cli import place
from drempel.region.personen import json_regels
from drempel.region.steekproef import BESTAND, PARTNER, steekproef
from libs.chassis.region import Region
from libs.chassis.settings import Settings
from libs.events.values import Koppelstatus
from services.intake.aanlevering import Aanlevering, lees
from services.intake.splitters import SPLITTERS
from services.matching.gateway import BrpToegang
from services.matching.zoeken import Bevinding, Onderzoek

SOORTEN = {".csv": "text/csv", ".ndjson": "application/x-ndjson", ".json": "application/json"}


@dataclass(slots=True)
class Score:
    """Counts of one kind of row."""

    rijen: int = 0
    goed: int = 0
    gekoppeld: int = 0
    juist: int = 0
    te_koppelen: int = 0
    verkeerd: int = 0

    def tel(self, waarheid: dict[str, Any], bevinding: Bevinding) -> None:
        """Add one row."""
        bsn = bevinding.wie.burgerservicenummer if bevinding.wie else None
        mag = waarheid.get("mag") or [waarheid["match"]]
        mogelijk = {goede["bsn"] for goede in mag if "bsn" in goede}
        self.verkeerd += bsn is not None and bsn not in mogelijk
        if "mag" in waarheid:
            return
        self.rijen += 1
        self.goed += any(_klopt(goede, bevinding, bsn) for goede in mag)
        self.gekoppeld += bsn is not None
        self.juist += bsn is not None and bsn in mogelijk
        self.te_koppelen += bool(mogelijk)


def _klopt(goede: dict[str, Any], bevinding: Bevinding, bsn: str | None) -> bool:
    if "bsn" in goede:
        return bool(bsn == goede["bsn"])
    if "overleden" in goede:
        return bevinding.status is Koppelstatus.OVERLEDEN
    return bevinding.status is (Koppelstatus.GEEN_INWONER if "andereGemeente" in goede else Koppelstatus.UITVAL)


async def bevindingen(folder: Path, settings: Settings | None = None) -> list[tuple[dict[str, Any], Bevinding]]:
    """Every accepted row of the truth, with what matching says of it."""
    rijen = list(regels(folder))
    regio = Region.load().gemeentecodes
    async with BrpToegang(settings or Settings(brp_personen=folder / "personen.json")).open() as brp:
        vragen = [Onderzoek(brp, regel.client, regel.signaaldatum, regio).bevinding() for _, regel in rijen]
        gevonden = await asyncio.gather(*vragen)
    return [(rij[0], bevinding) for rij, bevinding in zip(rijen, gevonden, strict=True)]


def regels(folder: Path) -> Iterator[tuple[dict[str, Any], Aanlevering]]:
    """The accepted rows in order of delivery, each with its truth, as intake reads them."""
    waarheid = json.loads((folder / "truth.json").read_bytes())
    partners = {partner.key: partner for partner in Region.load(partners=folder / "partners.json").partners}
    bestanden: dict[str, list[Any]] = {}
    for rij in waarheid["rijen"]:
        if rij["oordeel"] not in ("aangenomen", "gecorrigeerd"):
            continue
        pad = folder / "leveringen" / rij["bestand"]
        if rij["bestand"] not in bestanden:
            splitter = SPLITTERS[SOORTEN[pad.suffix]]()
            bestanden[rij["bestand"]] = [*splitter.feed(pad.read_bytes()), *splitter.end()]
        yield rij, lees(bestanden[rij["bestand"]][rij["regel"] - 1], partners[rij["partner"]].type, date.max)


def scores(gevonden: list[tuple[dict[str, Any], Bevinding]]) -> dict[str, Score]:
    """Per kind of client and kind of noise; `alles` first."""
    uit: dict[str, Score] = defaultdict(Score)
    for rij, bevinding in gevonden:
        for naam in ("alles", f"client: {rij['client']}", *(f"ruis: {ruis}" for ruis in rij.get("ruis", ()))):
            uit[naam].tel(rij, bevinding)
    return dict(sorted(uit.items()))


def matching_sample(
    folder: Annotated[Path, typer.Argument(help="folder to write personen.json, leveringen and truth.json to")],
    seed: Annotated[int, typer.Option(help="the same seed gives the same sample")] = 1,
    per_soort: Annotated[int, typer.Option("--per-kind", help="of every kind of noise", min=1, max=50)] = 10,
) -> None:
    """A sample of noisy signals with its truth, for `matching-report`; everybody in it is invented."""
    place.out.print(f"{schrijf_steekproef(folder, seed, per_soort)} rijen", highlight=False)


def schrijf_steekproef(folder: Path, seed: int, per_soort: int = 10) -> int:
    """Write it; gives the number of rows."""
    gemaakt = steekproef(seed, per_soort)
    (folder / "leveringen").mkdir(parents=True, exist_ok=True)
    (folder / "personen.json").write_text("".join(json_regels(iter(gemaakt.personen))), encoding="utf-8")
    (folder / "partners.json").write_text(f"[{PARTNER.model_dump_json(by_alias=True)}]", encoding="utf-8")
    regels = "".join(f"{json.dumps(regel, ensure_ascii=False)}\n" for regel in gemaakt.regels)
    (folder / "leveringen" / BESTAND).write_text(regels, encoding="utf-8")
    (folder / "truth.json").write_text(json.dumps({"rijen": gemaakt.waarheid}), encoding="utf-8")
    return len(gemaakt.waarheid)


def matching_report(
    folder: Annotated[Path, typer.Argument(help="folder with personen.json, partners.json, leveringen, truth.json")],
    brp: Annotated[str | None, typer.Option(help="ask this BRP over HTTP; else the trial BRP in this process")] = None,
    fouten: Annotated[bool, typer.Option("--fouten", help="name the rows that are not right")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Precision and recall of matching per kind of noise. Exit status 1 below 99 % right or with a wrong person."""
    rijen = asyncio.run(bevindingen(folder, Settings(brp_url=brp) if brp else None))
    gevonden = scores(rijen)
    if fouten:
        for rij, bevinding in rijen:
            _noem(rij, bevinding)
    if as_json:
        place.as_json({naam: asdict(score) for naam, score in gevonden.items()})
    else:
        place.out.print(_tabel(gevonden))
    alles = gevonden["alles"]
    if alles.verkeerd or alles.goed < 0.99 * alles.rijen:
        raise typer.Exit(place.FOUND_WRONG)


def _noem(rij: dict[str, Any], bevinding: Bevinding) -> None:
    """A row that is not right: where it is and what was said, nothing of the client."""
    score = Score()
    score.tel(rij, bevinding)
    if score.goed < score.rijen or score.verkeerd:
        waar = f"{rij['bestand']}:{rij['regel']} {rij['client']} {', '.join(rij.get('ruis', ()))}"
        zekerheid = [bewijs.zekerheid for bewijs in bevinding.bewijs]
        place.out.print(f"{waar}: {bevinding.status} {bevinding.reden} {zekerheid}", highlight=False)


def _tabel(gevonden: dict[str, Score]) -> Table:
    tabel = Table("soort", "rijen", "goed", "precisie", "volledigheid", "verkeerde persoon")
    for naam, s in gevonden.items():
        precisie, volledig = (f"{s.juist / deel:.3f}" if deel else "-" for deel in (s.gekoppeld, s.te_koppelen))
        tabel.add_row(naam, str(s.rijen), str(s.goed), precisie, volledig, str(s.verkeerd))
    return tabel
