"""Counts what was generated, from the outside, by the definitions of the contract: the calibration table."""

from collections import Counter, deque
from statistics import median
from typing import Any

from drempel.region.signalen import TERUGKIJKEN, Maand
from libs.events.values import Signaalpartner


class Telling:
    """Feed it every month in order; memory is the addresses of six months and one number per signal."""

    def __init__(self, inwoners: int) -> None:
        self.inwoners = inwoners
        self.per_maand: list[int] = []
        self.per_type: Counter[Signaalpartner] = Counter()
        self.soorten: Counter[str] = Counter()
        self.acts: Counter[str] = Counter()
        self.meldingen = self.meervoudig = self.recidive = self.herhaald = 0
        self.leveringen = self.geweigerd = self.correcties = self.herzendingen = self.zonder_inwoner = 0
        self._bedragen: list[float] = []
        self._venster: deque[set[int]] = deque(maxlen=TERUGKIJKEN)

    def tel(self, maand: Maand) -> None:
        """Add one month."""
        adressen: Counter[int] = Counter()
        voor = sum(self.per_type.values())
        for levering in maand.leveringen:
            self.leveringen += 1
            self.correcties += levering.aard == "correctie"
            self.herzendingen += levering.aard == "herzending"
            if levering.aard != "levering":
                continue
            self.geweigerd += len(levering.geweigerd)
            for plaats, record in enumerate(levering.records):
                if plaats not in levering.geweigerd:
                    self._signaal(levering.partner.type, record)
                    huishouden = levering.huishoudens[plaats]
                    adressen.update([huishouden] if huishouden is not None else [])
                    self.zonder_inwoner += huishouden is None
                    self.herhaald += levering.herhaald[plaats]
        eerder = set().union(*self._venster)
        self.meldingen += len(adressen)
        self.meervoudig += sum(aantal > 1 for aantal in adressen.values())
        self.recidive += len(adressen.keys() & eerder)
        self._venster.append(set(adressen))
        self.per_maand.append(sum(self.per_type.values()) - voor)
        for act in maand.acts:
            if act.rol != "partner":
                continue
            woord = act.body.get("reden") or act.body.get("fase") or act.body.get("afloop") or "Aangezegd"
            self.acts[woord] += 1

    def _signaal(self, soort: Signaalpartner, record: dict[str, Any]) -> None:
        self.per_type[soort] += 1
        self.soorten[record["soort"]] += 1
        self._bedragen.append(float(record["bedrag"]))

    @property
    def signalen(self) -> int:
        """Signals that pass validation, without corrections and redeliveries."""
        return sum(self.per_type.values())

    def cijfers(self) -> dict[str, float]:
        """The calibrated figures: percentages, but for the volume and the median in euro."""
        energie = max(1, self.per_type[Signaalpartner.ENERGIE])
        mix = {f"mix {soort}": 100 * self.per_type[soort] / self.signalen for soort in self.per_type}
        return {
            "per 1000 per maand": self.signalen / len(self.per_maand) / self.inwoners * 1000,
            "piek": max(self.per_maand) / (self.signalen / len(self.per_maand)),
            **dict(sorted(mix.items())),
            "meervoudig": 100 * self.meervoudig / self.meldingen,
            "recidive": 100 * self.recidive / self.meldingen,
            "herhaald": 100 * self.herhaald / self.signalen,
            "eindelevering van energie": 100 * self.soorten["Eindelevering"] / energie,
            "mediaan bedrag": median(self._bedragen),
        }
