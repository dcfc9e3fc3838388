"""Whom we ask: the BRP and the issuer of tokens. They are knocked at; nobody's data are asked for."""

import httpx

from drempel.cli.doctor.finding import Here, Wrong

SECONDS = 10.0


async def brp(here: Here) -> str:
    """It answers, and lets us in."""
    url, key = here.settings.brp_url, here.settings.brp_api_key
    if url is None:
        return "the built-in trial environment: DREMPEL_BRP_URL is not set"
    headers = {"x-api-key": key.get_secret_value()} if key else {}
    status = await _status(f"{url.rstrip('/')}/personen", "signals wait for it, and none is lost", headers)
    if status in (401, 403):
        raise Wrong(f"does not let us in (status {status})", "is DREMPEL_BRP_API_KEY right?")
    if status >= 500:
        raise Wrong(f"is not well (status {status})", "ask who runs it; signals wait for it, and none is lost")
    return f"answers at {httpx.URL(url).host}"


async def issuer(here: Here) -> str:
    """Its keys can be fetched."""
    if here.settings.jwks_url is None:
        return "the local one: DREMPEL_ISSUER is not set"
    status = await _status(here.settings.jwks_url, "no new token is accepted without its keys", {})
    if status != 200:
        raise Wrong(f"gives no keys (status {status})", "is DREMPEL_JWKS_URL right?")
    return f"answers at {httpx.URL(here.settings.jwks_url).host}"


async def _status(url: str, meanwhile: str, headers: dict[str, str]) -> int:
    try:
        async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as http:
            return (await http.get(url, headers=headers)).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Wrong(
            f"can't be reached ({type(error).__name__})", f"is its address right, and the network? {meanwhile}"
        ) from None
