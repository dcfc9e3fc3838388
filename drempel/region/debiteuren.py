"""Who falls behind: a household, a member of it, the partner it deals with, and what that partner wrote down."""

from array import array
from collections import Counter
from collections.abc import Container, Sequence
from datetime import date, timedelta
from random import Random

from drempel.region import calibration as c
from drempel.region.achterstanden import Achterstand, bedrag
from drempel.region.huishoudens import Huishouden, Huishoudsoort
from drempel.region.huishoudens import huishouden as maak_huishouden
from drempel.region.personen import Bevolking
from drempel.region.ruis import client
from libs.chassis.region import Partner
from libs.events.values import Signaalpartner, Signaalsoort

_ONBEWOOND = (Huishoudsoort.OVERLEDEN, Huishoudsoort.BUITEN)


class Debiteuren:
    """Draws new arrears. A household always deals with the same partner of a type."""

    def __init__(self, bevolking: Bevolking, partners: Sequence[Partner], seed: int) -> None:
        self._bevolking, self._seed = bevolking, seed
        self._partners: dict[Signaalpartner, list[Partner]] = {}
        for partner in partners:
            self._partners.setdefault(partner.type, []).append(partner)
        self._werkgebied = {een.key: frozenset(een.gemeentecodes) for een in bevolking.regio.corporaties}
        gewichten = {soort: c.PARTNERMIX[soort] for soort in c.PARTNERMIX if soort in self._partners}
        gewichten = gewichten or dict.fromkeys(self._partners, 1)
        self.mix = {soort: gewicht / sum(gewichten.values()) for soort, gewicht in gewichten.items()}
        nummers = range(len(bevolking))
        self._bewoond = array("I", (n for n in nummers if bevolking.soort(n) not in _ONBEWOOND))
        self._overleden = [n for n in nummers if bevolking.soort(n) is Huishoudsoort.OVERLEDEN]
        self._buiten = [n for n in nummers if bevolking.soort(n) is Huishoudsoort.BUITEN]
        self._kenmerken: Counter[str] = Counter()
        self._leeg = 0

    def clientsoort(self, rng: Random) -> str:
        """How the BRP knows a newly signalled client; see CLIENTEN."""
        soort = rng.choices(tuple(c.CLIENTEN), tuple(c.CLIENTEN.values()))[0]
        return "gewoon" if soort == "overleden" and not self._overleden else soort

    def nieuw(
        self,
        rng: Random,
        eerste: date,
        soort: Signaalpartner,
        *,
        huishouden: int | None = None,
        bezet: Container[int] = (),
        clientsoort: str = "gewoon",
        slips: bool = True,
    ) -> Achterstand:
        """An arrears first signalled in the month that begins on `eerste`, at a household or at a new one.

        `slips`: whether the partner writes the client down with the usual mistakes.
        """
        nummer = self._kies(rng, clientsoort, bezet) if huishouden is None else huishouden
        thuis = self._bevolking.huishouden(nummer)
        gemeenten = self._bevolking.regio.gemeenten
        waar = thuis.adres
        if clientsoort in ("verhuisd", "weggetrokken", "onbekend"):
            self._leeg += 1
            waar = self._bevolking.leeg_adres(rng.choice(gemeenten).code, self._leeg)
        if clientsoort == "onbekend":
            thuis = self._onbekende(thuis)
        lid = thuis.volwassenen[0] if rng.random() < 0.7 else rng.choice(thuis.volwassenen)
        partner = self._partner(soort, nummer, waar.gemeentecode)
        bekend = clientsoort in ("gewoon", "verhuisd")
        return Achterstand(
            partner=partner,
            kenmerk=self._kenmerk(partner, eerste.year),
            huishouden=nummer,
            zaak_huishouden=nummer if bekend else None,
            burgerservicenummer=lid.burgerservicenummer if bekend else None,
            geboren=lid.geboortedatum,
            client=client(rng, thuis, lid, waar, slips=slips),
            ontstaan=eerste - timedelta(days=rng.randint(31, 70)),
            bedrag=bedrag(rng, soort),
            soort=_soort(rng, soort),
        )

    def _kies(self, rng: Random, clientsoort: str, bezet: Container[int]) -> int:
        if clientsoort == "overleden":
            return rng.choice(self._overleden)
        if clientsoort in ("weggetrokken", "buiten de regio"):
            return rng.choice(self._buiten)
        for _ in range(1000):
            nummer = rng.choice(self._bewoond)
            if nummer not in bezet:
                return nummer
        raise OverflowError("every household of the region is signalled already: raise the scale")

    def _onbekende(self, thuis: Huishouden) -> Huishouden:
        """Somebody nobody knows: other people at an address where nobody lives."""
        ander = Random(f"{self._seed}/onbekend/{self._leeg}")
        bsn = f"{self._leeg:09d}"
        return maak_huishouden(ander, -1, Huishoudsoort.ALLEENSTAAND, thuis.adres, [bsn], self._bevolking.peildatum)

    def _partner(self, soort: Signaalpartner, nummer: int, gemeentecode: str) -> Partner:
        alle = self._partners[soort]
        hier = [een for een in alle if gemeentecode in self._werkgebied.get(een.key, (gemeentecode,))] or alle
        gewichten = [1 / (plaats + 1) for plaats in range(len(hier))]
        return Random(f"{self._seed}/partner/{soort}/{nummer}").choices(hier, gewichten)[0]

    def _kenmerk(self, partner: Partner, jaar: int) -> str:
        self._kenmerken[partner.key] += 1
        begin = {Signaalpartner.HUUR: f"{partner.key[:4].upper()}-", Signaalpartner.ZORG: "POL"}.get(partner.type, "")
        return f"{begin}{jaar}-{self._kenmerken[partner.key]:05d}"


def _soort(rng: Random, soort: Signaalpartner) -> Signaalsoort:
    if soort is Signaalpartner.CAK_ZORGVERZEKERINGEN:
        return Signaalsoort.CAK_LIJST
    crisis = soort in (Signaalpartner.ENERGIE, Signaalpartner.WATER) and rng.random() < 0.02
    return Signaalsoort.CRISIS if crisis else Signaalsoort.VROEGSIGNAAL
