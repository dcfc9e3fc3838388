"""HTTP as partners, caseworkers and officials use it: each with a token of its own, a few at a time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx

from libs.chassis.auth import LIFETIME, LocalIssuer, Rol
from libs.events.ports import Clock

AT_ONCE = 8
"""Requests under way at a time: more only makes them wait for connections to the database."""
SECONDS = 60.0


class PlayFailed(Exception):
    """Something did not go as it should; the text says what, without personal data."""


class Refused(PlayFailed):
    """A request was refused that should have passed: what was asked, and the problem."""

    def __init__(self, what: str, answer: httpx.Response) -> None:
        super().__init__(f"{what} was refused: {problem(answer)}")


def code_of(answer: httpx.Response) -> str:
    """The code of a problem, empty where there is none."""
    try:
        return str(answer.json().get("code", ""))
    except ValueError:
        return ""


def problem(answer: httpx.Response) -> str:
    """Status, code and fields of a problem; a problem never holds what was sent."""
    try:
        fields = [f"{one['name']} ({one['code']})" for one in answer.json().get("invalidParams", ())]
    except ValueError:
        fields = []
    return " ".join([str(answer.status_code), code_of(answer), *fields]).strip()


class Doors:
    """Requests on behalf of a role and whom it stands for, with tokens that are fresh by the clock."""

    def __init__(self, http: httpx.AsyncClient, issuer: LocalIssuer, clock: Clock) -> None:
        self._http, self._issuer, self._clock = http, issuer, clock
        self._busy = asyncio.Semaphore(AT_ONCE)
        self._tokens: dict[tuple[Rol, str | None, tuple[str, ...]], tuple[datetime, str]] = {}

    async def call(
        self,
        method: str,
        path: str,
        rol: Rol,
        *,
        partner: str | None = None,
        gemeenten: tuple[str, ...] = (),
        **request: Any,
    ) -> httpx.Response:
        """One request; raises httpx.HTTPError when the connection is lost."""
        token = self._token(rol, partner, gemeenten)
        headers = {"Authorization": f"Bearer {token}", **request.pop("headers", {})}
        async with self._busy:
            return await self._http.request(method, path, headers=headers, **request)

    async def rows(self, name: str, path: str, rol: Rol, **whom: Any) -> AsyncIterator[dict[str, Any]]:
        """All rows of a list over its pages; raises httpx.HTTPStatusError when it is refused."""
        following: str | None = path
        while following:
            page = (await self.call("GET", following, rol, **whom)).raise_for_status().json()
            for row in page[name]:
                yield row
            following = (page.get("_links", {}).get("next") or {}).get("href")

    async def consumers(self) -> dict[str, dict[str, Any]]:
        """Per consumer how far behind it is and how much it has parked."""
        found: dict[str, dict[str, Any]] = (
            (await self._http.get("/health/ready")).raise_for_status().json()["consumers"]
        )
        return found

    def _token(self, rol: Rol, partner: str | None, gemeenten: tuple[str, ...]) -> str:
        key, now = (rol, partner, gemeenten), self._clock.now()
        made, token = self._tokens.get(key, (None, ""))
        if made is None or now - made > LIFETIME / 2:
            token = self._issuer.token(rol, self._clock, partner=partner, gemeenten=gemeenten)
            self._tokens[key] = now, token
        return token
