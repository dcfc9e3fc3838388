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
    """This installation; the connection is the owner's, and only there once the database was reached."""

    settings: Settings
    folder: Path
    url: str = ""
    _conn: asyncpg.Connection | None = field(default=None, repr=False)

    @classmethod
    def of(cls) -> "Here":
        """By the environment."""
        settings = place.settings()
        return cls(settings, place.folder_of(settings))

    @property
    def conn(self) -> asyncpg.Connection:
        """The connection."""
        assert self._conn is not None  # noqa: S101 - checks that use it come after it was opened
        return self._conn

    @conn.setter
    def conn(self, conn: asyncpg.Connection) -> None:
        self._conn = conn

    async def services(self) -> list[str]:
        """Those whose schema is there."""
        there = await self.conn.fetch(
            "SELECT nspname FROM pg_namespace WHERE to_regclass(nspname || '.log') IS NOT NULL"
        )
        names = {row[0] for row in there}
        return [service for service in SERVICES if service in names]


Check = Callable[[Here], Awaitable[str]]
"""Says that all is well; raises Wrong when it is not."""
