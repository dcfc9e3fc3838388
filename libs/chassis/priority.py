"""Requests go first: one event loop serves callers and runs the consumers, and only callers have somebody waiting.

After each batch a consumer rests until no request is under way, for at most so many times as long as the batch took.
So a large delivery comes in at the speed of intake, a busy system answers slowly instead of refusing, and consumers
fall behind for a while without ever standing still.
"""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Receive, Scope, Send

REST = 20.0
"""Rest per second of work: with ten consumers, two thirds of the loop are for requests."""

LONGEST = 2.0
"""Seconds of one rest, so that an upload that trickles in holds nobody up."""


class Priority:
    """Knows whether requests are under way."""

    def __init__(self) -> None:
        self._under_way = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    def first(self, app: ASGIApp) -> ASGIApp:
        """The same application, its requests counted."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            self._under_way += 1
            self._quiet.clear()
            try:
                await app(scope, receive, send)
            finally:
                self._under_way -= 1
                if not self._under_way:
                    self._quiet.set()

        return counted

    async def rest(self, worked: float) -> None:
        """What a consumer does after it worked for so many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._quiet.wait(), min(worked * REST, LONGEST))
