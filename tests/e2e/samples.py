"""The shared sample region as an outsider uses it: files in, verdicts, matches and timelines out."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from libs.chassis.region import Regio
from tests.installation import Installation

KINDS = {".csv": "text/csv", ".ndjson": "application/x-ndjson", ".json": "application/json"}
Key = tuple[str, str, str]
"""Partner, kenmerk, periode."""


@dataclass
class Sample:
    """The files and the truth about them."""

    folder: Path
    truth: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.truth = json.loads((self.folder / "truth.json").read_text())

    @property
    def settings(self) -> dict[str, str]:
        """Settings of an installation that serves this region."""
        return {"BRP_PERSONEN": str(self.folder / "personen.json"), "PARTNERS": str(self.folder / "partners.json")}

    def rows(self, bestand: str) -> list[dict[str, Any]]:
        """What is true of the rows of one file."""
        return [row for row in self.truth["rijen"] if row["bestand"] == bestand]

    def files(self) -> list[dict[str, Any]]:
        """The files in order of delivery."""
        found: list[dict[str, Any]] = self.truth["leveringen"]
        return found

    def events(self) -> list[dict[str, Any]]:
        """What partners and caseworkers do, in order."""
        found: list[dict[str, Any]] = json.loads((self.folder / "events.json").read_text())
        return found


@dataclass
class Loaded:
    """What became of the rows."""

    verdicts: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    counts: dict[str, dict[str, Any]] = field(default_factory=dict)
    signals: dict[Key, str] = field(default_factory=dict)


async def send(drempel: Installation, sample: Sample, file: dict[str, Any], loaded: Loaded) -> None:
    """Deliver one file over HTTP and keep the verdict of every row."""
    path = sample.folder / "leveringen" / file["bestand"]
    headers = drempel.als("partner", partner=file["partner"])
    answer = await drempel.http.post(
        "/intake/v1/leveringen", content=path.read_bytes(), headers={**headers, "Content-Type": KINDS[path.suffix]}
    )
    assert answer.status_code == 202, (file["bestand"], answer.text)
    where = answer.headers["Location"]
    loaded.counts[file["bestand"]] = (await drempel.http.get(where, headers=headers)).json()
    verdicts = await drempel.pages(f"{where}/regels?paginaGrootte=500", "regels", headers)
    for verdict in verdicts:
        loaded.verdicts[file["bestand"], verdict["regel"]] = verdict
    for row in sample.rows(file["bestand"]):
        verdict = loaded.verdicts.get((file["bestand"], row["regel"]), {})
        if verdict.get("signaalId"):
            loaded.signals.setdefault((row["partner"], row["kenmerk"], row["periode"]), verdict["signaalId"])


async def send_all(drempel: Installation, sample: Sample) -> Loaded:
    """Deliver every file, in order."""
    loaded = Loaded()
    for file in sample.files():
        await send(drempel, sample, file, loaded)
    return loaded


def wrong_verdicts(sample: Sample, loaded: Loaded) -> list[str]:
    """Rows whose verdict, or refused field, is not the true one."""
    wrong = []
    for row in sample.truth["rijen"]:
        verdict = loaded.verdicts.get((row["bestand"], row["regel"]), {})
        expected = (row["oordeel"], row.get("veld"))
        if (verdict.get("oordeel"), verdict.get("veld")) != expected:
            wrong.append(f"{row['bestand']}:{row['regel']} {expected} {verdict}")
    return wrong


def gemeentecodes() -> list[str]:
    """The municipalities of the region."""
    return sorted(Regio.load().gemeentecodes)


@dataclass
class Found:
    """What matching made of one signal, and whom outreach shows for it."""

    matching: dict[str, Any]
    bsns: frozenset[str] = frozenset()


async def what_was_found(drempel: Installation, signals: Iterable[str]) -> dict[str, Found]:
    """Matching's answer and the clients of the case, for each signal."""
    codes = [
        g["code"]
        for g in json.loads((Path(__file__).parents[2] / "libs/chassis/drechtsteden.json").read_text())["gemeenten"]
    ]
    headers = drempel.als("consulent", *codes)
    cases: dict[str, frozenset[str]] = {}
    gate = asyncio.Semaphore(8)

    async def one(signaal_id: str) -> tuple[str, Found]:
        async with gate:
            answer = await drempel.http.get(f"/matching/v1/signalen/{signaal_id}", headers=headers)
            assert answer.status_code == 200, answer.text
            matching = answer.json()
            zaak = matching.get("zaakId")
            if zaak and zaak not in cases:
                case = await drempel.http.get(f"/outreach/v1/zaken/{zaak}", headers=headers)
                assert case.status_code == 200, case.text
                cases[zaak] = frozenset(c["burgerservicenummer"] for c in case.json()["clienten"])
            return signaal_id, Found(matching, cases.get(zaak or "", frozenset()))

    return dict(await asyncio.gather(*(one(signaal_id) for signaal_id in set(signals))))


def judge(row: dict[str, Any], found: Found) -> str:
    """`goed`, `fout` (another person, or linked where nobody should be), or `anders` (another answer, nobody wrong)."""
    allowed = row.get("mag") or [row["match"]]
    status = found.matching["status"]
    for answer in allowed:
        if "bsn" in answer and status == "Gekoppeld" and answer["bsn"] in found.bsns:
            return "goed"
        if "uitval" in answer and status == "Uitval":
            return "goed"
        if "andereGemeente" in answer and status == "Geen inwoner":
            return "goed"
        if "overleden" in answer and status == "Overleden":
            return "goed"
    return "fout" if status == "Gekoppeld" else "anders"


def wrong_flags(row: dict[str, Any], found: Found) -> list[str]:
    """Flags that are not as they stand when all deliveries are in."""
    if "vlaggen" not in row or found.matching["status"] != "Gekoppeld":
        return []
    may = row.get("vlaggenMag", {})
    return [
        f"{row['bestand']}:{row['regel']} {name}: {found.matching[name]}"
        for name, value in row["vlaggen"].items()
        if found.matching[name] not in may.get(name, [value])
    ]
