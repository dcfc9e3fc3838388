"""What the chassis reads from a request before a service sees it: the kind of body, and whom a token stands for."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import RSAKey
from typer.testing import CliRunner

from drempel.cli import app
from libs.chassis import logging, problems
from libs.chassis.auth import AUDIENCE, LOCAL_ISSUER, TokenVerifier, Unauthenticated
from libs.chassis.http import UnknownContent, content_type
from tests.system import At

NOON = datetime(2025, 3, 20, 12, tzinfo=UTC)
KEY = RSAKey.generate_key(2048)


def request(kind: str) -> Request:
    """A request with this Content-Type."""
    return Request({"type": "http", "headers": [(b"content-type", kind.encode())]})


def test_only_the_charset_of_a_content_type_is_judged() -> None:
    for kind in ("text/csv", 'Text/CSV; header=present; charset="UTF-8"', "text/csv;charset=windows-1252"):
        assert content_type(request(kind)) == "text/csv"
    assert content_type(request("application/json; version=1")) == "application/json"
    assert content_type(request("")) == ""
    for kind in ("application/json; charset=windows-1252", "text/csv; charset=utf-16", "text/csv; x=1; charset="):
        with pytest.raises(UnknownContent):
            content_type(request(kind))


def caller(**changes: Any) -> Any:
    """The caller of a token with these claims."""
    now = int(NOON.timestamp())
    claims = {"iss": LOCAL_ISSUER, "aud": AUDIENCE, "sub": "x", "iat": now, "exp": now + 60, "jti": "a",
              "scope": "monitoring:lezen", "gemeenten": ["0505", "regio"]} | changes  # fmt: skip
    token = jwt.encode({"alg": "PS256"}, claims, KEY, algorithms=["PS256"])
    return TokenVerifier(LOCAL_ISSUER, lambda: KEY, At(NOON)).caller(token)


def test_a_token_stands_for_what_it_names() -> None:
    assert (caller().gemeenten, caller().partner) == (("0505", "regio"), None)
    assert caller(gemeenten=[], partner="woonbron").partner == "woonbron"


@pytest.mark.parametrize("changes", [
    {"aud": "ander"}, {"aud": None}, {"iss": "urn:ander"}, {"exp": None}, {"jti": None},
    {"exp": int((NOON - timedelta(hours=1)).timestamp())}, {"nbf": int((NOON + timedelta(hours=1)).timestamp())},
    {"gemeenten": "0505"}, {"gemeenten": ["0505,0642"]}, {"gemeenten": [505]}, {"gemeenten": 5},
    {"partner": 5}, {"partner": "woonbron,trivire"}, {"partner": ""},
], ids=str)  # fmt: skip
def test_a_token_that_could_be_read_as_more_is_no_token(changes: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        caller(**changes)


def test_a_token_of_the_command_line_stands_for_municipalities_or_for_a_partner(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREMPEL_DATA", str(tmp_path))

    def made(*arguments: str) -> dict[str, Any]:
        answer = CliRunner().invoke(app, ["token", *arguments])
        assert answer.exit_code == 0, answer.output
        key = RSAKey.import_key((tmp_path / "issuer.pem").read_bytes())
        return dict(jwt.decode(answer.stdout.strip(), key, algorithms=["PS256"]).claims)

    assert made("--rol", "deurwaarder", "--gemeente", "0505")["gemeenten"] == ["0505"]
    assert "0505" in made("--rol", "deurwaarder")["gemeenten"]
    assert made("--rol", "deurwaarder", "--partner", "woonbron")["gemeenten"] == []
    assert made("--rol", "partner", "--partner", "woonbron")["gemeenten"] == []


def test_load_tells_a_partner_it_does_not_know(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DREMPEL_DATA", str(tmp_path))
    (tmp_path / "woonbron.csv").write_text("kenmerk\n")
    answer = CliRunner().invoke(app, ["load", str(tmp_path / "woonbron.csv"), "--partner", "nietbekend"])
    assert answer.exit_code == 2


async def test_a_bug_says_nothing_but_where_to_look() -> None:
    async def broken() -> None:
        raise RuntimeError("Kwikstaartje")

    app, lines = FastAPI(), io.StringIO()
    logging.set_up(stream=lines)
    problems.install(app)
    app.add_api_route("/", broken)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://drempel") as http:
        answer = await http.get("/")
    line = json.loads(lines.getvalue())
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert int(line["trace_id"], 16) > 0
    assert line["trace_id"] in answer.json()["detail"]
    assert "Kwikstaartje" not in answer.text + lines.getvalue()
