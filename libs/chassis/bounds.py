"""How many writes of one caller are under way at a time. Who sends more hears 429 and when to come again.

The bound is per process and per client of a token, so that one sender can't take all connections of the database; the
bound over all callers is the server's (libs/chassis/run.py, limit_concurrency).
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import Depends, Request

from libs.chassis.auth import Caller
from libs.chassis.guard import allow
from libs.events.errors import Refusal


class TooMany(Refusal):
    """Er zijn al genoeg aanvragen van deze afzender onder handen; probeer het zo weer."""

    status = 429
    code = "teDruk"


class Bound:
    """Counts what is under way per client."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def held(self, client: str) -> Iterator[None]:
        """One more for as long as the block takes; raises TooMany."""
        if self._under_way[client] >= self._most:
            raise TooMany
        self._under_way[client] += 1
        try:
            yield
        finally:
            self._under_way[client] -= 1
            if not self._under_way[client]:
                del self._under_way[client]


def bounded(setting: str, *scopes: str) -> Any:
    """As `allow`; and of one caller no more are under way at a time than this setting says."""

    async def held(request: Request, caller: Caller = allow(*scopes)) -> AsyncIterator[Caller]:
        state = request.app.state
        bound = state.bounds.setdefault(setting, Bound(getattr(state.runtime.settings, setting)))
        with bound.held(caller.client):
            yield caller

    return Depends(held, scope="function")
