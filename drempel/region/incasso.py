"""What partners do after a signal: withdraw it, or send rent arrears that keep rising up the bailiff's ladder.

Every draw is keyed by partner, kenmerk and step, so that what happens to one household never changes another's.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from drempel.region.achterstanden import Achterstand
from drempel.region.acts import Act, werkdag
from drempel.region.calibration import AANGEZEGD, HULP_STOPT_INCASSO, INTREKKINGEN, UITGESTELD, UITGEVOERD
from drempel.region.crisis import crisis, mpzo
from libs.events.values import Deurwaardersfase, Intrekkingsreden

DEURWAARDERS = ("Kade en Baken Gerechtsdeurwaarders", "Van der Griend Deurwaarders", "Merwekant Incasso en Exploot")
VAST = ("Uitgevoerd", "Voorkomen")
"""How the first two ladders of a region end, whatever help they get: every region however small shows both ends."""
_INTREKKING = "/intake/v1/signalen/{signaalId}/intrekkingen"
_OVERDRACHT = "/escalation/v1/deurwaarderoverdrachten"
_ONTRUIMING = "/escalation/v1/ontruimingen"
_SPEELDUUR = 5
"""Months a ladder takes from first signal to outcome; a shorter play takes its steps in quick succession."""


class Incasso:
    """The partners' side of a play of so many months."""

    def __init__(self, seed: int, maanden: int) -> None:
        self._seed = seed
        self._krap = maanden < _SPEELDUUR
        self.vonnis_bij = max(1, min(_SPEELDUUR, maanden) - 1)
        fasen = (Deurwaardersfase.OVERGEDRAGEN, Deurwaardersfase.DAGVAARDING, Deurwaardersfase.VONNIS)
        self._stappen: dict[int, list[Deurwaardersfase]] = {}
        for terug, fase in zip((2, 1, 0), fasen, strict=True):
            self._stappen.setdefault(max(1, self.vonnis_bij - terug), []).append(fase)

    def einde(self, achterstand: Achterstand, gemeld: date) -> list[Act]:
        """The arrears is not signalled again: withdrawn some days after `gemeld`, or nothing more is heard."""
        achterstand.open = False
        rng = self._eigen(achterstand)
        reden = rng.choices(tuple(INTREKKINGEN), tuple(INTREKKINGEN.values()))[0]
        if reden is None:
            return []
        datum = gemeld + timedelta(days=rng.randint(5, 24))
        return [_act(achterstand, gemeld, datum, _INTREKKING, {"reden": Intrekkingsreden(reden).value})]

    def ladder(self, achterstand: Achterstand, gemeld: date) -> list[Act]:
        """The steps that belong to the number of times it was signalled; after the judgment also the eviction."""
        stappen = self._stappen.get(achterstand.keren, [])
        if not stappen:
            return []
        rng = self._eigen(achterstand)
        dag = werkdag(gemeld + timedelta(days=self._dagen(rng, 6, 12)))
        if achterstand.geholpen and not achterstand.vast and rng.random() < HULP_STOPT_INCASSO:
            achterstand.open = False
            return [self._fase(achterstand, gemeld, dag, Deurwaardersfase.TERUGGENOMEN)] if achterstand.dossier else []
        return list(self._klim(rng, achterstand, gemeld, dag, stappen))

    def _klim(
        self, rng: Random, achterstand: Achterstand, gemeld: date, dag: date, stappen: list[Deurwaardersfase]
    ) -> Iterator[Act]:
        for plaats, fase in enumerate(stappen):
            dag += timedelta(days=7 if plaats else 0)
            yield self._fase(achterstand, gemeld, dag, fase)
            if fase is Deurwaardersfase.DAGVAARDING:
                yield mpzo(_sleutel(achterstand, gemeld), dag)
        if stappen[-1] is Deurwaardersfase.VONNIS:
            achterstand.open = False
            yield from self._na_vonnis(rng, achterstand, gemeld, dag)

    def _eigen(self, achterstand: Achterstand) -> Random:
        return Random(f"{self._seed}/incasso/{achterstand.partner.key}/{achterstand.kenmerk}/{achterstand.keren}")

    def _dagen(self, rng: Random, minst: int, meest: int) -> int:
        return minst if self._krap else rng.randint(minst, meest)

    def _fase(self, achterstand: Achterstand, gemeld: date, datum: date, fase: Deurwaardersfase) -> Act:
        if not achterstand.dossier:
            nummer = Random(f"{self._seed}/dossier/{achterstand.partner.key}/{achterstand.kenmerk}").randrange(10**6)
            achterstand.dossier = f"DW{nummer:06d}"
        deurwaarder = DEURWAARDERS[int(achterstand.dossier[-1]) % len(DEURWAARDERS)]
        body = {"deurwaarder": deurwaarder, "dossierkenmerk": achterstand.dossier, "fase": fase.value}
        return _act(achterstand, gemeld, datum, _OVERDRACHT, {"signaalId": "{signaalId}", **body})

    def _na_vonnis(self, rng: Random, achterstand: Achterstand, gemeld: date, vonnis: date) -> Iterator[Act]:
        if not achterstand.vast and rng.random() > AANGEZEGD:
            dag = werkdag(vonnis + timedelta(days=rng.randint(7, 20)))
            yield self._fase(achterstand, gemeld, dag, Deurwaardersfase.GEREGELD)
            return
        aanzegging = werkdag(vonnis + timedelta(days=self._dagen(rng, 8, 14)))
        ontruiming = werkdag(aanzegging + timedelta(days=self._dagen(rng, 8, 14)))
        body = {
            "signaalId": "{signaalId}",
            "aanzegdatum": aanzegging.isoformat(),
            "ontruimingsdatum": ontruiming.isoformat(),
        }
        weg = rng.random() < UITGEVOERD and not achterstand.geholpen
        afloop = achterstand.vast or ("Uitgevoerd" if weg else "Voorkomen")
        yield _act(achterstand, gemeld, aanzegging, _ONTRUIMING, body, ontruiming=True)
        sleutel, voorkomen = _sleutel(achterstand, gemeld), afloop == "Voorkomen"
        yield from crisis(rng, sleutel, aanzegging, voorkomen=voorkomen, hulp=bool(achterstand.vast))
        yield from _afloop(rng, achterstand, gemeld, ontruiming, afloop)


