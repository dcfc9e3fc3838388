"""Twelve months of signals: who falls behind where, and what each partner delivers about it.

Month by month the number of meldingen is set by the volume; first come arrears signalled again, then new ones at
addresses of the past six months until the share of recidive is right, then new addresses; last, second partners
at the same address until the share of meervoudig is right. The partner type of each new signal is drawn by what is
still missing in the mix. So the figures hold at every scale, but for rounding.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from drempel.region import calibration as c
from drempel.region.achterstanden import Achterstand
from drempel.region.acts import Act
from drempel.region.debiteuren import Debiteuren
from drempel.region.incasso import VAST, Incasso
from drempel.region.leveringen import Levering
from drempel.region.levermoment import leveringen
from drempel.region.personen import Bevolking
from libs.chassis.region import Partner
from libs.events.values import Signaalpartner, Signaalsoort

TERUGKIJKEN = 6
"""Months that recidive looks back (contract, definitions)."""


@dataclass(frozen=True, slots=True)
class Maand:
    """One month: deliveries in order of day, and the partners' later acts on these signals."""

    periode: str
    leveringen: list[Levering]
    acts: list[Act]


class Signaalstroom:
    """The signals of a region. Call `maand` for consecutive months; the state is what is open now, and six months
    of addresses. `geholpen` tells it that help was accepted, which stops most bailiffs."""

    def __init__(self, bevolking: Bevolking, partners: Sequence[Partner], *, seed: int, maanden: int = 12) -> None:
        self._rng = Random(f"{seed}/signalen")
        self._bevolking, self._maanden = bevolking, maanden
        self._debiteuren = Debiteuren(bevolking, partners, seed)
        self._incasso = Incasso(seed, maanden)
        self._lopend: list[Achterstand] = []
        self.achterstanden: dict[tuple[str, str], Achterstand] = {}
        self._per_huishouden: dict[int | None, list[Achterstand]] = {}
        self._venster: deque[set[int]] = deque(maxlen=TERUGKIJKEN)
        self._per_type: Counter[Signaalpartner] = Counter()
        self._eindelevering = self._nummer = self._los = self._begonnen = 0
        self._rest = 0.0
        self._ladders = self._plan_ladders()

    def _plan_ladders(self) -> Counter[int]:
        """How many arrears that end at the kantonrechter start in which month; none where nobody lets houses."""
        if Signaalpartner.HUUR not in self._debiteuren.mix:
            return Counter()
        aantal = round(self._bevolking.inwoners / 1000 * c.VONNISSEN_PER_1000 * c.OPHOGING * self._maanden / 12)
        laatste = max(1, self._maanden - self._incasso.vonnis_bij - 1)
        return Counter(nummer % laatste for nummer in range(max(c.MINIMUM_LADDERS, aantal)))

    def geholpen(self, partner: str, kenmerk: str) -> None:
        """Help was accepted in the case of this arrears."""
        self.achterstanden[partner, kenmerk].geholpen = True

    def bewoner(self, achterstand: Achterstand) -> tuple[float, bool]:
        """How easily the household of this arrears is reached, and whether it is on the bailiff's ladder."""
        huishouden = achterstand.zaak_huishouden
        hier = [a for a in self._per_huishouden.get(huishouden, ()) if huishouden is not None] or [achterstand]
        return min(een.bereikbaar for een in hier), any(een.ladder for een in hier)

    def maand(self, periode: str) -> Maand:
        """The signals of a period (yyyy-mm) and what partners do about them afterwards."""
        jaar, maand = int(periode[:4]), int(periode[5:])
        per_adres = self._vul(date(jaar, maand, 1), self._volume(maand))
        nieuw = [achterstand for lijst in per_adres.values() for achterstand in lijst]
        for achterstand in nieuw:
            self._meld(achterstand)
            if achterstand.keren == 1:
                self.achterstanden[achterstand.partner.key, achterstand.kenmerk] = achterstand
                self._per_huishouden.setdefault(achterstand.zaak_huishouden, []).append(achterstand)
        uit, gemeld = leveringen(self._rng, periode, nieuw)
        acts = [act for achterstand in nieuw for act in self._daarna(achterstand, gemeld[id(achterstand)])]
        self._lopend = [achterstand for achterstand in nieuw if achterstand.open]
        self._venster.append({adres for adres in per_adres if adres >= 0})
        self._nummer += 1
        return Maand(periode, uit, sorted(acts, key=lambda act: act.datum))

    def _volume(self, maand: int) -> int:
        exact = self._bevolking.inwoners / 1000 * c.SIGNALEN_PER_1000 * c.SEIZOEN[maand - 1] + self._rest
        self._rest = exact - round(exact)
        return max(1, round(exact))

    def _vul(self, eerste: date, aantal: int) -> dict[int, list[Achterstand]]:
        """Which arrears are signalled this month, by household; a negative key where the BRP knows no household."""
        rng, bezig = self._rng, dict[int, list[Achterstand]]()
        for achterstand in self._lopend:
            achterstand.groei(rng)
            bezig.setdefault(self._sleutel(achterstand), []).append(achterstand)
        for _ in range(self._ladders[self._nummer]):
            huurder = self._debiteuren.nieuw(rng, eerste, Signaalpartner.HUUR, bezet=bezig, slips=False)
            huurder.ladder = True
            huurder.vast = VAST[self._begonnen] if self._begonnen < len(VAST) else ""
            self._begonnen += 1
            bezig[self._sleutel(huurder)] = [huurder]
        meldingen = round(aantal / (1 + c.MEERVOUDIG))
        self._terugkerend(eerste, bezig, meldingen)
        bezet = set().union(bezig, *self._venster)
        while len(bezig) < meldingen:
            soort = self._debiteuren.clientsoort(rng)
            nieuw = self._debiteuren.nieuw(rng, eerste, self._type(bezig), bezet=bezet, clientsoort=soort)
            bezig[self._sleutel(nieuw)] = [nieuw]
            bezet.update([nieuw.zaak_huishouden] if nieuw.zaak_huishouden is not None else [])
        self._meervoudig(eerste, bezig, aantal)
        return bezig

    def _terugkerend(self, eerste: date, bezig: dict[int, list[Achterstand]], meldingen: int) -> None:
        """New arrears at addresses of the past months. The first month has none, so the others make up for it."""
        eerder = set().union(*self._venster)
        aandeel = c.RECIDIVE * self._maanden / max(1, self._maanden - 1)
        nodig = round(meldingen * aandeel) - sum(adres in eerder for adres in bezig)
        over = sorted(eerder - bezig.keys())
        for adres in self._rng.sample(over, max(0, min(nodig, len(over), meldingen - len(bezig)))):
            bezig[adres] = [self._debiteuren.nieuw(self._rng, eerste, self._type(bezig), huishouden=adres)]

    def _meervoudig(self, eerste: date, bezig: dict[int, list[Achterstand]], aantal: int) -> None:
        """Second partners at addresses of this month, until the number of signals is reached."""
        bewoond = [adres for adres, lijst in bezig.items() if adres >= 0 and len(lijst) == 1]
        tekort = aantal - sum(map(len, bezig.values()))
        for adres in self._rng.sample(bewoond, max(0, min(tekort, len(bewoond)))):
            soort = self._type(bezig, behalve=bezig[adres][0].partner.type)
            bezig[adres].append(self._debiteuren.nieuw(self._rng, eerste, soort, huishouden=adres))

    def _type(self, bezig: dict[int, list[Achterstand]], behalve: Signaalpartner | None = None) -> Signaalpartner:
        """A partner type, drawn by what the mix still lacks with this month's signals in it."""
        nu = self._per_type + Counter(een.partner.type for lijst in bezig.values() for een in lijst)
        totaal = sum(nu.values()) + 10
        soorten = [soort for soort in self._debiteuren.mix if soort is not behalve] or list(self._debiteuren.mix)
        tekort = [max(0.01, self._debiteuren.mix[soort] * totaal - nu[soort]) for soort in soorten]
        return self._rng.choices(soorten, tekort)[0]

    def _sleutel(self, achterstand: Achterstand) -> int:
        if achterstand.zaak_huishouden is not None:
            return achterstand.zaak_huishouden
        self._los -= 1
        return self._los

    def _meld(self, achterstand: Achterstand) -> None:
        achterstand.keren += 1
        self._per_type[achterstand.partner.type] += 1
        if achterstand.partner.type is Signaalpartner.ENERGIE:
            self._energie(achterstand)

    def _energie(self, achterstand: Achterstand) -> None:
        """Eindelevering where the share lags behind: repeats always, first signals by their chance."""
        tekort = c.EINDELEVERING * self._per_type[Signaalpartner.ENERGIE] - self._eindelevering
        if tekort > 0 and (achterstand.keren > 1 or self._rng.random() < c.EINDELEVERING_ZONDER_VROEGSIGNAAL):
            achterstand.soort = Signaalsoort.EINDELEVERING
            self._eindelevering += 1

    def _daarna(self, achterstand: Achterstand, dag: date) -> list[Act]:
        if achterstand.ladder:
            return self._incasso.ladder(achterstand, dag)
        einde = achterstand.soort is Signaalsoort.EINDELEVERING or self._rng.random() >= c.VERVOLG
        return self._incasso.einde(achterstand, dag) if einde else []


def periodes(begin: str, maanden: int) -> list[str]:
    """Consecutive periods (yyyy-mm) from `begin`."""
    eerste = int(begin[:4]) * 12 + int(begin[5:]) - 1
    return [f"{nummer // 12:04d}-{nummer % 12 + 1:02d}" for nummer in range(eerste, eerste + maanden)]
