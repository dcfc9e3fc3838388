"""The gateway of `deploy/gateway/nginx.conf` for a test: the routes of that file, without nginx."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

CONFIG = Path(__file__).parents[1] / "deploy" / "gateway" / "nginx.conf"
_LOCATION = re.compile(r"location\s+(\S+)\s*\{\s*proxy_pass\s+http://(\w+):8080;\s*\}")
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "host"}


def routes() -> dict[str, str]:
    """Prefix to service, as the shipped file says."""
    return dict(_LOCATION.findall(CONFIG.read_text()))


class Gateway:
    """Sends each request to the service of its longest prefix; and serves the keys of the tests' issuer."""

    def __init__(self, keys: Mapping[str, Any]) -> None:
        self.where: dict[str, str] = {}
        """Address of each service, filled when it is known."""
        self._keys = keys
        self._routes = routes()
        self.http = httpx.AsyncClient(timeout=120)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI request."""
        request = Request(scope, receive)
        if scope["path"] == "/jwks.json":
            await JSONResponse(self._keys)(scope, receive, send)
            return
        prefix = max((p for p in self._routes if scope["path"].startswith(p)), key=len)
        url = self.where[self._routes[prefix]] + scope["raw_path"].decode()
        headers = [(k, v) for k, v in request.headers.items() if k not in _HOP_BY_HOP]
        body = {"content-length", "transfer-encoding"} & set(request.headers)
        onward = self.http.build_request(
            request.method, url, headers=headers, params=scope["query_string"] or None,
            content=request.stream() if body else None,
        )  # fmt: skip
        answer = await self.http.send(onward, stream=True)
        passed = {k: v for k, v in answer.headers.items() if k not in _HOP_BY_HOP}
        try:
            await StreamingResponse(answer.aiter_raw(), answer.status_code, passed)(scope, receive, send)
        finally:
            await answer.aclose()
