"""Keys of an external issuer: fetched at the start, and again every ten minutes while the process runs.

A key that the issuer has withdrawn is trusted for ten minutes more at most. When the issuer does not answer the
last keys stay in use, so that its outage is not ours.
"""

import asyncio
import contextlib

import httpx
import structlog
from joserfc.jwk import KeySet

from libs.chassis.settings import Settings

log = structlog.get_logger()

REFRESH_SECONDS = 600.0
SECONDS = 10.0


class RemoteKeys:
    """The key set at a JWKS address."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys = KeySet([])

    def __call__(self) -> KeySet:
        """The keys as last fetched."""
        return self._keys

    async def fetch(self) -> None:
        """Fetch them; raises httpx.HTTPError or ValueError when there are none to be had."""
        async with httpx.AsyncClient(timeout=SECONDS) as http:
            answer = (await http.get(self._url)).raise_for_status()
        self._keys = KeySet.import_key_set(answer.json())

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch again and again, until told to stop."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), REFRESH_SECONDS)
                return
            try:
                await self.fetch()
            except (httpx.HTTPError, ValueError) as error:
                log.warning("keys_not_fetched", error=type(error).__name__)


async def remote_keys(settings: Settings) -> RemoteKeys | None:
    """Keys of the external issuer; None when the local one is used."""
    if settings.jwks_url is None or settings.issuer is None:
        return None
    keys = RemoteKeys(settings.jwks_url)
    await keys.fetch()
    return keys
