"""`drempel brp`: the trial environment of the BRP over TCP, for DREMPEL_BRP_URL."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from drempel.cli import place
from libs.chassis.run import own_signals, port_of, server_for
from libs.chassis.settings import Settings
from services.matching.proefomgeving import proefomgeving


def brp(
    port: Annotated[int, typer.Option(help="HTTP port; 0 takes a free one", min=0, max=65535)] = 5010,
    personen: Annotated[Path | None, typer.Option(help="JSON list of persons; else DREMPEL_BRP_PERSONEN")] = None,
) -> None:
    """A BRP that answers as Haal Centraal does, over invented persons. Exit status 2 without a file of persons."""
    configured = place.settings(port=port, brp_personen=personen)
    if configured.brp_personen is None or not configured.brp_personen.is_file():
        place.fail("no file of persons: give --personen or set DREMPEL_BRP_PERSONEN", place.WRONG_USE)
    place.run(_serve(configured))


async def _serve(configured: Settings) -> None:
    stop = asyncio.Event()
    own_signals(stop)
    server = server_for(proefomgeving(configured.brp_personen), configured)
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    if server.started:
        url = f"http://{configured.host}:{port_of(server)}/haalcentraal/api/brp"
        place.out.print(f"DREMPEL_BRP_URL={url}", highlight=False, soft_wrap=True)
        await stop.wait()
    server.should_exit = True
    await serving
