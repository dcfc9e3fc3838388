"""Errors as application/problem+json (RFC 9457): field and rule, never the value that was sent.

Business refusals are 4xx and information; what was not foreseen is 500 with nothing in it but an id of the trace.
"""

import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from itertools import takewhile
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from opentelemetry import trace
from starlette.exceptions import HTTPException

from libs.chassis import logging
from libs.chassis.strict import FIELD_NAME
from libs.events.errors import Erased, Refusal, Transient, VersionConflict

log = structlog.get_logger()

Handler = Callable[[Request, Exception], Awaitable[Response]]
PAGE = "drempel.page"
"""Key in the scope of a request for a page: its errors are pages too, whatever it says it accepts."""

RULES = {
    "missing": ("verplicht", "Dit veld is verplicht."),
    "extra_forbidden": ("onbekendVeld", "Dit veld bestaat niet."),
    "enum": ("onbekendeWaarde", "De waarde is geen van de mogelijke waarden."),
    "literal_error": ("onbekendeWaarde", "De waarde is geen van de mogelijke waarden."),
    "greater_than": ("buitenGrenzen", "De waarde ligt buiten de grenzen."),
    "greater_than_equal": ("buitenGrenzen", "De waarde ligt buiten de grenzen."),
    "less_than": ("buitenGrenzen", "De waarde ligt buiten de grenzen."),
    "less_than_equal": ("buitenGrenzen", "De waarde ligt buiten de grenzen."),
    "string_too_long": ("teLang", "De tekst is te lang."),
    "string_too_short": ("teKort", "De tekst is te kort."),
    "string_pattern_mismatch": ("formaat", "De tekst heeft niet het gevraagde formaat."),
    "json_invalid": ("geenJson", "De inhoud is geen geldige JSON."),
}
"""Pydantic's error types as our codes and sentences; everything else is `ongeldig`."""

TITLES = {400: "Ongeldige aanvraag", 401: "Niet aangemeld", 403: "Niet toegestaan", 404: "Niet gevonden",
          405: "Methode niet toegestaan", 409: "Conflict", 410: "Niet meer leesbaar", 413: "Te groot",
          415: "Inhoudssoort niet ondersteund", 429: "Te veel aanvragen", 500: "Interne fout",
          503: "Tijdelijk niet beschikbaar"}  # fmt: skip


RETRY_SECONDS = 2
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": str(RETRY_SECONDS)}}
"""What a refusal of this status says beside its body."""


def problem(
    status: int, code: str, detail: str, invalid: Sequence[dict[str, str]] = (), headers: dict[str, str] | None = None
) -> JSONResponse:
    """A problem document; `invalid` names fields with code and reason."""
    body: dict[str, Any] = {"type": "about:blank", "title": TITLES.get(status, "Fout"), "status": status,
                            "detail": detail, "code": code}  # fmt: skip
    if invalid:
        body["invalidParams"] = list(invalid)
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def refused(request: Request, error: Exception) -> JSONResponse:
    """A rule said no."""
    assert isinstance(error, Refusal)  # noqa: S101
    log.info("command_refused", code=error.code, status=error.status)
    invalid = [{"name": error.field, "code": error.code, "reason": error.rule}] if error.field else []
    return problem(error.status, error.code, error.rule, invalid, HEADERS.get(error.status))


async def invalid_request(request: Request, error: Exception) -> JSONResponse:
    """A body, path or query that does not fit: all fields at once, in the order of the model."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    fields = []
    for found in error.errors():
        code, reason = RULES.get(found["type"], ("ongeldig", "De waarde voldoet niet."))
        fields.append({"name": _place(found), "code": code, "reason": reason})
    return problem(400, "ongeldig", "Een of meer velden voldoen niet.", fields)


def _place(found: dict[str, Any]) -> str:
    """The dotted path of a field, as far as it reads as names: what does not, the sender may have typed.

    Unknown fields and the keys of a mapping come from the body too, so they can hold anything.
    """
    path = [str(part) for part in found["loc"] if part not in ("body", "query", "path", "header")]
    if path[-1:] == ["[key]"]:
        path = path[:-2]
    names = takewhile(lambda part: FIELD_NAME.fullmatch(part) or part.isdigit(), path)
    return ".".join(names) or "body"


async def http_error(request: Request, error: Exception) -> JSONResponse:
    """What the framework refused: unknown path, wrong method, body too large."""
    assert isinstance(error, HTTPException)  # noqa: S101
    title = TITLES.get(error.status_code, "Fout")
    return problem(error.status_code, "http", f"{title}.", headers=dict(error.headers or {}))


async def erased(request: Request, error: Exception) -> JSONResponse:
    """The person was erased: there is nothing to read any more."""
    return problem(410, "gewist", "De persoonsgegevens zijn gewist.")


async def later(request: Request, error: Exception) -> JSONResponse:
    """Not now: the database or the outside did not answer in time, or somebody else was first."""
    log.warning("http_failed", error=type(error).__name__)
    return unavailable()


def unavailable() -> JSONResponse:
    """Ask again in a moment."""
    return problem(503, "nietBeschikbaar", "Probeer het later opnieuw.", headers={"Retry-After": str(RETRY_SECONDS)})


async def unforeseen(request: Request, error: Exception) -> JSONResponse:
    """A bug: say nothing but where to look.

    It is logged once, though it goes on from here to the app around this one and to the server.
    """
    trace_id = f"{trace.get_current_span().get_span_context().trace_id or secrets.randbits(128):032x}"
    tb = error.__traceback__
    while tb is not None and tb.tb_next is not None:
        tb = tb.tb_next
    where = f"{tb.tb_frame.f_globals.get('__name__')}:{tb.tb_lineno}" if tb else ""
    if not logging.is_told(error):
        log.error("http_failed", error=type(error).__name__, where=where, trace_id=trace_id)
        logging.told(error)
    return problem(500, "intern", f"Er ging iets mis (spoor {trace_id}).")


def _readable(handler: Handler, page: Callable[[int, str], Response] | None) -> Handler:
    """The same answer, as a page for whoever asked for one."""

    async def answer(request: Request, error: Exception) -> Response:
        found = await handler(request, error)
        if page is None or not (request.scope.get(PAGE) or "text/html" in request.headers.get("accept", "")):
            return found
        return page(found.status_code, json.loads(bytes(found.body))["detail"])

    return answer


def install(app: FastAPI, page: Callable[[int, str], Response] | None = None) -> None:
    """Answer every error of this app as a problem, or as a page to a browser where the app has pages."""
    app.add_exception_handler(Refusal, _readable(refused, page))
    app.add_exception_handler(RequestValidationError, _readable(invalid_request, page))
    app.add_exception_handler(HTTPException, _readable(http_error, page))
    app.add_exception_handler(Erased, _readable(erased, page))
    for kind in (Transient, VersionConflict, TimeoutError, OSError, asyncpg.PostgresConnectionError,
                 asyncpg.InsufficientResourcesError, asyncpg.OperatorInterventionError, asyncpg.LockNotAvailableError,
                 asyncpg.TransactionRollbackError, asyncpg.InterfaceError, asyncpg.InternalClientError):  # fmt: skip
        app.add_exception_handler(kind, _readable(later, page))
    app.add_exception_handler(asyncpg.DataError, _readable(unforeseen, page))  # an InterfaceError, but a bug of ours
    app.add_exception_handler(Exception, _readable(unforeseen, page))
