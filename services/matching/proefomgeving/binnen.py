"""The trial environment without a socket: the same HTTP messages, handed over inside this process.

httpx has such a transport; its own looks for an absent package at every request, which takes longer than the answer.
"""

from collections.abc import MutableMapping
from typing import Any

import httpx

from services.matching.proefomgeving.app import Proefomgeving


class Binnen(httpx.AsyncBaseTransport):
    """Sends requests to the application of this process."""

    def __init__(self, app: Proefomgeving) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request and its whole answer."""
        scope = {"type": "http", "method": request.method, "path": request.url.path, "headers": request.headers.raw}
        inhoud = await request.aread()
        bericht: MutableMapping[str, Any] = {}

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": inhoud, "more_body": False}

        async def send(deel: MutableMapping[str, Any]) -> None:
            bericht.update(deel)

        await self._app(scope, receive, send)
        return httpx.Response(bericht["status"], headers=bericht["headers"], content=bericht["body"])
