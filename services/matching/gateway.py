"""The BRP: Haal Centraal BRP personen bevragen, version 2, over HTTP.

One connection pool per batch of questions (`Brp.open`), so that nothing outlives its work. The BRP being away
raises Transient: whoever asked waits and asks again. What it answers wrongly raises Unreadable and parks.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Protocol

import httpx
import structlog
from pydantic_core import from_json, to_json

from libs.chassis.settings import Settings
from libs.events.errors import Transient
from services.matching.personen import (
    VELDEN_RAADPLEGEN,
    VELDEN_ZOEKEN,
    Ingeschrevene,
    OnleesbaarAntwoord,
    Treffer,
    ingeschrevene,
    treffer,
)
from services.matching.proefomgeving import Binnen, proefomgeving

log = structlog.get_logger()

TEGELIJK = 16
"""Questions under way at a time."""
TIJD = httpx.Timeout(10.0, connect=5.0)
MEEST_BSN = 20
"""BSNs in one question (openapi, RaadpleegMetBurgerservicenummer)."""
PERSONEN = "/personen"
ONZE_PARAMETERS = frozenset(
    ["type", "fields", "inclusiefOverledenPersonen", "postcode", "huisnummer", "huisletter", "huisnummertoevoeging",
     "geboortedatum", "geslachtsnaam", "burgerservicenummer", "adresseerbaarObjectIdentificatie"]
)  # fmt: skip
"""What we send: nothing else of a refusal is repeated."""
_JSON = {"content-type": "application/json; charset=utf-8", "accept": "application/json"}


class BrpWeg(Transient):
    """The BRP is away, busy, or does not let us in: nothing is wrong with the signal, so it waits."""


class BrpVraagFout(OnleesbaarAntwoord):
    """The BRP refused our question: a mistake of ours that asking again does not mend."""


class Brp(Protocol):
    """What matching asks. A search gives None when more people fit than the BRP is willing to name."""

    async def zoek(self, soort: str, **parameters: Any) -> Sequence[Treffer] | None:
        """People who fit, the deceased included; `soort` is the query type of the BRP."""
        ...

    async def raadpleeg(self, bsns: Sequence[str]) -> Sequence[Ingeschrevene]:
        """The people with these numbers, as far as they exist."""
        ...


class HaalCentraal:
    """The BRP behind one open transport; the first failure answers all later questions of the same batch.

    It speaks to the transport itself: no cookies, redirects or proxies are wanted, and they cost as much as the answer.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, url: httpx.URL, koppen: httpx.Headers) -> None:
        self._transport, self._url, self._koppen = transport, url, koppen
        self._tegelijk = asyncio.Semaphore(TEGELIJK)
        self._weg: BrpWeg | None = None

    async def zoek(self, soort: str, **parameters: Any) -> Sequence[Treffer] | None:
        """See Brp."""
        gegeven = {naam: waarde for naam, waarde in parameters.items() if waarde is not None}
        vraag = {"type": soort, "fields": VELDEN_ZOEKEN, "inclusiefOverledenPersonen": True, **gegeven}
        personen = await self._vraag(vraag)
        return None if personen is None else [treffer(persoon) for persoon in personen]

    async def raadpleeg(self, bsns: Sequence[str]) -> Sequence[Ingeschrevene]:
        """See Brp."""
        gevonden: list[Ingeschrevene] = []
        for begin in range(0, len(bsns), MEEST_BSN):
            deel = list(bsns[begin : begin + MEEST_BSN])
            vraag = {"type": "RaadpleegMetBurgerservicenummer", "burgerservicenummer": deel}
            personen = await self._vraag({**vraag, "fields": VELDEN_RAADPLEGEN})
            gevonden += [ingeschrevene(persoon) for persoon in personen or ()]
        return gevonden

    async def _vraag(self, vraag: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        async with self._tegelijk:
            if self._weg is not None:
                raise self._weg
            request = httpx.Request(
                "POST", self._url, headers=self._koppen, content=to_json(vraag), extensions={"timeout": TIJD.as_dict()}
            )
            try:
                antwoord = await self._transport.handle_async_request(request)
                await antwoord.aread()
            except httpx.TransportError as error:
                raise self._is_weg(type(error).__name__) from None
        if antwoord.status_code == 200:
            return _personen(antwoord, str(vraag["type"]))
        if antwoord.status_code == 400 and _te_veel(antwoord):
            return None
        if antwoord.status_code in (401, 403, 408, 425, 429) or antwoord.status_code >= 500:
            raise self._is_weg(f"status {antwoord.status_code}", gevraagde_rust(antwoord))
        raise BrpVraagFout(f"the BRP answered with status {antwoord.status_code}")

    def _is_weg(self, reden: str, rust: float = 0.0) -> BrpWeg:
        if self._weg is None:
            log.warning("brp_away", reason=reden)
            self._weg = BrpWeg(reden, after=rust)
        return self._weg


def gevraagde_rust(antwoord: httpx.Response) -> float:
    """Seconds for which not to ask again (Retry-After); 0 when nothing is asked, or a date, which we leave alone."""
    gevraagd = antwoord.headers.get("retry-after", "").strip()
    return float(gevraagd) if gevraagd.isascii() and gevraagd.isdigit() and len(gevraagd) < 7 else 0.0


def _json(antwoord: httpx.Response) -> dict[str, Any]:
    try:
        gelezen = from_json(antwoord.content)
    except ValueError:
        raise OnleesbaarAntwoord("the BRP answered something that is no JSON") from None
    if not isinstance(gelezen, dict):
        raise OnleesbaarAntwoord("the BRP answered something that is no object")
    return gelezen


def _personen(antwoord: httpx.Response, soort: str) -> list[dict[str, Any]]:
    gelezen = _json(antwoord)
    personen = gelezen.get("personen")
    if gelezen.get("type") != soort or not isinstance(personen, list):
        raise OnleesbaarAntwoord("the BRP answered another question or gave no list of people")
    return personen


def _te_veel(antwoord: httpx.Response) -> bool:
    """Whether more people fit than the BRP names (10 or 30, as it likes); else it refused us: our mistake."""
    gelezen = _json(antwoord)
    if gelezen.get("code") == "tooManyResults":
        return True
    fouten = gelezen.get("invalidParams")
    namen = {str(f.get("name")).partition("[")[0] for f in fouten if isinstance(f, dict)} if fouten else set()
    raise BrpVraagFout(f"the BRP refused our question: {', '.join(sorted(namen & ONZE_PARAMETERS)) or 'as a whole'}")


class BrpToegang:
    """How to reach the BRP of these settings: over the network, or the trial environment inside this process."""

    def __init__(self, settings: Settings) -> None:
        self._over_het_net = settings.brp_url is not None
        self._url = httpx.URL((settings.brp_url or "http://proefomgeving").rstrip("/") + PERSONEN)
        sleutel = {"x-api-key": settings.brp_api_key.get_secret_value()} if settings.brp_api_key else {}
        self._koppen = httpx.Headers({"host": self._url.netloc.decode(), **_JSON, **sleutel})
        self._personen = settings.brp_personen

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Brp]:
        """A connection pool for the length of one batch or one request."""
        async with self._transport() as transport:
            yield HaalCentraal(transport, self._url, self._koppen)

    def _transport(self) -> httpx.AsyncBaseTransport:
        if not self._over_het_net:
            return Binnen(proefomgeving(self._personen))
        grenzen = httpx.Limits(max_connections=TEGELIJK, max_keepalive_connections=TEGELIJK)
        return httpx.AsyncHTTPTransport(verify=_tls(), limits=grenzen, trust_env=False)


@cache
def _tls() -> ssl.SSLContext:
    """Reading the certificates takes longer than a question: once per process."""
    return ssl.create_default_context()
