"""What one decision of routing costs on Drechtsteden's policy: processor time, not wall time, of one core."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from time import process_time

from bench.figure import Figure, at_most
from libs.chassis.embedded import RunningPostgres
from libs.events.values import Signaalpartner, Signaalsoort
from services.routing.beleid import meegeleverd
from services.routing.policy.evaluate import decide
from services.routing.policy.facts import Feiten

COUNT = 5_000


async def measure(postgres: RunningPostgres, folder: Path) -> list[Figure]:
    """Milliseconds per decision with its explanation and what would have changed it."""
    beleid, random = meegeleverd().voor("0505"), Random(7)
    every = [facts(random) for _ in range(COUNT)]
    begin = process_time()
    for one in every:
        decide(beleid, one, vandaag=date(2025, 3, 3), gemeentecode="0505")
    spent = (process_time() - begin) * 1000 / COUNT
    return [at_most("a decision, explained", spent, "ms", 0.15)]


def facts(random: Random) -> Feiten:
    """Facts about as they come: two in five of care, half of the addresses known, every amount another."""
    bedrag = Decimal(random.randint(1_000, 200_000)) / 100
    repeat = random.random() < 0.2
    return Feiten(
        signaalpartner=random.choices(
            (Signaalpartner.ZORG, Signaalpartner.ENERGIE, Signaalpartner.HUUR, Signaalpartner.WATER), (41, 20, 20, 19)
        )[0],
        soort=Signaalsoort.EINDELEVERING if random.random() < 0.05 else Signaalsoort.VROEGSIGNAAL,
        bedrag=bedrag,
        leeftijd=random.randint(18, 90),
        match_zelfde_periode=random.random() < 0.11,
        recidive=random.random() < 0.45,
        herhaald=repeat,
        vorig_bedrag=bedrag if repeat else None,
        eerder_opgepakt=random.random() < 0.5 if repeat else None,
        eerder_contact=random.random() < 0.2,
        hulp_afgewezen=random.random() < 0.05,
        maanden_achterstand=random.randint(0, 4),
        crisissignaal=random.random() < 0.01,
        signaaldatum=date(2025, 1, 1) + timedelta(days=random.randrange(365)),
    )
