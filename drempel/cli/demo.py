"""`drempel demo`: a year of a synthetic region through the whole chain, on a clock that we move."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from drempel.cli import place, summary
from drempel.cli.running import Live, link_of, running
from drempel.demo.doors import SECONDS, Doors, PlayFailed
from drempel.demo.play import OCHTEND, Play
from drempel.region.personen import PEILDATUM, SCHAAL, Bevolking, persons_file
from drempel.region.signalen import Signaalstroom, periodes
from libs.chassis.clock import SimulatedClock, today
from libs.chassis.region import Region
from libs.chassis.run import own_signals
from libs.chassis.settings import SERVICES, Settings

LOG = "drempel.log"
STOPPED = 130
"""Exit status of a program that Ctrl-C ended."""
WEKEN = 4
"""Steps of the progress bar in a month."""


def demo(
    once: Annotated[bool, typer.Option("--once", help="end after the summary")] = False,
    port: Annotated[int | None, typer.Option(help="HTTP port; 0 takes a free one", min=0, max=65535)] = None,
    seed: Annotated[int, typer.Option(help="another seed, another region")] = 1,
    scale: Annotated[float, typer.Option(help="share of the region's inhabitants", min=0.001, max=1.0)] = SCHAAL,
    months: Annotated[int, typer.Option(help="months to play", min=1, max=36)] = 12,
) -> None:
    """Play the year, print the funnel and a timeline, and serve the pages until Ctrl-C.

    Everything runs on a PostgreSQL and in a data folder of its own: a temporary one, or DREMPEL_DATA where that is
    empty or holds an earlier demo; other settings of a database, BRP or issuer are not used. Exit status 0, 1 when the
    play did not go as it should, 2 when DREMPEL_DATA holds something else, 3 when the port or database can't be had,
    130 when it was stopped before the end.
    """
    configured = place.settings(port=port)
    with _folder(configured.data) as folder:
        place.run(_demo(_own(configured, folder), seed, scale, months, once))


def _folder(given: Path | None) -> AbstractContextManager[Path]:
    return _temporary() if given is None else nullcontext(_emptied(given))


@contextmanager
def _temporary() -> Iterator[Path]:
    """A folder that is removed afterwards; after a demo that failed it is kept for a look."""
    folder = Path(tempfile.mkdtemp(prefix="drempel-demo-"))
    try:
        yield folder
    except typer.Exit as ended:
        if ended.exit_code not in (0, STOPPED):
            place.err.print(f"kept for a look: {folder} (log: {folder / LOG})", highlight=False, soft_wrap=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _emptied(folder: Path) -> Path:
    """DREMPEL_DATA, marked as a demo's; nothing is removed from it but an earlier demo that runs no longer."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = list(folder.iterdir())
    if found and not (folder / place.DEMO).exists():
        place.fail(f"DREMPEL_DATA ({folder}) holds something else: give the demo an empty folder", place.WRONG_USE)
    if place.instance(folder) is not None:
        place.fail(f"something runs on DREMPEL_DATA ({folder})", place.WRONG_USE)
    for path in found:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (folder / place.DEMO).touch()
    return folder


def _own(configured: Settings, folder: Path) -> Settings:
    """Settings that touch nothing real: of what was configured only the region, its partners and where to listen."""
    kept = ("port", "host", "partners", "regio", "trace_file", "oin")
    return Settings.model_validate({"data": folder, **{name: getattr(configured, name) for name in kept}})


async def _demo(configured: Settings, seed: int, scale: float, months: int, once: bool) -> None:
    assert configured.data is not None  # noqa: S101
    stop = asyncio.Event()
    own_signals(stop)
    clock = SimulatedClock(datetime.combine(PEILDATUM, OCHTEND))
    region = Region.load(configured.regio, configured.partners)
    with place.err.status("De bewoners van de regio worden bedacht ..."):
        persons = persons_file(configured.data, regio=region.regio, seed=seed, schaal=scale)
        people = Bevolking(region.regio, seed=seed, schaal=scale, peildatum=PEILDATUM)
        stream = Signaalstroom(people, region.partners, seed=seed, maanden=months)
    place.out.print(summary.opening(region, people.inwoners, len(people), months, seed))
    own = configured.model_copy(update={"brp_personen": persons})
    with (configured.data / LOG).open("w") as logs:
        async with running(SERVICES, own, clock, stop, logs) as live:
            work = asyncio.create_task(_play(live, clock, stream, region, seed, months))
            await _until_done(live, work, stop)
            if not once:
                link = link_of(live.system, live.url)
                place.out.print(summary.served(live.url, link, live.folder), highlight=False, soft_wrap=True)
                await live.ended


async def _play(
    live: Live, clock: SimulatedClock, stream: Signaalstroom, region: Region, seed: int, months: int
) -> None:
    assert live.admin_url is not None  # noqa: S101
    async with httpx.AsyncClient(base_url=live.url, timeout=SECONDS) as http:
        doors = Doors(http, live.system.issuer, clock)
        play = Play(doors, clock, stream, sorted(region.gemeentecodes), seed)
        with _progress() as progress:
            task = progress.add_task("", total=months * WEKEN, gedaan="")
            for periode in periodes(f"{PEILDATUM:%Y-%m}", months):

                def step(dag: date) -> None:
                    progress.update(task, advance=1, description=f"{dag:%d-%m-%Y}", gedaan=play.stand())

                await play.maand(periode, step)
                place.announce(live.folder, live.url, clock)
                if not place.err.is_terminal:
                    place.err.print(f"{periode}: {play.stand()}", highlight=False, soft_wrap=True)
        await play.rest()
        summary.show(place.out, await summary.collect(doors, play, region, live.admin_url, today(clock)))


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("weken · {task.fields[gedaan]}"),
        TimeElapsedColumn(),
        console=place.err,
        disable=not place.err.is_terminal,
        transient=True,
    )


async def _until_done(live: Live, work: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    """The play, unless the system or somebody at the keyboard ends it first."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({work, stopped, live.ended}, return_when=asyncio.FIRST_COMPLETED)
    if stopped.done() or not work.done():
        work.cancel()
        await asyncio.wait({work})
        place.fail("stopped before the end", STOPPED)
    stopped.cancel()
    try:
        work.result()
    except PlayFailed as failed:
        place.fail(f"the demo did not go as it should: {failed}")
    except httpx.HTTPStatusError as failed:
        place.fail(f"the demo did not go as it should: {failed.response.status_code} on {failed.request.url.path}")
    except httpx.HTTPError as failed:
        place.fail(f"the demo lost its connection: {type(failed).__name__}", place.NO_CONNECTION)
