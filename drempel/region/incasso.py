"""What partners do after a signal: withdraw it, or send rent arrears that keep rising up the bailiff's ladder."""

from datetime import date, timedelta
from random import Random

from drempel.region.achterstanden import Achterstand
from drempel.region.acts import Act
from drempel.region.calibration import AANGEZEGD, HULP_STOPT_INCASSO, INTREKKINGEN, UITGESTELD, UITGEVOERD

DEURWAARDERS = ("Kade en Baken Gerechtsdeurwaarders", "Van der Griend Deurwaarders", "Merwekant Incasso en Exploot")
_OVERDRACHT = "/escalation/v1/deurwaarderoverdrachten"
_ONTRUIMING = "/escalation/v1/ontruimingen"
_STAPPEN = {2: "Overgedragen", 3: "Dagvaarding", 4: "Vonnis"}


class Incasso:
    """The partners' side; `vast` fixes the first two announced evictions, one averted and one carried out,
    so that every region however small shows both ends. Which help was accepted does not change those two."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._vast = ["Voorkomen", "Uitgevoerd"]
        self._aangezegd = 0
        self._dossiers = 0

    def einde(self, achterstand: Achterstand, periode: str, gemeld: date) -> list[Act]:
        """The arrears is not signalled again: withdrawn some days after `gemeld`, or nothing more is heard."""
        achterstand.open = False
        reden = self._rng.choices(tuple(INTREKKINGEN), tuple(INTREKKINGEN.values()))[0]
        if reden is None:
            return []
        datum = gemeld + timedelta(days=self._rng.randint(5, 24))
        pad = "/intake/v1/signalen/{signaalId}/intrekkingen"
        return [_act(achterstand, periode, datum, pad, {"reden": reden})]

    def ladder(self, achterstand: Achterstand, periode: str, gemeld: date) -> list[Act]:
        """The step that belongs to the number of times it was signalled; after the judgment also the eviction."""
        fase = _STAPPEN.get(achterstand.keren)
        if fase is None:
            return []
        zeker = self._aangezegd < len(self._vast)
        if achterstand.geholpen and not zeker and self._rng.random() < HULP_STOPT_INCASSO:
            achterstand.open = False
            fase = "Teruggenomen" if achterstand.keren > 2 else ""
        datum = gemeld + timedelta(days=self._rng.randint(6, 12))
        acts = [self._fase(achterstand, periode, datum, fase)] if fase else []
        if fase == "Vonnis":
            achterstand.open = False
            acts += self._na_vonnis(achterstand, periode, datum, zeker)
        return acts

    def _fase(self, achterstand: Achterstand, periode: str, datum: date, fase: str) -> Act:
        if not achterstand.dossier:
            self._dossiers += 1
            achterstand.dossier = f"DW{datum.year}{self._dossiers:05d}"
        deurwaarder = DEURWAARDERS[int(achterstand.dossier[-1]) % len(DEURWAARDERS)]
        body = {"deurwaarder": deurwaarder, "dossierkenmerk": achterstand.dossier, "fase": fase}
        return _act(achterstand, periode, datum, _OVERDRACHT, {"signaalId": "{signaalId}", **body})

    def _na_vonnis(self, achterstand: Achterstand, periode: str, vonnis: date, zeker: bool) -> list[Act]:
        if not zeker and self._rng.random() > AANGEZEGD:
            return [self._fase(achterstand, periode, vonnis + timedelta(days=self._rng.randint(7, 20)), "Geregeld")]
        aanzegging = vonnis + timedelta(days=self._rng.randint(8, 14))
        ontruiming = aanzegging + timedelta(days=self._rng.randint(8, 14))
        body = {"aanzegdatum": aanzegging.isoformat(), "ontruimingsdatum": ontruiming.isoformat()}
        naam = f"{achterstand.partner.key}/{achterstand.kenmerk}"
        aanzegacts = _act(
            achterstand, periode, aanzegging, _ONTRUIMING, {"signaalId": "{signaalId}", **body}, naam, dated=False
        )
        return [aanzegacts, *self._afloop(achterstand, periode, ontruiming, naam)]

    def _afloop(self, achterstand: Achterstand, periode: str, ontruiming: date, naam: str) -> list[Act]:
        rng, acts = self._rng, list[Act]()
        pad = _ONTRUIMING + "/{id}/afloop"
        if self._aangezegd < len(self._vast):
            afloop = self._vast[self._aangezegd]
        else:
            afloop = "Uitgevoerd" if rng.random() < UITGEVOERD and not achterstand.geholpen else "Voorkomen"
            if rng.random() < UITGESTELD:
                datum = ontruiming - timedelta(days=rng.randint(1, 4))
                ontruiming += timedelta(days=28)
                body = {"afloop": "Uitgesteld", "nieuweDatum": ontruiming.isoformat()}
                acts.append(_act(achterstand, periode, datum, pad, body, naam))
        self._aangezegd += 1
        datum = ontruiming if afloop == "Uitgevoerd" else ontruiming - timedelta(days=rng.randint(1, 3))
        return [*acts, _act(achterstand, periode, datum, pad, {"afloop": afloop}, naam)]


def _act(
    achterstand: Achterstand,
    periode: str,
    datum: date,
    pad: str,
    body: dict[str, str],
    ontruiming: str | None = None,
    dated: bool = True,
) -> Act:
    inhoud = {**body, "datum": datum.isoformat()} if dated else body
    return Act(
        datum, "partner", pad, inhoud, achterstand.partner.key, achterstand.kenmerk, periode, ontruiming=ontruiming
    )
