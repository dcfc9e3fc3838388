"""docs/operations.md, done: its commands are run beside a real `drempel up`, and say what the page says they say."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.signals import PARTNER, persons, settings, signal
from drempel.cli.place import DATABASE
from libs.chassis.embedded import serving
from libs.chassis.run import port_of, server_for
from libs.chassis.settings import Settings
from libs.events.catalogue import BRPMatched
from libs.events.envelope import decode
from services.matching.proefomgeving import proefomgeving
from tests.installation import Installation, installed

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
CONSUMER = "matching.koppelen"
IDENTITY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{5,15}(\+00:00)?")

pytestmark = pytest.mark.postgres


class Brp:
    """A BRP that answers nonsense about some house numbers, or about all; mended by clearing the list."""

    def __init__(self, personen: Path) -> None:
        self._app = proefomgeving(personen)
        self.nonsense: set[int] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One question."""
        message = await receive()
        number = json.loads(message.get("body") or b"{}").get("huisnummer")
        if self.nonsense is None or number in self.nonsense:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b'{"type": "iets anders"}'})
            return

        async def again() -> Any:
            return message

        await self._app(scope, again, send)


class Collector:
    """What an OpenTelemetry collector would have heard of metrics."""

    def __init__(self) -> None:
        self.heard: set[tuple[str, str, float]] = set()

    async def hears(self, *point: Any) -> None:
        """Wait until it heard this."""
        async with asyncio.timeout(30):
            while point not in self.heard:
                await asyncio.sleep(0.1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One export."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        if scope["path"] == "/v1/metrics":
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for metric in (m for scoped in resource.scope_metrics for m in scoped.metrics):
                    for point in (metric.gauge if metric.HasField("gauge") else metric.sum).data_points:
                        value = point.as_double if point.HasField("as_double") else point.as_int
                        self.heard.add((metric.name, point.attributes[0].value.string_value, value))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """Its address on loopback."""
    server = server_for(app, Settings(port=0))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port_of(server)}"
    finally:
        server.should_exit = True
        await task


def shown() -> list[tuple[str, str]]:
    """The commands of the page with what it shows of them, in order."""
    blocks = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE) if part.strip()]
    return [(line, rest) for line, _, rest in (part.partition("\n") for part in parts)]


def plain(text: str) -> str:
    """The same whatever the ids and the times; and, of what the doctor says, whatever the figures."""
    text = MOMENT.sub("<moment>", IDENTITY.sub("<id>", text))
    if text.startswith("goed "):
        text = re.sub(r"[0-9][0-9.]*", "N", text)
    return "\n".join(re.sub(r"[\s─┃│━┏┓┗┛┡┩┠┨├┤┬┴┼╇└┘┳]+", " ", line).strip() for line in text.splitlines()).strip()


async def parked(drempel: Installation, count: int) -> None:
    """Wait until so many are parked and the rest is done."""
    async with asyncio.timeout(60):
        while True:
            consumers = (await drempel.http.get("/health/ready")).json()["consumers"]
            if not any(one["lag"] for one in consumers.values()) and consumers[CONSUMER]["geparkeerd"] == count:
                return
            await asyncio.sleep(0.1)


async def twice(drempel: Installation, number: int, **wrong: Any) -> str:
    """A signal, and its correction with another amount; gives its id."""
    headers, body = drempel.als("partner", partner=PARTNER), signal(number)
    first = body | {"client": body["client"] | wrong}
    answers = [
        await drempel.http.post("/intake/v1/signalen", json=sent, headers=headers)
        for sent in (first, body | {"bedrag": 999.99})
    ]
    assert [a.status_code for a in answers] == [201, 200], [a.text for a in answers]
    found: str = answers[0].json()["signaalId"]
    return found


async def answered(drempel: Installation, signaal_id: str) -> list[int]:
    """Positions in the log of intake of what matching linked of this signal, in the order of the log of matching."""
    async with serving(drempel.folder) as postgres:
        conn = await asyncpg.connect(postgres.dsn(user="drempel", database=DATABASE))
        try:
            said = [decode(row[0]) for row in await conn.fetch("SELECT envelope FROM matching.log ORDER BY position")]
            heard = dict(await conn.fetch("SELECT id, position FROM intake.log"))
        finally:
            await conn.close()
    linked = [e for e in said if isinstance(e.data, BRPMatched) and str(e.data.signaal_id) == signaal_id]
    return [heard[event.causationid] for event in linked]


async def matched(drempel: Installation, signaal_id: str) -> dict[str, Any]:
    """What matching says of a signal."""
    me = drempel.als("consulent", "0505")
    answer = (await drempel.http.get(f"/matching/v1/signalen/{signaal_id}", headers=me)).json()
    assert answer["status"] == "Gekoppeld", answer
    return answer


async def test_the_page_leads_from_an_alarm_to_a_replayed_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setenv("SUDO_USER", "beheerder")
    brp, collector, said = Brp(persons(tmp_path, 10)), Collector(), []
    async with served(brp) as brp_url, served(collector) as collected:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collected)
        monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "500")
        async with installed(tmp_path / "data", settings(tmp_path, 10) | {"BRP_URL": brp_url}) as drempel:

            async def run(command: str) -> str:
                words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)]
                assert words.pop(0) == "drempel"
                _, out, err = await drempel.run(*words)
                assert "Traceback" not in err, err
                said.append(f"$ {command}\n{out}")
                return out

            first = await twice(drempel, 0)
            await parked(drempel, 2)
            log = (tmp_path / "data.log").read_text()
            assert log.count('"event_parked"') == 1, "one alarm, not one for each event that waits behind it"
            for command, page in shown():
                if command.startswith("drempel parked retry"):
                    brp.nonsense = {999}
                    await collector.hears("drempel.consumer.parked", CONSUMER, 2)
                if command.startswith("drempel parked skip"):
                    second = await twice(drempel, 1, huisnummer=999)
                    await parked(drempel, 2)
                assert plain(await run(command)) == plain(page), "\n".join(said)
            await drempel.rest()
            for one in (first, second):
                assert (await matched(drempel, one))["zaakId"]
            assert await answered(drempel, first) == [1, 2], "the signal, and then its correction"
            assert await answered(drempel, second) == [4], "the correction of what was left out"
            assert (await drempel.json("verify"))["ok"]
        names = {name for name, _, _ in collector.heard}
        assert names == {"drempel.consumer.lag", "drempel.consumer.lag.seconds", "drempel.consumer.parked",
                         "drempel.consumer.events", "drempel.events.said"}  # fmt: skip
        for name in names:
            assert f"`{name}`" in PAGE
