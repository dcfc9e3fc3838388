"""What partners send, for the tests of intake."""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from libs.chassis.migrate import migrate
from libs.chassis.settings import SERVICES
from services.intake.aanlevering import CLIENT, SIGNAAL, SOCIALE_INCASSO
from tests.system import At, Running, fresh_database, running

CSV, NDJSON, JSON = "text/csv", "application/x-ndjson", "application/json"
MAART = At(datetime(2025, 3, 20, 10, tzinfo=UTC))


@asynccontextmanager
async def intake(folder: Path, clock: At = MAART, **settings: Any) -> AsyncIterator[Running]:
    """Intake alone, beside logs in which the tests say what the other services say."""
    async with fresh_database(folder) as url:
        await migrate(url, ["keyring", *SERVICES])
        async with running(folder, services=("intake",), clock=clock, admin_url=url, **settings) as drempel:
            yield drempel


def signaal(client: dict[str, Any] | None = None, incasso: dict[str, Any] | None = None, **changes: Any) -> Any:
    """A signal of a landlord in which nothing is wrong, with these changes."""
    return {
        "kenmerk": "HUUR-2025-0001", "soort": "Vroegsignaal", "bedrag": 812.4, "ontstaansdatum": "2025-01-01",
        "signaaldatum": "2025-03-03", "crisissignaal": False, "warmeOverdracht": False,
        "client": {"voorletters": "A.B.", "voorvoegsel": "van", "achternaam": "Dijk", "geboortedatum": "1985-06-15",
                   "postcode": "3311AB", "huisnummer": 10, "huisletter": None, "huisnummertoevoeging": "A",
                   "telefoonnummer": "0612345678", "email": "a@voorbeeld.nl"} | (client or {}),
        "socialeIncasso": {"persoonlijkContact": "2025-01-20", "gewezenOpHulp": "2025-01-20",
                           "schriftelijkeHerinnering": "2025-02-03", "aanbodGegevensdeling": "2025-02-03",
                           "huurderWeigerde": False} | (incasso or {}),
    } | changes  # fmt: skip


def ndjson(rijen: Sequence[Any]) -> bytes:
    """A line each."""
    return "".join(json.dumps(rij) + "\n" for rij in rijen).encode()


def csv_van(rijen: Sequence[Any], separator: str = ";", encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    """As a landlord writes it: decimal comma, false in words."""
    columns = [*SIGNAAL, *(f"client.{n}" for n in CLIENT),
               *(f"socialeIncasso.{n}" for n in (*SOCIALE_INCASSO, "huurderWeigerde"))]  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end)
    writer.writerow(columns)
    for rij in rijen:
        flat = rij | {f"{outer}.{k}": v for outer in ("client", "socialeIncasso") for k, v in rij[outer].items()}
        writer.writerow([_cell(flat.get(column)) for column in columns])
    return text.getvalue().encode(encoding)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)


async def lever(drempel: Running, partner: str, soort: str, body: bytes) -> dict[str, Any]:
    """Send a delivery and read what its Location says."""
    headers = drempel.als("partner", partner=partner)
    answer = await drempel.http.post("/intake/v1/leveringen", content=body, headers=headers | {"Content-Type": soort})
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = (await drempel.http.get(answer.headers["Location"], headers=headers)).json()
    return found


async def regels(drempel: Running, partner: str, levering_id: str, oordeel: str = "") -> list[dict[str, Any]]:
    """The verdicts of a delivery, all pages."""
    following = f"/intake/v1/leveringen/{levering_id}/regels?paginaGrootte=500"
    following += f"&oordeel={oordeel}" if oordeel else ""
    rows: list[dict[str, Any]] = []
    while following:
        answer = await drempel.http.get(following, headers=drempel.als("partner", partner=partner))
        assert answer.status_code == 200, answer.text
        rows += answer.json()["regels"]
        following = answer.json()["_links"].get("next", {}).get("href", "")
    return rows


async def post(drempel: Running, body: Any, partner: str = "woonbron", **headers: str) -> Any:
    """Post one signal as a partner."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await drempel.http.post(
        "/intake/v1/signalen",
        content=content,
        headers=drempel.als("partner", partner=partner) | {"Content-Type": JSON} | headers,
    )
