"""Health: alive while it answers, ready while the database answers, and how far every consumer is (docs/operations.md).

A loop that dies ends the process, so a process that answers has all of them.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from libs.chassis import lag
from libs.chassis.apart import Apart
from libs.chassis.clock import today
from libs.chassis.logging import alarms
from libs.chassis.service import Runtime, Service
from libs.events.processor import Processor

router = APIRouter(prefix="/health")

SNAPSHOT_SECONDS = 5.0
CLOCK = {"seconden": 0.0, "geparkeerd": 0, "verwerkt": 0}
"""What is not counted of a loop: it handles no events."""


@dataclass
class Health:
    """What a process knows of its own state."""

    stopping: bool = False
    services: list[tuple[Service, Runtime]] = field(default_factory=list)
    processors: list[tuple[Runtime, Processor]] = field(default_factory=list)
    partitions: int | None = None
    """Of the Kafka topic; None on the embedded transport."""
    apart: Apart | None = None
    """Where the services have databases of their own, so that no snapshot can hold them all."""

    async def lags(self) -> dict[str, dict[str, Any]]:
        """Per consumer how many events it is behind, in one snapshot of the database, and how long already; per loop
        how much the clock has still to do.

        A consumer moves its checkpoint in the transaction that appends what follows, so all zero in one
        snapshot means that nothing is under way. One that waits for the outside says for what.
        """
        if self.apart is not None:
            return await self.apart.lags(self.services, self.processors, self.services[0][1].clock.now())
        runtime = self.services[0][1]
        pool, consumers = runtime.database.loop, {p.consumer.name: p for _, p in self.processors}
        loops, day = [loop for service, _ in self.services for loop in service.loops], today(runtime.clock)
        lags = await lag.snapshot(pool, [s.name for s, _ in self.services], consumers, self.partitions, loops, day)
        seconds = await lag.seconds(pool, lags, self.partitions, runtime.clock.now())
        found: dict[str, dict[str, Any]] = {}
        for name, processor in consumers.items():
            one = lags.get(name, lag.Lag(0, 0, {}))
            found[name] = {"lag": one.events, "seconden": seconds.get(name, 0.0), "geparkeerd": one.parked,
                           "verwerkt": processor.handled}  # fmt: skip
            if processor.waiting_for:
                found[name]["wachtOp"] = processor.waiting_for
        found |= {loop.name: {"lag": lags[loop.name].events, **CLOCK} for loop in loops}
        return found


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
    return JSONResponse({"status": "gereed", "consumers": consumers, "alarmen": alarms()})
