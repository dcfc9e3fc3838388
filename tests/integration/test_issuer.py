"""Tokens: the local issuer on loopback only, an external one by its published keys."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.responses import JSONResponse, Response
from typer.testing import CliRunner

from drempel.cli import app
from libs.chassis.auth import AUDIENCE, LEEWAY_SECONDS, LocalIssuer, Rol, TokenVerifier, Unauthenticated
from libs.chassis.jwks import NoKeys, RemoteKeys
from tests.e2e.test_operations import served
from tests.system import At, fresh_database, running

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = RSAKey.generate_key(2048, {"kid": "extern"})
ISSUER = "https://issuer.example.org"
AWAY = "http://127.0.0.1:9/jwks"


@asynccontextmanager
async def published(key: RSAKey) -> AsyncIterator[str]:
    """A JWKS address on loopback."""
    async with served(JSONResponse(KeySet([key]).as_dict(private=False))) as url:
        yield url


def signed(key: RSAKey, **changes: object) -> str:
    """A token of the external issuer for a caseworker in Dordrecht."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "client", "jti": "1",
              "exp": int(datetime.now(UTC).timestamp()) + 300,
              "scope": "monitoring:lezen", "gemeenten": ["0505"], "rol": "consulent", **changes}  # fmt: skip
    return jwt.encode({"alg": "PS256", "kid": "extern"}, claims, key, algorithms=["PS256"])


async def test_an_external_issuer_is_believed_and_the_local_one_is_not(postgres: Path) -> None:
    async with (
        published(KEY) as url,
        running(postgres, issuer=ISSUER, jwks_url=url) as drempel,
    ):
        asked = "/monitoring/v1/openapi.json"
        assert (await drempel.http.get(asked)).status_code == 200
        verifier = drempel.system.verifier
        assert verifier.caller(signed(KEY)).gemeenten == ("0505",)
        with pytest.raises(Unauthenticated):
            verifier.caller(drempel.token("beheer"))
        with pytest.raises(Unauthenticated):
            verifier.caller(signed(RSAKey.generate_key(2048, {"kid": "extern"})))
        with pytest.raises(Unauthenticated):
            verifier.caller(signed(KEY, iss="https://other.example.org"))


async def test_the_local_issuer_works_on_loopback_only(postgres: Path) -> None:
    with pytest.raises(ValueError, match="loopback"):
        async with running(postgres, host="0.0.0.0"):
            pass


async def test_an_issuer_without_keys_does_not_start(postgres: Path) -> None:
    with pytest.raises(ValueError, match="JWKS"):
        async with running(postgres, issuer=ISSUER):
            pass
    with pytest.raises(NoKeys):
        async with running(postgres, issuer=ISSUER, jwks_url=AWAY):
            pass


async def test_commands_about_parked_events_need_no_issuer(postgres: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with fresh_database(postgres) as url:
        conn = await asyncpg.connect(url)
        await conn.execute(
            """INSERT INTO monitoring.parked (consumer, source, position, partition, subject, type, envelope, reason)
               VALUES ('monitoring.timeline', 'intake', 1, 0, 'x', 'SignalReceived', '', 'Unreadable')"""
        )
        await conn.close()
        for name, value in {"DATA": str(postgres), "DATABASE_URL": url, "ISSUER": ISSUER, "JWKS_URL": AWAY}.items():
            monkeypatch.setenv(f"DREMPEL_{name}", value)
        tried = await asyncio.to_thread(CliRunner().invoke, app, ["parked", "retry", "monitoring.timeline"])
        assert tried.exit_code == 1 and "1 wachten nog" in tried.output, tried
        left = ["parked", "skip", "monitoring.timeline", "intake", "1", "--reden", "onleesbaar"]
        assert (await asyncio.to_thread(CliRunner().invoke, app, left)).exit_code == 0


@pytest.mark.parametrize("answer", [b"geen JSON", b"{}", b"[]", b'{"keys": [{}]}'])
async def test_an_issuer_that_answers_nonsense_gives_no_keys(answer: bytes) -> None:
    async with served(Response(answer)) as url:
        with pytest.raises(NoKeys):
            await RemoteKeys(url).fetch()


@pytest.mark.parametrize("later", [timedelta(hours=6, seconds=LEEWAY_SECONDS + 1), timedelta(days=400)])
def test_a_token_ends(tmp_path: Path, later: timedelta) -> None:
    issuer = LocalIssuer.at(tmp_path / "issuer.pem")
    token = issuer.token(Rol.CONSULENT, At(NOW), gemeenten=("0505",))
    verifier = TokenVerifier("urn:drempel:lokaal", lambda: issuer.key, At(NOW + later))
    with pytest.raises(Unauthenticated):
        verifier.caller(token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
def test_what_is_no_token_is_refused(tmp_path: Path, token: str) -> None:
    issuer = LocalIssuer.at(tmp_path / "issuer.pem")
    with pytest.raises(Unauthenticated):
        TokenVerifier("urn:drempel:lokaal", lambda: issuer.key, At(NOW)).caller(token)
