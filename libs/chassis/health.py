"""Health: alive while it answers, ready while the database answers, lag per consumer in one snapshot.

A loop that dies ends the process, so a process that answers has all of them.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from libs.chassis.clock import today
from libs.chassis.service import Runtime, Service
from libs.chassis.settings import SERVICES
from libs.events.processor import Processor

router = APIRouter(prefix="/health")

SNAPSHOT_SECONDS = 5.0


@dataclass
class Health:
    """What a process knows of its own state."""

    stopping: bool = False
    services: list[tuple[Service, Runtime]] = field(default_factory=list)
    processors: list[tuple[Runtime, Processor]] = field(default_factory=list)
    partitions: int | None = None
    """Of the Kafka topic; None on the embedded transport."""

    async def lags(self) -> dict[str, dict[str, Any]]:
        """Per consumer how many events it is behind, and per loop what the clock has still to say, in one snapshot.

        A consumer moves its checkpoint in the transaction that appends what follows, so all zero in one
        snapshot means that nothing is under way. One that waits for the outside says for what.
        """
        pool = self.services[0][1].database.loop
        consumers = {p.consumer.name: p for _, p in self.processors}
        loops = [loop for service, _ in self.services for loop in service.loops]
        query = snapshot([s.name for s, _ in self.services], self.partitions)
        query += "".join(f" UNION ALL SELECT '{loop.name}', ({loop.behind}), 0" for loop in loops)
        day = [today(self.services[0][1].clock)] if loops else []
        rows = await pool.fetch(query, list(consumers), *day)
        found: dict[str, dict[str, Any]] = {name: {"lag": 0, "geparkeerd": 0} for name in consumers}
        for name, lag, parked in rows:
            found[name] = {"lag": int(lag), "geparkeerd": int(parked)}
            waiting = consumers[name].waiting_for if name in consumers else None
            if waiting:
                found[name]["wachtOp"] = waiting
        return found


def snapshot(services: list[str], partitions: int | None = None) -> str:
    """One statement over the services of this process: consumer, events behind, events parked.

    Positions of a source are spread over the partitions of a topic. There a consumer is behind by what is not
    published yet, and per partition by the distance to the last published position, of which about one in
    `partitions` is of that partition: an estimate, but 0 exactly when nothing is under way.
    """
    heads = " UNION ALL ".join(f"SELECT '{s}' AS source, position FROM {s}.head" for s in SERVICES)
    checkpoints = " UNION ALL ".join(
        f"SELECT consumer, source, partition, position FROM {s}.checkpoint" for s in services
    )
    parked = " UNION ALL ".join(f"SELECT consumer FROM {s}.parked" for s in services)
    relays = " UNION ALL ".join(f"SELECT '{s}' AS source, position, last FROM {s}.relay" for s in SERVICES)
    behind = "sum(h.position - c.position)"
    joined = "checkpoint c JOIN head h USING (source)"
    if partitions is not None:
        published = f"ceil(greatest(0, coalesce(r.last[c.partition + 1], 0) - c.position)::numeric / {partitions})"
        behind = f"sum({published}) + sum(h.position - r.position) FILTER (WHERE c.partition = 0)"
        joined += " JOIN relay r USING (source)"
    return f"""
        WITH head AS ({heads}), checkpoint AS ({checkpoints}), parked AS ({parked}), relay AS ({relays})
        SELECT c.consumer, {behind}, (SELECT count(*) FROM parked p WHERE p.consumer = c.consumer)
        FROM {joined} WHERE c.consumer = ANY($1) GROUP BY c.consumer
    """


@router.get("/live")
async def live(request: Request) -> JSONResponse:
    """The process turns."""
    return JSONResponse({"status": "live"})


@router.get("/ready")
async def ready(request: Request) -> JSONResponse:
    """Ready to serve, also while consumers are behind; 503 while stopping or without a database."""
    state: Health = request.app.state.health
    if state.stopping:
        return JSONResponse({"status": "stopt"}, 503)
    try:
        consumers = await asyncio.wait_for(state.lags(), SNAPSHOT_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return JSONResponse({"status": "geen database", "fout": type(error).__name__}, 503)
    return JSONResponse({"status": "gereed", "consumers": consumers})
