"""Matching and a BRP on the network: away, wrong, crowded, and over real TCP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest
from pydantic_core import to_json

from libs.chassis.settings import Settings
from libs.events.catalogue import BRPMatched
from services.matching import gateway
from services.matching.gateway import BrpToegang
from services.matching.proefomgeving import Personen, Proefomgeving
from services.matching.zoeken import Onderzoek
from tests.keten import op_het_net
from tests.matching import DEVRIES, JANSSEN, Matching, client, matching, persoon, schrijf

pytestmark = pytest.mark.postgres
MENSEN = [persoon(JANSSEN, "Janssen")]


@dataclass
class Kwaal:
    """A BRP that can be told to misbehave."""

    app: Proefomgeving
    status: int | None = None
    antwoord: bytes = b"{}"
    alleen: bytes = b""
    traag: float = 0.0
    koppen: list[tuple[bytes, bytes]] = field(default_factory=list)
    sleutels: list[str] = field(default_factory=list)
    momenten: list[float] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as told (about everybody, or about one postcode), else as the trial environment does."""
        self.sleutels.append(dict(scope["headers"]).get(b"x-api-key", b"").decode())
        self.momenten.append(monotonic())
        bericht = await receive()
        await asyncio.sleep(self.traag)

        async def opnieuw() -> Any:
            return bericht

        if self.status is None or self.alleen not in bericht["body"]:
            return await self.app(scope, opnieuw, send)
        await send({"type": "http.response.start", "status": self.status, "headers": self.koppen})
        await send({"type": "http.response.body", "body": self.antwoord})
        return None


@asynccontextmanager
async def ziek(postgres: Path, tmp_path: Path) -> AsyncIterator[tuple[Matching, Kwaal]]:
    """Matching that asks a BRP over TCP."""
    kwaal = Kwaal(Proefomgeving(Personen(schrijf(tmp_path, MENSEN))))
    async with op_het_net(kwaal) as url, matching(postgres, tmp_path, [], brp_url=url, brp_api_key="geheim") as m:
        yield m, kwaal


async def test_the_chain_over_tcp_and_while_the_brp_is_away(postgres: Path, tmp_path: Path) -> None:
    async with ziek(postgres, tmp_path) as (m, kwaal):
        assert (await m.stand(await m.signaal()))["status"] == "Gekoppeld"
        assert set(kwaal.sleutels) == {"geheim"}
        for status in (503, 429):
            kwaal.status = status
            signalen = [await m.signaal(periode="2026-02", kenmerk=f"K{status}{n}") for n in range(3)]
            await _tot(lambda s=signalen[-1]: _regel(m, s), bool)
            await _tot(_niets, lambda _: any(p.waiting_for for p in m.drempel.system.processors))
            wacht = await m.drempel.http.get(
                f"/matching/v1/signalen/{signalen[0]}", headers=m.drempel.als("coordinator", "0505")
            )
            assert wacht.json()["status"] == "In behandeling"
            kwaal.status = None
            standen = [await m.stand(signaal) for signaal in signalen]
            assert {stand["status"] for stand in standen} == {"Gekoppeld"}, "nothing lost, nothing parked"


async def _regel(m: Matching, signaal: Any) -> bool:
    async with m.drempel.admin() as conn:
        return bool(await conn.fetchval("SELECT count(*) FROM matching.signaal WHERE signaal_id = $1", signaal))


GEK = [
    (200, b"geen json", "no JSON"),
    (200, b'{"type": "X", "personen": []}', "another question"),
    (200, b'{"type": "ZoekMetPostcodeEnHuisnummer", "personen": [{"naam": 3}]}', "can't be read"),
    (400, to_json({"invalidParams": [{"name": "postcode"}, {"name": JANSSEN}]}), "refused our question: postcode"),
    (418, b"{}", "status 418"),
]


async def test_a_wrong_answer_parks_its_signal_with_the_reason(postgres: Path, tmp_path: Path) -> None:
    async with ziek(postgres, tmp_path) as (m, kwaal):
        for aantal, (kwaal.status, kwaal.antwoord, reden) in enumerate(GEK, 1):
            await m.signaal()
            geparkeerd = await _tot(lambda: _geparkeerd(m), lambda rijen, n=aantal: len(rijen) == n)
            assert reden in geparkeerd[-1] and JANSSEN not in geparkeerd[-1]
        kwaal.status = None
        ander = await m.signaal(periode="2026-02")
        log = await _tot(lambda: m.drempel.log("matching"), bool)
        gekoppeld = [event.data.signaal_id for event in log if event.type == "BRPMatched"]
        assert gekoppeld == [ander], "the others flow on"


