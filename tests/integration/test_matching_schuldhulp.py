"""Who is known at schuldhulpverlening goes to the social service; nothing but numbers is asked, nothing is repeated."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from libs.chassis.settings import Settings, SettingsDoNotFit
from libs.events.catalogue import BRPMatched, RouteAssigned, SignalSetAside
from services.matching import schuldhulp as port
from services.matching.schuldhulp import Bestand, OverHttp, SchuldhulpWeg, schuldhulp
from tests.keten import keten, op_het_net
from tests.matching import DEVRIES, JANSSEN, client, matching, persoon

pytestmark = pytest.mark.postgres

MENSEN = [
    persoon(JANSSEN, "Janssen"),
    persoon(DEVRIES, "Vries", "1987-02-03", voorvoegsel="de", voorletters="C.", adres=("3311AC", 4, "", "")),
]
THUIS = {"voorletters": "A.B.", "achternaam": "Janssen", "geboortedatum": "1985-06-15", "postcode": "3311AB",
         "huisnummer": 10}  # fmt: skip
ANDER = {"voorletters": "C.", "voorvoegsel": "de", "achternaam": "Vries", "geboortedatum": "1987-02-03",
         "postcode": "3311AC", "huisnummer": 4}  # fmt: skip


async def test_from_a_posted_signal_to_the_social_service(
    postgres: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bestand = tmp_path / "bekend.json"
    bestand.write_text(json.dumps([JANSSEN, "999999999"]))
    async with keten(postgres, tmp_path, MENSEN, shv_bestand=bestand) as k:
        bekend, ander = await k.post(THUIS), await k.post(ANDER, kenmerk="K2")
        gekoppeld = {str(e.signaal_id): e for e in await k.drempel.said("matching", BRPMatched)}
        assert [gekoppeld[s].bekend_bij_schuldhulpverlening for s in (bekend, ander)] == [True, False]
        (route,) = [e for e in await k.drempel.said("routing", RouteAssigned) if str(e.signaal_id) == bekend]
        assert (route.behandelaar.organisatie, route.behandelaar.team) == (
            "Sociale Dienst Drechtsteden", "Schuldhulpverlening",
        )  # fmt: skip
        assert route.regel == "bekende-klant" and route.feiten["bekendBijSchuldhulpverlening"] is True
        besluiten = [*await k.drempel.said("routing", RouteAssigned), *await k.drempel.said("routing", SignalSetAside)]
        assert [e.regel for e in besluiten if str(e.signaal_id) == ander] not in ([], ["bekende-klant"])
        bestand.write_text(json.dumps({DEVRIES: {"sinds": "2025-03-01"}}))
        await k.post(ANDER, kenmerk="K2", bedrag=400)
        assert [e.regel for e in await k.drempel.said("routing", RouteAssigned)][-1] == "bekende-klant"
        async with k.drempel.admin() as conn:
            gelogd = await conn.fetch("SELECT verwerking, betrokkene FROM matching.logboek ORDER BY 1")
        assert {str(r["betrokkene"]) for r in gelogd if "schuldhulp" in r["verwerking"]} == {bekend, ander}
    uitvoer = "".join(capfd.readouterr())
    assert JANSSEN not in uitvoer and DEVRIES not in uitvoer


class Dienst:
    """A schuldhulpverlening on the network that can be told to misbehave."""

    def __init__(self) -> None:
        self.bekend = [JANSSEN, "123456782"]
        self.status, self.antwoord, self.traag = 200, b"", 0.0
        self.gevraagd: list[Any] = []
        self.sleutels: set[bytes] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as told."""
        self.gevraagd.append(json.loads((await receive())["body"]))
        self.sleutels.add(dict(scope["headers"]).get(b"x-api-key", b""))
        await asyncio.sleep(self.traag)
        antwoord = self.antwoord or json.dumps({"bekend": self.bekend}).encode()
        koppen = [(b"retry-after", b"1")] if self.status == 503 else []
        await send({"type": "http.response.start", "status": self.status, "headers": koppen})
        await send({"type": "http.response.body", "body": antwoord})


async def test_over_http_signals_wait_while_it_is_away_and_nothing_is_lost(
    postgres: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port, "TIJD", 0.2)
    dienst = Dienst()
    async with (
        op_het_net(dienst, "/bekend") as url,
        matching(postgres, tmp_path, MENSEN, shv_url=url, shv_api_key="geheim") as m,
    ):
        dienst.status = 503
        een = await m.signaal()
        niemand = await m.signaal(client(achternaam="Niemand", postcode="9999ZZ"))
        await _wacht(m, "SchuldhulpWeg")
        dienst.status, dienst.antwoord = 200, b"geen json"
        await _nog_eens(dienst)
        dienst.antwoord, dienst.traag = b"", 1.0
        await _nog_eens(dienst)
        dienst.traag = 0.0
        assert (await m.stand(een))["status"] == "Gekoppeld"
        assert (await m.stand(niemand, "regio"))["status"] == "Uitval"
        (gezegd,) = await m.drempel.said("matching", BRPMatched)
        assert gezegd.bekend_bij_schuldhulpverlening is True
        onzeker = await m.signaal(client(geboortedatum=None, voorletters="X."))
        await m.stand(onzeker)
        await m.besluit(onzeker, besluit="Gekoppeld", burgerservicenummer=JANSSEN)
        assert (await m.drempel.said("matching", BRPMatched))[-1].bekend_bij_schuldhulpverlening is True
        dienst.status = 503
        over = await m.besluit(onzeker, besluit="Gekoppeld", burgerservicenummer=JANSSEN)
        assert over.status_code == 503, "an official is told to try again"
    assert dienst.sleutels == {b"geheim"}
    assert all(vraag == {"burgerservicenummers": [JANSSEN]} for vraag in dienst.gevraagd), "numbers, and no others'"


async def _wacht(m: Any, reden: str) -> None:
    for _ in range(500):
        if any(p.waiting_for == reden for p in m.drempel.system.processors):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waits")


async def _nog_eens(dienst: Dienst) -> None:
    eerder = len(dienst.gevraagd)
    for _ in range(500):
        if len(dienst.gevraagd) > eerder:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("not asked again")


async def test_a_list_in_a_file_in_both_forms_and_what_is_none(tmp_path: Path) -> None:
    pad = tmp_path / "bekend.json"
    for inhoud, verwacht in (('["1", "2"]', {"1"}), ('{"1": null}', {"1"}), ("[]", set())):
        pad.write_text(inhoud)
        assert await Bestand(pad).bekend(["1", "3"]) == verwacht
    for fout in ("geen json", "[1, 2]", '"1"'):
        pad.write_text(fout)
        with pytest.raises(SchuldhulpWeg):
            await Bestand(pad).bekend(["1"])
    with pytest.raises(SchuldhulpWeg):
        await Bestand(tmp_path / "weg.json").bekend(["1"])


def test_one_of_the_two_or_none(tmp_path: Path) -> None:
    assert schuldhulp(Settings()) is None
    assert isinstance(schuldhulp(Settings(shv_url="http://127.0.0.1:1")), OverHttp)
    with pytest.raises(SettingsDoNotFit, match="SHV"):
        Settings(shv_url="http://127.0.0.1:1", shv_bestand=tmp_path).check()
