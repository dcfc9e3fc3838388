"""Keys of an external issuer: fetched before the process serves, and again every ten minutes while it runs.

A key that the issuer has withdrawn is trusted for ten minutes more at most. When the issuer does not answer the
last keys stay in use, so that its outage is not ours.
"""

import asyncio
import contextlib

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from libs.chassis.settings import Settings
from libs.events.errors import Transient

log = structlog.get_logger()

REFRESH_SECONDS = 600.0
SECONDS = 10.0


class NoKeys(Transient):
    """The issuer gives no keys now."""


class RemoteKeys:
    """The key set at a JWKS address."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys = KeySet([])

    def __call__(self) -> KeySet:
        """The keys as last fetched."""
        return self._keys

    async def fetch(self) -> None:
        """Fetch them; raises NoKeys when there are none to be had."""
        try:
            async with httpx.AsyncClient(timeout=SECONDS) as http:
                answer = (await http.get(self._url)).raise_for_status()
            self._keys = KeySet.import_key_set(answer.json())
        except (httpx.HTTPError, JoseError, ValueError, LookupError, TypeError) as error:
            raise NoKeys(f"DREMPEL_JWKS_URL gives no keys ({type(error).__name__})") from error

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch again and again, until told to stop."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), REFRESH_SECONDS)
                return
            try:
                await self.fetch()
            except NoKeys as error:
                log.warning("keys_not_fetched", error=type(error.__cause__).__name__)


def remote_keys(settings: Settings) -> RemoteKeys | None:
    """Where the keys of the external issuer are, none fetched yet; None when the local one is used."""
    if settings.jwks_url is None or settings.issuer is None:
        return None
    return RemoteKeys(settings.jwks_url)