def _afloop(rng: Random, achterstand: Achterstand, gemeld: date, ontruiming: date, afloop: str) -> Iterator[Act]:
    pad = _ONTRUIMING + "/{id}/afloop"
    if not achterstand.vast and rng.random() < UITGESTELD:
        datum = werkdag(ontruiming - timedelta(days=rng.randint(1, 4)), terug=True)
        ontruiming += timedelta(days=28)
        body = {"afloop": "Uitgesteld", "nieuweDatum": ontruiming.isoformat()}
        yield _act(achterstand, gemeld, datum, pad, body, ontruiming=True)
    datum = ontruiming if afloop == "Uitgevoerd" else werkdag(ontruiming - timedelta(days=1), terug=True)
    yield _act(achterstand, gemeld, datum, pad, {"afloop": afloop}, ontruiming=True)


def _act(
    achterstand: Achterstand, gemeld: date, datum: date, pad: str, body: dict[str, str], *, ontruiming: bool = False
) -> Act:
    inhoud = body if "aanzegdatum" in body else {**body, "datum": datum.isoformat()}
    naam = f"{achterstand.partner.key}/{achterstand.kenmerk}" if ontruiming else None
    return Act(datum, "partner", pad, inhoud, *_sleutel(achterstand, gemeld), ontruiming=naam)


def _sleutel(achterstand: Achterstand, gemeld: date) -> tuple[str, str, str]:
    return achterstand.partner.key, achterstand.kenmerk, f"{gemeld:%Y-%m}"
