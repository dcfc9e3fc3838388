"""What a check works with, and what it finds."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from drempel.cli import place
from libs.chassis.settings import SERVICES, Settings


class Wrong(Exception):
    """Something is not well: what, in words, and what to do about it."""

    def __init__(self, says: str, do: str) -> None:
        super().__init__(says)
        self.says, self.do = says, do


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    check: str
    ok: bool
    says: str
    do: str = ""

    def as_json(self) -> dict[str, Any]:
        """`{"check", "ok", "says", "do"?}`."""
        found = {"check": self.check, "ok": self.ok, "says": self.says}
        return found | ({"do": self.do} if self.do else {})


@dataclass
class Here:
    """This installation. Connections are the owner's, by schema, and only there once the databases were reached."""

    settings: Settings
    folder: Path
    url: str | None = None
    """Of the one database; None where the services have databases of their own."""
    conns: dict[str, asyncpg.Connection] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls) -> "Here":
        """By the environment."""
        settings = place.settings()
        return cls(settings, place.folder_of(settings))

    @property
    def conn(self) -> asyncpg.Connection:
        """The connection to the one database, or to any."""
        return next(iter(self.conns.values()))

    @property
    def apart(self) -> bool:
        """Whether services have databases of their own, so that no look takes in all logs."""
        return bool(self.settings.database_url_per_service)

    async def services(self) -> list[str]:
        """Those we are connected to whose schema is there."""
        there = [s for s in SERVICES if s in self.conns]
        return [s for s in there if await self.conns[s].fetchval("SELECT to_regclass($1) IS NOT NULL", f"{s}.log")]


Check = Callable[[Here], Awaitable[str]]
"""Says that all is well; raises Wrong when it is not."""
