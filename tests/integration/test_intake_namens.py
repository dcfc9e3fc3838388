"""Signals typed in by a caseworker: for whom, by whom they are read back, and what stays the partner's own."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt

from libs.chassis.auth import Rol
from libs.events.catalogue import SignalReceived, SignalWithdrawn
from tests.intake import JSON, intake, post, signaal
from tests.system import Running

pytestmark = pytest.mark.postgres

LANDLORD = {"namens": "J. de Verhuurder", "signaalpartner": "Huur", "kenmerk": "X"}


@pytest.fixture
async def drempel(postgres: Path) -> AsyncIterator[Running]:
    """Intake alone."""
    async with intake(postgres) as found:
        yield found


def consulent(drempel: Running, *gemeenten: str, desk: bool = False) -> dict[str, str]:
    """A caseworker, at the regional desk or not: an issuer of one's own decides that."""
    issuer, codes = drempel.system.issuer, gemeenten
    token = issuer.token(Rol.CONSULENT, drempel.clock, gemeenten=codes)
    if not desk:
        claims = jwt.decode(token, issuer.key, algorithms=["PS256"]).claims | {"gemeenten": list(codes)}
        token = jwt.encode({"alg": "PS256", "kid": "lokaal"}, claims, issuer.key, algorithms=["PS256"])
    return {"Authorization": f"Bearer {token}"}


async def typed(drempel: Running, headers: dict[str, str], **changes: Any) -> Any:
    content = json.dumps(signaal(**changes)).encode()
    return await drempel.http.post("/intake/v1/signalen", content=content, headers=headers | {"Content-Type": JSON})


async def test_who_typed_it_in_reads_what_location_leads_to(drempel: Running) -> None:
    here, elsewhere = consulent(drempel, "0505"), consulent(drempel, "0523")
    answer = await typed(drempel, here, **LANDLORD)
    assert answer.status_code == 201, answer.text
    place = answer.headers["Location"]
    for path in (place, f"{place}/terugkoppeling"):
        found = await drempel.http.get(path, headers=here)
        assert (found.status_code, found.json()["status"], found.json()["kenmerk"]) == (200, "Ontvangen", "X")
        assert (await drempel.http.get(path, headers=elsewhere)).status_code == 404
        assert (await drempel.http.get(path, headers=drempel.als("partner", partner="woonbron"))).status_code == 404
    async with drempel.admin() as conn:
        assert await conn.fetchval("SELECT count(*) FROM intake.logboek WHERE door = 'consulent'") == 2
    assert (await typed(drempel, here, **LANDLORD)).status_code == 200
    refused = await typed(drempel, elsewhere, **LANDLORD)
    assert (refused.status_code, refused.json()["code"]) == (409, "doorPartnerAangeleverd")
    taken = {"reden": "Betaald", "datum": "2025-03-19", "namens": "j. de verhuurder"}
    for headers, status in ((elsewhere, 409), (here, 201)):
        assert (await drempel.http.post(f"{place}/intrekkingen", json=taken, headers=headers)).status_code == status


async def test_for_a_connected_partner_only_the_regional_desk_helps_out(drempel: Running) -> None:
    for named in ("woonbron", "Stichting Woonbron"):
        answer = await typed(drempel, consulent(drempel, "0505"), namens=named)
        assert (answer.status_code, answer.json()["invalidParams"][0]["name"]) == (403, "namens")
    assert await drempel.said("intake", SignalReceived) == []
    desk = consulent(drempel, "0505", desk=True)
    answer = await typed(drempel, desk, namens="woonbron")
    assert answer.status_code == 201
    assert (await drempel.http.get(answer.headers["Location"], headers=desk)).status_code == 200


async def test_what_a_partner_sent_itself_is_neither_corrected_nor_taken_back_by_others(drempel: Running) -> None:
    sent = (await post(drempel, signaal())).json()["signaalId"]
    desk = consulent(drempel, "0505", desk=True)
    for body in (signaal(), signaal(bedrag=1)):
        answer = await typed(drempel, desk, **body, namens="woonbron")
        assert (answer.status_code, answer.json()["code"]) == (409, "doorPartnerAangeleverd")
    taken = {"reden": "Betaald", "datum": "2025-03-19", "namens": "woonbron"}
    path = f"/intake/v1/signalen/{sent}"
    assert (await drempel.http.post(f"{path}/intrekkingen", json=taken, headers=desk)).status_code == 409
    assert (await drempel.http.get(path, headers=desk)).status_code == 404
    assert len(await drempel.said("intake", SignalReceived)) == 1
    assert await drempel.said("intake", SignalWithdrawn) == []


async def test_a_partner_of_the_list_that_is_not_connected_is_typed_in_by_everybody(
    postgres: Path, tmp_path: Path
) -> None:
    partners = [{"key": "klein", "naam": "Kleine Verhuurder", "type": "Huur", "kvkNummer": "12345678",
                 "aangesloten": False}]  # fmt: skip
    (tmp_path / "partners.json").write_text(json.dumps(partners))
    async with intake(postgres, partners=tmp_path / "partners.json") as drempel:
        assert (await typed(drempel, consulent(drempel, "0505"), namens="klein")).status_code == 201
        (received,) = await drempel.said("intake", SignalReceived)
        assert (received.partner, received.namens, received.partner_naam) == ("klein", True, None)
