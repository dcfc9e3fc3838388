"""`drempel load`: send a delivery, watch it go, and read the verdicts."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from drempel.cli import place
from libs.chassis.auth import Rol
from libs.chassis.clock import SystemClock
from libs.chassis.region import Region

CHUNK = 64 * 1024
SECONDS = httpx.Timeout(25.0, connect=5.0)
"""Less than the half minute after which a lost connection must have ended the command."""

LONGEST_WAIT = 1800.0
"""Seconds to go on when Drempel has enough of this sender under way (429)."""

TYPES = {
    ".csv": "text/csv",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".json": "application/json",
}


def load(
    file: Annotated[Path, typer.Argument(help="CSV, NDJSON or JSON", exists=True, dir_okay=False, readable=True)],
    partner: Annotated[
        str | None, typer.Option(help="the sender; unset: the partner whose key begins the file's name")
    ] = None,
    url: Annotated[str | None, typer.Option(help="address of Drempel; unset: the instance on DREMPEL_DATA")] = None,
    json: Annotated[bool, typer.Option("--json", help="a line per row, then the counts")] = False,
) -> None:
    """Send FILE as a delivery. Exit status 0 when it was handled (refused rows are reported), 1 when it was
    refused as a whole or cut off, 2 for an unknown partner or kind of file, 3 when the connection was lost.
    """
    place.run(_load(file, partner, url, json))


async def _load(file: Path, partner: str | None, url: str | None, json: bool) -> None:
    configured = place.settings()
    folder = place.folder_of(configured)
    sender = _sender(file, partner, Region.load(configured.regio, configured.partners))
    live = place.instance(folder)
    base = url or (live.url if live else f"http://127.0.0.1:{configured.port}")
    token = place.local_token(folder, Rol.PARTNER, live.clock if live else SystemClock(), partner=sender)
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with httpx.AsyncClient(base_url=base, headers=headers, timeout=SECONDS) as http:
            location = await _send(http, file, quiet=json)
            await _report(http, location, json)
    except httpx.HTTPError as error:
        place.fail(f"{file.name}: connection lost ({type(error).__name__}); send it again", place.NO_CONNECTION)


def _sender(file: Path, partner: str | None, region: Region) -> str:
    if partner is not None:
        if region.partner(partner) is None:
            place.fail("--partner: not in the list of signal partners", place.WRONG_USE)
        return partner
    keys = sorted((p.key for p in region.partners if file.name.startswith(p.key)), key=len)
    if not keys:
        place.fail("--partner is needed: the file's name begins with no partner's key", place.WRONG_USE)
    return keys[-1]


async def _send(http: httpx.AsyncClient, file: Path, *, quiet: bool) -> str:
    kind = TYPES.get(file.suffix.lower())
    if kind is None:
        place.fail(f"{file.name}: none of {', '.join(TYPES)}", place.WRONG_USE)
    columns = (
        "[progress.description]{task.description}",
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=place.err, disable=quiet) as progress:
        task = progress.add_task(file.name, total=file.stat().st_size)  # noqa: ASYNC240

        async def body() -> AsyncIterator[bytes]:
            progress.reset(task)
            for chunk in _chunks(file):
                yield chunk
                progress.advance(task, len(chunk))

        answer, waited = await _posted(http, body(), kind), 0.0
        while answer.status_code == 429 and waited < LONGEST_WAIT:
            waited += (seconds := _retry_after(answer))
            place.err.print(f"{file.name}: te druk, over {seconds:.0f} s opnieuw", highlight=False)
            await asyncio.sleep(seconds)
            answer = await _posted(http, body(), kind)
    if answer.status_code != 202:
        problem = _problem(answer)
        place.fail(f"{file.name}: {answer.status_code} {problem}")
    return answer.headers["Location"]


async def _posted(http: httpx.AsyncClient, body: AsyncIterator[bytes], kind: str) -> httpx.Response:
    return await http.post("/intake/v1/leveringen", content=body, headers={"Content-Type": kind})


def _retry_after(answer: httpx.Response) -> float:
    """Seconds to wait, as the answer says, within reason; a proxy may say something else."""
    said = answer.headers.get("retry-after", "")
    return min(60.0, max(1.0, float(said))) if said.isdecimal() else 5.0


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            yield chunk


def _problem(answer: httpx.Response) -> str:
    try:
        found: dict[str, Any] = answer.json()
        return " ".join(str(found[name]) for name in ("title", "detail") if found.get(name))
    except ValueError:
        return answer.reason_phrase


async def _report(http: httpx.AsyncClient, location: str, json: bool) -> None:
    totals = (await http.get(location)).raise_for_status().json()
    refused = 0
    async for row in _rows(http, f"{location}/regels" + ("" if json else "?oordeel=geweigerd")):
        refused += row["oordeel"] == "geweigerd"
        if json:
            place.as_json(row)
        else:
            place.err.print(f"regel {row['regel']}: geweigerd: {row.get('veld')} ({row.get('code')})", highlight=False)
    if json:
        place.as_json(totals)
    else:
        counts = ", ".join(f"{totals[k]} {k}" for k in ("totaal", "aangenomen", "gecorrigeerd", "dubbel", "geweigerd"))
        place.out.print(f"{totals['status']}: {counts}", highlight=False)
    if totals["status"] == "Afgebroken":
        place.fail("the delivery was cut off; send it again")


async def _rows(http: httpx.AsyncClient, path: str) -> AsyncIterator[dict[str, Any]]:
    """All rows over all pages: `_links.next.href` leads on, its rows are in `regels`."""
    following: str | None = path
    while following:
        page = (await http.get(following)).raise_for_status().json()
        for row in page["regels"]:
            yield row
        following = (page.get("_links", {}).get("next") or {}).get("href")
