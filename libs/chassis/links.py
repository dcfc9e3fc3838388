"""Signing in to the pages of an installation on one's own machine: a link that works once, then a session.

Only beside the local issuer, which is bound to loopback: whoever can read the terminal may open the page. Codes and
sessions live in memory, so a restart ends them. They last by the clock of the machine, not by the one that the demo
moves.
"""

import secrets
import time
from collections.abc import Callable

from fastapi import Request

from libs.chassis.auth import SCOPES, Caller, Rol, Unauthenticated
from libs.events.values import REGIOBALIE

COOKIE = "drempel_sessie"
LINK_SECONDS = 15 * 60
SESSION_SECONDS = 4 * 60 * 60
MOST = 100


class NotSignedIn(Unauthenticated):
    """U bent niet aangemeld."""


class LinkUsed(Unauthenticated):
    """Deze link is al gebruikt of verlopen."""

    code = "linkVerlopen"


class Links:
    """One-time codes and the sessions they open, each for a coordinator of the whole region."""

    def __init__(self, gemeenten: tuple[str, ...], now: Callable[[], float] = time.monotonic) -> None:
        rol = Rol.COORDINATOR
        self._caller = Caller(f"{rol}:pagina", rol, SCOPES[rol], (*gemeenten, REGIOBALIE))
        self._now = now
        self._codes: dict[str, float] = {}
        self._sessions: dict[str, float] = {}

    def new(self) -> str:
        """A code that opens one session within 15 minutes."""
        return self._add(self._codes, LINK_SECONDS)

    def redeem(self, code: str) -> str:
        """The session that a code opens; raises LinkUsed when it was used before, is too old, or never was."""
        if not self._codes.pop(code, 0.0) > self._now():
            raise LinkUsed
        return self._add(self._sessions, SESSION_SECONDS)

    def caller(self, session: str | None) -> Caller:
        """Who a session stands for; raises NotSignedIn."""
        if not self._sessions.get(session or "", 0.0) > self._now():
            raise NotSignedIn
        return self._caller

    def _add(self, kept: dict[str, float], seconds: float) -> str:
        for old in [key for key, end in kept.items() if end <= self._now()] or list(kept)[: len(kept) - MOST + 1]:
            del kept[old]
        key = secrets.token_urlsafe(32)
        kept[key] = self._now() + seconds
        return key


def links_of(request: Request) -> Links:
    """The links of this process; raises NotSignedIn where there are none, because tokens come from elsewhere."""
    links: Links | None = request.app.state.links
    if links is None:
        raise NotSignedIn
    return links


async def session_of(request: Request) -> Caller:
    """Dependency of a page: the caller of its session cookie. A token does not open a page, a cookie no API."""
    return links_of(request).caller(request.cookies.get(COOKIE))