async def test_one_bad_answer_in_a_batch_parks_one_signal(postgres: Path, tmp_path: Path) -> None:
    """Twenty signals in one batch, and a BRP that can't answer about the address of one of them."""
    async with ziek(postgres, tmp_path) as (m, kwaal):
        kwaal.status, kwaal.antwoord, kwaal.alleen = 200, b"geen json", b"3311ZZ"
        events = []
        for nummer in range(20):
            wie = client(postcode="3311ZZ") if nummer == 7 else client()
            signaal, event = await m.event(wie, "2026-01", f"K{nummer}")
            events.append((event, signaal, None))
        await m.drempel.emit_as("intake", events, tenant="woonbron")
        (reden,) = await _tot(lambda: _geparkeerd(m), bool)
        assert "no JSON" in reden
        gekoppeld = await _tot(lambda: m.drempel.said("matching", BRPMatched), lambda al: len(al) == 19)
        assert [e.signaal_id for e in gekoppeld] == [s for _, s, _ in events if s != events[7][1]], "in their order"


async def test_a_slow_brp_is_waited_for_and_a_pause_it_asks_for_is_kept(
    postgres: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "TIJD", httpx.Timeout(0.2))
    async with ziek(postgres, tmp_path) as (m, kwaal):
        kwaal.traag = 0.5
        traag = await m.signaal()
        await _tot(_niets, lambda _: any(p.waiting_for == "BrpWeg" for p in m.drempel.system.processors))
        kwaal.traag = 0.0
        assert (await m.stand(traag))["status"] == "Gekoppeld"
        kwaal.status, kwaal.koppen = 429, [(b"retry-after", b"2")]
        kwaal.momenten.clear()
        druk = await m.signaal(periode="2026-02")
        await _tot(_niets, lambda _: len(kwaal.momenten) >= 3)
        kwaal.status = None
        assert (await m.stand(druk))["status"] == "Gekoppeld"
        assert kwaal.momenten[2] - kwaal.momenten[1] >= 2, (
            "the batch, then one by one: after that not before two seconds"
        )


async def test_more_people_than_the_brp_names_over_the_network(tmp_path: Path) -> None:
    flat = [persoon(f"{200000000 + n}", "Bewoner", adres=("3311FL", 1, "", str(n))) for n in range(12)]
    bestand = schrijf(tmp_path, [*flat, persoon(DEVRIES, "Vries", "1985-04-03", adres=("3311FL", 1, "", "99"))])
    async with op_het_net(Proefomgeving(Personen(bestand))) as url, BrpToegang(Settings(brp_url=url)).open() as brp:
        assert await brp.zoek("ZoekMetPostcodeEnHuisnummer", postcode="3311FL", huisnummer=1) is None
        wie = client(achternaam="Vries", geboortedatum=date(1985, 4, 3), postcode="3311FL", huisnummer=1)
        bevinding = await Onderzoek(brp, wie, date(2026, 1, 3), frozenset({"0505"})).bevinding()
    assert bevinding.wie is not None and bevinding.wie.burgerservicenummer == DEVRIES


async def _niets() -> None:
    """Only time passes."""


async def _geparkeerd(m: Matching) -> list[str]:
    async with m.drempel.admin() as conn:
        rijen = await conn.fetch("SELECT reason FROM matching.parked ORDER BY position")
    return [rij["reason"] for rij in rijen]


async def _tot(kijk: Any, klaar: Any) -> Any:
    """What `kijk` gives once `klaar` says so; fails after ten seconds."""
    for _ in range(500):
        if klaar(gezien := await kijk()):
            return gezien
        await asyncio.sleep(0.02)
    raise AssertionError(f"not in time: {gezien}")


async def test_a_block_of_flats_is_asked_more_narrowly(tmp_path: Path) -> None:
    flat = [
        persoon(f"{200000000 + n}", "Bewoner", f"19{40 + n}-05-0{1 + n % 9}", adres=("3311FL", 1, "", str(n)))
        for n in range(40)
    ]
    flat.append(
        persoon(DEVRIES, "Vries", "1985-04-03", voorvoegsel="de", voorletters="C.", adres=("3311FL", 1, "", "99"))
    )
    bestand = schrijf(tmp_path, flat)
    basis = client(achternaam="de Vries", voorletters="C.", postcode="3311FL", huisnummer=1)
    async with BrpToegang(Settings(brp_personen=bestand)).open() as brp:
        for anders in (
            {"geboortedatum": date(1985, 4, 3)},
            {"geboortedatum": date(1985, 3, 4), "huisnummertoevoeging": "99"},
            {"geboortedatum": None, "huisnummertoevoeging": "-99"},
        ):
            wie = basis.model_copy(update=anders)
            bevinding = await Onderzoek(brp, wie, date(2026, 1, 3), frozenset({"0505"})).bevinding()
            assert bevinding.wie is not None and bevinding.wie.burgerservicenummer == DEVRIES, anders
        geen = basis.model_copy(update={"geboortedatum": None, "achternaam": "Bewoner", "voorletters": None})
        bevinding = await Onderzoek(brp, geen, date(2026, 1, 3), frozenset({"0505"})).bevinding()
        assert (bevinding.wie, bevinding.reden) == (None, "teveelTreffers")
