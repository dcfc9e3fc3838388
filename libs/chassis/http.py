"""From services to one ASGI application: strict JSON in, problems and safe headers out.

Each service is an application of its own under ``/<service>/v1`` with its own OpenAPI document; the same
paths in both modes, so that a gateway can send a prefix to its service.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.chassis import health, problems
from libs.chassis.auth import Verifier
from libs.chassis.links import Links
from libs.chassis.openapi import Documented
from libs.chassis.service import Runtime, Service
from libs.chassis.strict import clean, loads
from libs.chassis.telemetry import Observed
from libs.events.errors import Invalid, Refusal

VERSION = "1.0.0"
BODY_BYTES = 1 << 20
CHARSETS = ("utf-8", "utf8")
CONTACT = {"name": "Drempel", "url": "https://example.org/drempel", "email": "drempel@example.org"}

HEADERS = {
    "API-Version": VERSION,
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
}


NO_TELEMETRY: TelemetryConfig = {
    "tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False,
}  # fmt: skip
"""FastAPI's own tracing is off, `Observed` is ours: as soon as a provider is set it halves throughput."""


class TooLarge(Refusal):
    """De inhoud is te groot."""

    status = 413
    code = "teGroot"


class UnknownContent(Refusal):
    """Deze inhoudssoort wordt niet ondersteund."""

    status = 415
    code = "inhoudssoort"


class StrictRequest(Request):
    """A request whose body is bounded and whose JSON is read strictly."""

    async def body(self) -> bytes:
        """The body; more than 1 MiB is refused while it arrives, whatever Content-Length says."""
        if not hasattr(self, "_body"):
            parts, size = [], 0
            async for chunk in self.stream():
                size += len(chunk)
                if size > BODY_BYTES:
                    raise TooLarge
                parts.append(chunk)
            self._body = b"".join(parts)
        return self._body

    async def json(self) -> Any:
        """The body as JSON: UTF-8, no duplicate keys, no NaN, no control characters."""
        if not hasattr(self, "_json"):
            self._json = loads(await self.body())
        return self._json


class StrictRoute(APIRoute):
    """A route without control characters in path, query and body, that takes JSON only under its own name."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler."""
        handler = super().get_route_handler()
        takes_body = self.body_field is not None

        async def strict(request: Request) -> Response:
            request.scope["drempel.route"] = request.scope.get("root_path", "") + self.path_format
            if takes_body and content_type(request) != "application/json":
                raise UnknownContent(field="Content-Type")
            for name, value in (*request.path_params.items(), *request.query_params.multi_items()):
                if not clean(value):
                    raise Invalid("De tekst bevat stuurtekens.", field=name)
            return await handler(StrictRequest(request.scope, request.receive))

        return strict


def content_type(request: Request) -> str:
    """The media type of the body, lower case; raises UnknownContent for a charset that it is not read in."""
    media, *parameters = (part.strip() for part in request.headers.get("content-type", "").lower().split(";"))
    known = CHARSETS + (("windows-1252",) if media == "text/csv" else ())
    for name, _, value in (parameter.partition("=") for parameter in parameters):
        if name.strip() == "charset" and value.strip(' "') not in known:
            raise UnknownContent(field="Content-Type")
    return media


class SafeHeaders:
    """The headers every answer carries, and the answer to a request that a stop cuts off."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI request."""
        begun = scope["type"] != "http"

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send if begun else with_headers)
        except asyncio.CancelledError:
            if begun:
                raise
            await problems.unavailable()(scope, receive, with_headers)  # the caller may still hear why


def service_app(service: Service, runtime: Runtime, verifier: Verifier) -> FastAPI:
    """One service's application, to be mounted under ``/<service>/v1``."""
    app = Documented(
        title=f"Drempel {service.name}",
        version=VERSION,
        description=f"API van {service.name}.",
        contact=CONTACT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        servers=[{"url": f"/{service.name}/v1"}],
        root_path_in_servers=False,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    app.state.runtime, app.state.verifier, app.state.bounds = runtime, verifier, {}
    problems.install(app)
    app.include_router(service.router)
    return app


def application(
    services: Sequence[tuple[Service, Runtime]], verifier: Verifier, state: health.Health, links: Links | None = None
) -> ASGIApp:
    """All services of this process, health, and the pages at the root."""
    root = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, telemetry=NO_TELEMETRY)
    root.state.health, root.state.links = state, links
    problems.install(root, next((service.error_page for service, _ in services if service.error_page), None))
    root.include_router(health.router)
    for service, runtime in services:
        root.mount(f"/{service.name}/v1", service_app(service, runtime, verifier))
        if service.pages is not None:
            root.state.runtime, root.state.verifier = runtime, verifier
            root.include_router(service.pages)
    return Observed(SafeHeaders(root))
