"""The trial environment as an ASGI application: `POST .../personen`, problems as the BRP words them."""

import asyncio
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json, to_json
from starlette.types import Receive, Scope, Send

from services.matching.proefomgeving import velden, vragen
from services.matching.proefomgeving.bestand import Personen

_RFC = "https://datatracker.ietf.org/doc/html/rfc7231#section-6.5."
_INSTANCE = "/haalcentraal/api/brp/personen"
MEEST_BYTES = 64 * 1024


class Proefomgeving:
    """Answers questions about these persons."""

    def __init__(self, personen: Personen) -> None:
        self._personen = personen
        self._gereed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI request; anything but HTTP is left alone."""
        if scope["type"] != "http":
            return
        status, antwoord = await self._antwoord(scope, await _lees(receive))
        soort = b"application/json; charset=utf-8" if status == 200 else b"application/problem+json"
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", soort)]})
        await send({"type": "http.response.body", "body": to_json(antwoord)})

    async def _antwoord(self, scope: Scope, inhoud: bytes) -> tuple[int, Mapping[str, Any]]:
        if not scope["path"].endswith("/personen") or scope["method"] != "POST":
            return _probleem(404, "4", "Niet gevonden.", "De gevraagde resource bestaat niet.", "notFound")
        koppen = {naam.decode("latin-1").lower(): waarde.decode("latin-1") for naam, waarde in scope["headers"]}
        if not _json_utf8(koppen.get("content-type", ""), ("application/json",)):
            detail = "Ondersteunde content type: application/json; charset=utf-8."
            return _probleem(415, "13", "Media Type wordt niet ondersteund.", detail, "unsupportedMediaType")
        if not _json_utf8(koppen.get("accept", ""), ("application/json", "*/*")):
            detail = "Ondersteunde content type: application/json; charset=utf-8."
            return _probleem(406, "6", "Gevraagde content type wordt niet ondersteund.", detail, "notAcceptable")
        if not self._gereed:
            await asyncio.to_thread(self._personen.laad)
            self._gereed = True
        return self._zoek(inhoud)

    def _zoek(self, inhoud: bytes) -> tuple[int, Mapping[str, Any]]:
        try:
            vraag = from_json(inhoud)
        except ValueError:
            vraag = None
        if not isinstance(vraag, dict):
            vraag = {}
        fout = vragen.fouten(vraag)
        if "type" not in {een["name"] for een in fout}:
            fout += velden.fouten(vraag["type"], vraag.get("fields"))
        if fout:
            namen = ", ".join(dict.fromkeys(een["name"] for een in fout))
            titel, detail = "Een of meerdere parameters zijn niet correct.", f"De foutieve parameter(s) zijn: {namen}."
            return _probleem(400, "1", titel, detail, "paramsValidation", fout)
        gevonden = vragen.gevonden(self._personen, vraag)
        if vraag["type"] != vragen.RAADPLEEG and len(gevonden) > vragen.MEESTE:
            detail = f"Meer dan maximum van {vragen.MEESTE} zoekresultaten gevonden. Verfijn de zoekopdracht."
            return _probleem(400, "1", "Teveel zoekresultaten.", detail, "tooManyResults")
        return 200, {"type": vraag["type"], "personen": [velden.gekozen(p, vraag["fields"]) for p in gevonden]}


def _probleem(
    status: int, sectie: str, titel: str, detail: str, code: str, fouten: list[vragen.Fout] | None = None
) -> tuple[int, Mapping[str, Any]]:
    probleem = {"type": _RFC + sectie, "title": titel, "status": status, "detail": detail, "code": code,
                "instance": _INSTANCE}  # fmt: skip
    return status, probleem | ({"invalidParams": fouten} if fouten else {})


def _json_utf8(kop: str, soorten: tuple[str, ...]) -> bool:
    soort, _, rest = kop.replace(" ", "").lower().partition(";")
    return not kop or (soort in soorten and rest in ("", "charset=utf-8"))


async def _lees(receive: Receive) -> bytes:
    """The body; what is longer than any question is cut off and then is no JSON."""
    inhoud, verder = b"", True
    while verder:
        bericht = await receive()
        if len(inhoud) < MEEST_BYTES:
            inhoud += bericht.get("body", b"")
        verder = bericht.get("more_body", False)
    return inhoud
