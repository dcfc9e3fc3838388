"""What-if over ten years of a region of 300,000 inhabitants: 4.4 signals a month per 1,000 (Divosa, 2024)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from time import process_time
from uuid import UUID

from bench.figure import Figure, at_most
from libs.chassis.embedded import RunningPostgres
from libs.events.values import Contactsoort, Signaalpartner, Signaalsoort
from services.routing.beleid import meegeleverd
from services.routing.besluiten import route_of
from services.routing.domain import Beeld, Daad, Genomen, Handeling, Koppeling, Signaal
from services.routing.feiten import feiten_van
from services.routing.policy.document import Beleid
from services.routing.policy.evaluate import settle
from services.routing.simulatie.aannames import Aannames
from services.routing.simulatie.historie import Historie
from services.routing.simulatie.lopend import gespeeld
from services.routing.simulatie.naspelen import Spel
from services.routing.simulatie.verslag import Verslag

PARTNERS = (Signaalpartner.ZORG, Signaalpartner.ENERGIE, Signaalpartner.HUUR, Signaalpartner.WATER)
SIGNALEN, MAANDEN, ADRESSEN = 158_000, 120, 60_000


async def measure(postgres: RunningPostgres, folder: Path) -> list[Figure]:
    """Processor seconds of a replay with Drechtsteden's threshold from 50 to 100 euro, from facts to report."""
    historie, nu = Historie(list(signalen(SIGNALEN))), meegeleverd().voor("0505")
    historie.handelingen = list(contacten(historie.signalen))
    historie.signalen = list(recorded(historie.beeld(), nu))
    dagen = {one.koppeling.signaaldatum for one in historie.signalen if one.koppeling}
    begin = process_time()
    verslag = Verslag(Aannames(fte=8))
    spel = Spel("0505", lambda code, day: nu, threshold(nu, 100), Aannames(fte=8)).over(dagen)
    assert sum(gespeeld(verslag, spel, historie)) == SIGNALEN
    found = verslag.als_document()
    spent = process_time() - begin
    assert found["signalen"] == SIGNALEN
    assert found["afwijkendVanHistorie"] == 0
    return [
        at_most("what if, 158,000 signals", spent, "s of one core", 60),
        Figure("  gone differently", found["anders"]["aantal"], "signals"),
    ]


def signalen(count: int) -> Iterator[Signaal]:
    """So many signals over ten years, four in five at an address that has more than one."""
    random = Random(3)
    for n in range(count):
        adres, month = random.randrange(ADRESSEN), n * MAANDEN // count
        day = date(2015 + month // 12, month % 12 + 1, random.randint(1, 28))
        link = Koppeling(
            zaak_id=UUID(int=(2 << 64) + adres), melding_id=UUID(int=(3 << 64) + adres * 1000 + month),
            adres_id=UUID(int=(4 << 64) + adres), achterstand_id=UUID(int=(5 << 64) + adres * 4 + n % 4),
            gemeentecode="0505", soort=Signaalsoort.VROEGSIGNAAL, leeftijd=random.randint(18, 90),
            signaalpartner=PARTNERS[n % 4],
            bedrag=Decimal(random.randint(1_000, 150_000)) / 100, signaaldatum=day, periode=f"{day:%Y-%m}",
            ontstaansdatum=day - timedelta(days=60), recidive=random.random() < 0.45,
        )  # fmt: skip
        yield Signaal(UUID(int=(1 << 64) + n), n + 1, koppeling=link)


def contacten(signalen: list[Signaal]) -> Iterator[Handeling]:
    """One attempt per signal, one in five reaches somebody."""
    for n, signaal in enumerate(signalen):
        link = signaal.koppeling
        assert link is not None
        yield Handeling(
            UUID(int=(6 << 64) + n), Daad.CONTACT, link.signaaldatum, n, zaak_id=link.zaak_id, bereikt=n % 5 == 0,
            soort=Contactsoort.TELEFOON if n % 2 else Contactsoort.BRIEF,
        )  # fmt: skip


def recorded(beeld: Beeld, beleid: Beleid) -> Iterator[Signaal]:
    """The signals with the decision that history took on each, oldest first."""
    for signaal in sorted(beeld.signalen.values(), key=lambda one: one.sequence):
        link = signaal.koppeling
        assert link is not None
        besluit = settle(
            beleid, feiten_van(signaal, link, beeld, beleid), vandaag=link.signaaldatum, gemeentecode="0505"
        )
        taken = Genomen(signaal.signaal_id, link.zaak_id, link.melding_id, besluit.oppakken, route_of(besluit))
        beeld.zet(new := replace(signaal, genomen=taken))
        yield new


def threshold(beleid: Beleid, amount: int) -> Beleid:
    """The document with another threshold."""
    found = beleid.model_dump(mode="json", by_alias=True, exclude_none=True) | {"versie": f"drempel-{amount}"}
    row = next(one for one in found["regels"] if one["naam"] == "drempelbedrag")
    row["als"]["bedrag"] = {"minderDan": amount}
    return Beleid.model_validate(found)
