"""Who is known at schuldhulpverlening (Wgs art. 8d): a question with citizen service numbers and nothing else.

Two ways: a list in a file, or a service over HTTP. Whatever goes wrong there is nothing wrong with a signal, so who
asked waits and asks again. What was answered is kept as one clear fact of the link, and logged nowhere.
"""

import asyncio
from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import httpx
import structlog
from pydantic_core import from_json

from libs.chassis.settings import Settings
from libs.events.errors import Transient
from services.matching.gateway import gevraagde_rust

log = structlog.get_logger()

SCHULDHULP = "bekendheid bij schuldhulpverlening"
"""The processing activity in the register (Wgs art. 8d)."""
TIJD = httpx.Timeout(10.0, connect=5.0)
MEEST_BSN = 100
"""Numbers in one question."""


class SchuldhulpWeg(Transient):
    """Schuldhulpverlening can't be asked now, or answers what is no answer."""


class Schuldhulp(Protocol):
    """What matching asks."""

    async def bekend(self, bsns: Collection[str]) -> frozenset[str]:
        """Those of these people who are known there; raises SchuldhulpWeg."""
        ...


class Bestand:
    """A JSON list of numbers, or an object that has them as its keys. Read again whenever it changed."""

    def __init__(self, pad: Path) -> None:
        self._pad = pad

    async def bekend(self, bsns: Collection[str]) -> frozenset[str]:
        """See Schuldhulp."""
        try:
            versie = self._pad.stat().st_mtime_ns
            return await asyncio.to_thread(_gelezen, self._pad, versie) & frozenset(bsns)
        except (OSError, ValueError) as error:
            raise _weg(type(error).__name__) from None


@lru_cache(maxsize=4)
def _gelezen(pad: Path, versie: int) -> frozenset[str]:
    inhoud = from_json(pad.read_bytes())
    if not isinstance(inhoud, list | dict) or not all(isinstance(een, str) for een in inhoud):
        raise ValueError("no list of numbers")
    return frozenset(inhoud)


class OverHttp:
    """`POST` of `{"burgerservicenummers": [...]}`, answered with `{"bekend": [...]}`: the numbers that are known."""

    def __init__(self, url: str, sleutel: str | None, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url, self._transport = url, transport
        self._koppen = {"x-api-key": sleutel} if sleutel else {}

    async def bekend(self, bsns: Collection[str]) -> frozenset[str]:
        """See Schuldhulp."""
        gevraagd = sorted(bsns)
        gevonden: set[str] = set()
        async with httpx.AsyncClient(
            headers=self._koppen, timeout=TIJD, trust_env=False, transport=self._transport
        ) as http:
            for begin in range(0, len(gevraagd), MEEST_BSN):
                gevonden |= await self._vraag(http, gevraagd[begin : begin + MEEST_BSN])
        return frozenset(gevonden)

    async def _vraag(self, http: httpx.AsyncClient, bsns: Sequence[str]) -> set[str]:
        try:
            antwoord = await http.post(self._url, json={"burgerservicenummers": bsns})
        except httpx.HTTPError as error:
            raise _weg(type(error).__name__) from None
        if antwoord.status_code != 200:
            raise _weg(f"status {antwoord.status_code}", gevraagde_rust(antwoord))
        try:
            return set(bsns).intersection(from_json(antwoord.content)["bekend"])
        except (ValueError, TypeError, KeyError):
            raise _weg("an answer that is none") from None


def schuldhulp(settings: Settings) -> Schuldhulp | None:
    """How to ask, by these settings; None where nobody is to be asked."""
    if settings.shv_url is not None:
        return OverHttp(settings.shv_url, settings.shv_api_key.get_secret_value() if settings.shv_api_key else None)
    return Bestand(settings.shv_bestand) if settings.shv_bestand is not None else None


def _weg(reden: str, rust: float = 0.0) -> SchuldhulpWeg:
    log.warning("schuldhulp_away", reason=reden)
    return SchuldhulpWeg(reden, after=rust)
