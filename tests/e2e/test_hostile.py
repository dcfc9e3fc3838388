"""Everything that can be posted or asked, wrong in every way: refused or taken, never a 500, never said back.

The matrix is made from the OpenAPI documents of the running services, so a new endpoint is in it by itself.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from libs.chassis.settings import SERVICES
from tests.e2e.test_first_signal import PERSON, case_of, post
from tests.system import Running, running

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

CANARY = "Kwikstaartje"
AT_ONCE = 6

VALUES: tuple[Any, ...] = (
    None, True, -1, 2**63, 10**39, 1e308, "", f"'{CANARY}; --", CANARY * 900, f"{CANARY}\x00", f"{CANARY}\ud800",
    "2025-02-30", "0000-01-01", "0001-01-01", "9999-12-31", "2025-03-03T10:00:00Z", [CANARY], {}, {CANARY: CANARY},
)  # fmt: skip
"""What is put in each field in turn."""

BODIES = (
    b"", b"null", b"[]", b'"x"', b"1", b"{", b"{}{}", b"\x00" * 64, b"\xff\xfe{\x00}\x00", "{é}".encode("latin-1"),
    b'{"datum": NaN}', b'{"datum": -Infinity}', b'{"datum": 1e999999}', b'{"datum": ' + b"9" * 5_000 + b"}",
    b'{"datum": 1, "datum": 2}', b'{"datum": "\\ud800"}', b'{"datum": "\\u0000"}', b'{"\\u0000": 1}',
    b"[" * 50_000, b'{"a":' * 5_000,
)  # fmt: skip
"""What is sent instead of a body."""

ASKED = ("", " ", "x", CANARY, "-1", "0", "99999999999999999999", "1e5", "\x00", "\u202e", "é" * 300, "' OR 1=1 --",
         "0000-01", "9999-12", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2025-02-30",
         "../../etc/passwd", "00000000-0000-0000-0000-000000000000")  # fmt: skip
"""What is asked in each part of a path and of a query."""

SCOPES = {
    "intake": "partner", "matching": "consulent", "routing": "beleid", "outreach": "consulent",
    "escalation": "consulent", "monitoring": "coordinator",
}  # fmt: skip
BAILIFF = ("deurwaarderoverdrachten", "ontruimingen")


@dataclass
class Attack:
    """A running system with one case, and what its answers were."""

    drempel: Running
    known: dict[str, str]
    seen: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def headers(self, service: str, path: str) -> dict[str, str]:
        """Of somebody who may do this."""
        if SCOPES[service] == "partner":
            return self.drempel.als("partner", partner="woonbron")
        return self.drempel.als(SCOPES[service], "0505")

    async def send(self, what: str, method: str, url: str, headers: dict[str, str], **how: Any) -> httpx.Response:
        """One request; anything but an ordinary answer or a problem is wrong."""
        async with self.gate:
            answer = await self.drempel.http.request(method, url, headers=headers, **how)
        self.seen[answer.status_code] += 1
        if answer.status_code >= 500:
            self.wrong.append(f"{what}: {answer.status_code} {answer.text}")
        if answer.status_code >= 400:
            if answer.headers["content-type"] != "application/problem+json":
                self.wrong.append(f"{what}: {answer.headers['content-type']}")
            if CANARY in answer.text and "beleid:" not in what:  # a policy is public
                self.wrong.append(f"{what}: said back: {answer.text}")
        if answer.headers.get("API-Version") != "1.0.0":
            self.wrong.append(f"{what}: no API-Version")
        return answer

    def path(self, template: str) -> str:
        """A path with the case in it."""
        for name, value in self.known.items():
            template = template.replace(f"{{{name}}}", value)
        return template


@dataclass(frozen=True)
class Operation:
    """One operation of a service, with references resolved."""

    service: str
    path: str
    method: str
    parameters: tuple[dict[str, Any], ...]
    body: dict[str, Any] | None

    @property
    def name(self) -> str:
        """For a message."""
        return f"{self.method.upper()} /{self.service}/v1{self.path}"


def resolved(document: dict[str, Any], node: Any) -> Any:
    """The same without references."""
    if isinstance(node, list):
        return [resolved(document, one) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return resolved(document, found)
    return {key: resolved(document, value) for key, value in node.items()}


async def operations(drempel: Running) -> list[Operation]:
    """Of all services, from their own documents."""
    found = []
    for service in SERVICES:
        document = (await drempel.http.get(f"/{service}/v1/openapi.json")).json()
        for path, item in document["paths"].items():
            for method, operation in item.items():
                parameters = tuple(resolved(document, operation.get("parameters", [])))
                content = resolved(document, operation.get("requestBody", {})).get("content", {})
                body = content.get("application/json", {}).get("schema") if method != "get" else None
                found.append(Operation(service, path, method, parameters, body))
    return found


def example(schema: dict[str, Any], known: dict[str, str], name: str = "") -> Any:
    """Some value that fits a schema."""
    if "default" in schema and schema["default"] is not None:
        return schema["default"]
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return example(choice, known, name)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            return {n: example(s, known, n) for n, s in schema.get("properties", {}).items()}
        case "array":
            return []
        case "boolean":
            return False
        case "integer" | "number":
            return 10
        case _:
            return text(schema, known, name)


def text(schema: dict[str, Any], known: dict[str, str], name: str) -> str:
    """A text that fits its format, as far as the documents say."""
    if schema.get("format") == "date":
        return "2025-03-03"
    if schema.get("format") == "uuid":
        return known.get(name, "00000000-0000-0000-0000-000000000000")
    return {"postcode": "3311AB", "gemeentecode": "0505", "tijdstip": "10:00", "huisletter": "A"}.get(name, "woonbron")


def mutations(body: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """The body with each field wrong in each way, and with a field too many at each level."""
    if not isinstance(body, dict):
        return
    for name, kept in body.items():
        for value in VALUES:
            yield ".".join((*path, name)), body | {name: value}
        yield ".".join((*path, name)), {n: v for n, v in body.items() if n != name}
        for where, inner in mutations(kept, (*path, name)):
            yield where, body | {name: inner}
    yield ".".join((*path, "onbekend")), body | {"onbekend": CANARY}


@pytest.fixture
async def attack(postgres: Path, tmp_path: Path) -> AsyncIterator[Attack]:
    """All services, with one household that is followed."""
    personen = tmp_path / "personen.json"
    personen.write_text(json.dumps([PERSON]))
    async with running(postgres, brp_personen=personen) as drempel:
        signaal_id = await post(drempel)
        matching = await case_of(drempel, signaal_id)
        announced = await drempel.http.post(
            "/escalation/v1/ontruimingen",
            json={"signaalId": signaal_id, "aanzegdatum": "2025-03-03", "ontruimingsdatum": "2025-03-30"},
            headers=drempel.als("consulent", "0505"),
        )
        known = {"signaalId": signaal_id, "zaakId": matching["zaakId"], "meldingId": matching["meldingId"],
                 "id": announced.json()["id"], "gemeentecode": "0505", "versie": "1",
                 "leveringId": str(uuid4())}  # fmt: skip
        yield Attack(drempel, known)


async def test_every_field_of_every_write_wrong_in_every_way(attack: Attack) -> None:
    work = []
    for one in await operations(attack.drempel):
        if one.method == "get":
            continue
        url, headers = f"/{one.service}/v1{attack.path(one.path)}", attack.headers(one.service, one.path)
        as_json = headers | {"Content-Type": "application/json"}
        for raw in BODIES:
            work.append(attack.send(f"{one.name} {raw[:40]!r}", one.method, url, as_json, content=raw))
        for kind in ("text/plain", "", "application/json; charset=utf-16", "multipart/form-data; boundary=x", "é"):
            typed = {**headers, "Content-Type": kind.encode("latin-1")}
            work.append(attack.send(f"{one.name} as {kind}", one.method, url, typed, content=b"{}"))  # type: ignore[arg-type]
        for where, body in mutations(example(one.body or {}, attack.known)):
            content = json.dumps(body).encode()
            work.append(
                attack.send(f"{one.name} {where}: {content[:300]!r}", one.method, url, as_json, content=content)
            )
    await asyncio.gather(*work)
    assert not attack.wrong, "\n".join(attack.wrong[:40])
    assert attack.seen[400] > len(work) / 2, attack.seen
    assert attack.seen[415] > 0
    await attack.drempel.rest()


async def test_every_part_of_a_path_and_of_a_query_wrong_in_every_way(attack: Attack) -> None:
    work = []
    for one in await operations(attack.drempel):
        headers = attack.headers(one.service, one.path)
        base = f"/{one.service}/v1"
        for parameter in one.parameters:
            name, place = parameter["name"], parameter["in"]
            for value in ASKED:
                part, path = quote(value, safe=""), one.path
                if place == "path":
                    path = path.replace(f"{{{name}}}", part)
                url = base + attack.path(path) + (f"?{quote(name)}={part}" if place == "query" else "")
                sent = headers | ({name: ascii(value)[:300]} if place == "header" else {})
                how = {"json": example(one.body, attack.known)} if one.body else {}
                work.append(attack.send(f"{one.name} {name}={value[:40]!r}", one.method, url, sent, **how))
    await asyncio.gather(*work)
    assert not attack.wrong, "\n".join(attack.wrong[:40])
    assert attack.seen[400] > len(work) / 3, attack.seen
    await attack.drempel.rest()


async def test_nothing_answers_without_a_token_of_the_right_kind(attack: Attack) -> None:
    for one in await operations(attack.drempel):
        url = f"/{one.service}/v1{attack.path(one.path)}"
        how = {"json": example(one.body, attack.known)} if one.body else {}
        for token in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp4"}, {"Authorization": "Bearer"}):
            answer = await attack.send(one.name, one.method, url, token, **how)
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), one.name
        unfit = attack.drempel.als("integrator" if one.service != "monitoring" else "deurwaarder", "0505")
        answer = await attack.send(one.name, one.method, url, unfit, **how)
        assert answer.status_code == 403, (one.name, answer.text)
    assert not attack.wrong, attack.wrong
