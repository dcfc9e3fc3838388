"""`drempel timeline`, `verify` and `rebuild`: look at the views, prove them, make them again."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import httpx
import typer
from rich.table import Table

from drempel.cli import beside, place, topic
from libs.chassis.auth import Rol
from libs.chassis.clock import SystemClock
from libs.chassis.region import Region
from libs.chassis.run import kek_of, settle_memory
from libs.chassis.settings import Settings
from libs.events.errors import Gap


def timeline(
    zaak: Annotated[UUID, typer.Argument(help="id of the case")],
    json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Print what happened in a case. Exit status 1 when there is no such case."""
    found = place.run(_timeline(zaak))
    if json:
        place.as_json(found)
    else:
        place.out.print(as_table(found))


def as_table(found: dict[str, Any]) -> Table:
    """A timeline as a table."""
    handler = found.get("behandelaar") or {}
    known = (found.get("spoor"), found.get("stap"), *handler.values())
    table = Table(
        title=f"Zaak {found['zaakId']} · gemeente {found['gemeentecode']} · {found['fase']}",
        caption=" · ".join(one for one in known if one),
    )
    for heading in ("datum", "gebeurtenis", "omschrijving"):
        table.add_column(heading, no_wrap=heading != "omschrijving")
    for one in found["gebeurtenissen"]:
        table.add_row(one["opTijdstip"][:10], one["type"], one["omschrijving"])
    return table


async def _timeline(zaak: UUID) -> dict[str, Any]:
    configured = place.settings()
    folder = place.folder_of(configured)
    live = place.instance(folder)
    codes = tuple(sorted(Region.load(configured.regio, configured.partners).gemeentecodes))
    token = place.local_token(folder, Rol.BEHEER, live.clock if live else SystemClock(), gemeenten=codes)
    async with client(configured, live, "monitoring") as http:
        answer = await http.get(f"/monitoring/v1/zaken/{zaak}/tijdlijn", headers={"Authorization": f"Bearer {token}"})
    if answer.status_code != 200:
        place.fail(f"{answer.status_code}: no such case")
    found: dict[str, Any] = answer.json()
    return found


@asynccontextmanager
async def client(configured: Settings, live: place.Instance | None, service: str) -> AsyncIterator[httpx.AsyncClient]:
    """The running instance over HTTP; where none runs, this service in the process of the command."""
    if live is not None:
        async with httpx.AsyncClient(base_url=live.url, timeout=30) as http:
            yield http
        return
    folder = place.folder_of(configured)
    async with (
        place.database(configured, folder) as url,
        beside.opened([service], configured, folder, url, migrate=configured.database_url is None) as system,
        httpx.AsyncClient(transport=httpx.ASGITransport(system.app), base_url="http://drempel") as http,
    ):
        yield http


def verify(json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """Fold the logs anew and compare with the views. Exit status 1 when they differ; the first difference is named."""
    found = place.run(_verify())
    if json:
        place.as_json(found)
    else:
        for line in _told(found):
            place.out.print(line, highlight=False, markup=False, soft_wrap=True)
    if not found["ok"]:
        raise typer.Exit(place.FOUND_WRONG)


def _told(found: dict[str, Any]) -> Iterator[str]:
    if topic := found.get("topic"):
        yield f"topic {topic['topic']}: {topic['events']} gebeurtenissen, vergeleken met {', '.join(topic['compared'])}"
        yield from (f"FOUT  {wrong}" for wrong in topic["wrong"])
        yield from (f"nog te publiceren: {count} van {name}" for name, count in topic["unpublished"].items())
    yield from map(str, found["views"])
    yield f"staat {found['state'] or 'onbekend: DREMPEL_KEYRING_URL is niet gezet'}"


async def _verify() -> dict[str, Any]:
    from services.monitoring import upkeep

    configured = place.settings()
    folder = place.folder_of(configured)
    async with place.databases(configured, folder) as shared:
        kek = kek_of(configured, folder, make=False) if topic.keyring_of(configured, shared) else None
        if configured.database_url_per_service:
            return await topic.verified(configured, shared, kek)
        url = configured.database_of("monitoring", shared)
        return await upkeep.verify(url, kek, configured.keyring_of(url))


def rebuild(
    view: Annotated[str, typer.Argument(help="timeline or partners")],
    json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Make a view again from the logs, beside the living one, and put it in its place; where services have databases
    of their own, from the topic. Exit status 1: the topic lacks an event, another rebuild of it runs, or its tables
    are held by somebody else; 2: no such view."""
    found = place.run(_rebuild(view))
    if json:
        place.as_json(found)
    else:
        place.out.print(found, highlight=False)


async def _rebuild(view: str) -> dict[str, Any]:
    from services.monitoring import upkeep

    configured = place.settings()
    async with place.databases(configured, place.folder_of(configured)) as shared:
        url = configured.database_of("monitoring", shared)
        cluster = topic.cluster_of(configured) if configured.database_url_per_service else None
        try:
            settle_memory()
            return await upkeep.rebuild(url, view, cluster)
        except KeyError:
            place.fail("VIEW is none of timeline, partners", place.WRONG_USE)
        except upkeep.Underway as other:
            place.fail(f"{other}; wait for its end. If it was killed, its database is about to notice: try again")
        except asyncpg.LockNotAvailableError:
            place.fail("somebody else held the tables of the view all the time; nothing was changed: try again")
        except Gap as gap:
            place.fail(f"{gap}; nothing was changed. `drempel verify` says more, docs/distributed.md what to do")
