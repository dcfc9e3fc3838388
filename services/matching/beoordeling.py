"""Is this person the client that the partner wrote down? Field by field, then as a whole. Pure.

Every pair gets a certainty; at or above `ZEKER` an official would link without a second look. Where two different
people are certain, nobody is. The rules are one table: name, birth date, initials and address each agree to a degree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from libs.events.values import Bewijs, Client
from services.matching.normalisatie import (
    PLAATSVERVANGERS,
    afstand,
    hersteld,
    is_bedrijf,
    is_nalatenschap,
    kern,
    klank,
    klank_grof,
    letters,
    omgewisseld,
    past_op,
    toevoeging,
    uitgeschreven,
    woorden,
)
from services.matching.personen import VOLWASSEN, Geboorte, Ingeschrevene, Naam

ZEKER = 0.9


class Graad(IntEnum):
    """How far one field agrees."""

    ANDERS = 0
    ONBEKEND = 1
    DEELS = 2
    VORM = 3
    GELIJK = 4


class Adres(StrEnum):
    """Where the person lives, seen from the address the partner gave."""

    ZELFDE = "zelfde"
    GEBOUW = "gebouw"
    BIJNA = "bijna"
    ELDERS = "elders"


@dataclass(frozen=True, slots=True)
class Vergelijking:
    """How far a person agrees with a client."""

    naam: Graad
    geboortedatum: Graad
    voorletters: Graad
    adres: Adres
    eigen_naam: bool = True


@dataclass(frozen=True, slots=True)
class Kandidaat:
    """A person the BRP gave, by which question, and how certain it is that this is the client."""

    wie: Ingeschrevene
    vraag: str
    vergelijking: Vergelijking
    zekerheid: float

    def bewijs(self) -> Bewijs:
        """The evidence: names of fields, no values."""
        v = self.vergelijking
        graden = {"achternaam": v.naam, "geboortedatum": v.geboortedatum, "voorletters": v.voorletters}
        gelijk = [veld for veld, graad in graden.items() if graad >= Graad.VORM]
        anders = [veld for veld, graad in graden.items() if graad in (Graad.ANDERS, Graad.DEELS)]
        anders += [f"{veld}Schrijfwijze" for veld, graad in graden.items() if graad is Graad.VORM]
        (gelijk if v.adres is Adres.ZELFDE else anders).append("adres")
        return Bewijs(
            vraag=self.vraag, overeenkomst=tuple(gelijk), afwijking=tuple(anders), zekerheid=round(self.zekerheid, 2)
        )


def beoordeel(client: Client, wie: Ingeschrevene, vraag: str, op: date) -> Kandidaat:
    """Compare a client with a person; `op` is the signaaldatum."""
    vergelijking = vergelijk(client, wie)
    zekerheid = weeg(vergelijking)
    leeftijd = wie.geboorte.leeftijd(op)
    if leeftijd is not None and leeftijd < VOLWASSEN and vergelijking.geboortedatum is not Graad.GELIJK:
        zekerheid = min(
            zekerheid, 0.3
        )  # a minor has no contract; a namesake in the household does not stand in the way
    if is_bedrijf(client.achternaam) or (is_nalatenschap(client.achternaam) and not wie.overleden):
        zekerheid = min(zekerheid, 0.8)
    return Kandidaat(wie, vraag, vergelijking, zekerheid)


def keuze(kandidaten: Sequence[Kandidaat]) -> Kandidaat | None:
    """The one who is certain; None when nobody is, or more than one."""
    zeker = sorted((k for k in kandidaten if k.zekerheid >= ZEKER), key=lambda k: -k.zekerheid)
    if not zeker:
        return None
    beste, *anderen = zeker
    if not _door_elkaar(beste, kandidaten) and all(_valt_af(ander, beste) for ander in anderen):
        return beste
    return None


def _door_elkaar(beste: Kandidaat, kandidaten: Sequence[Kandidaat]) -> bool:
    """Who lives elsewhere is not certain where one resident has the name and another the birth date: then the partner
    may have mixed them up."""
    if beste.vergelijking.adres is not Adres.ELDERS:
        return False
    hier = [k.vergelijking for k in kandidaten if k.vergelijking.adres is not Adres.ELDERS]
    naam = any(v.naam >= Graad.VORM and v.voorletters >= Graad.VORM for v in hier)
    return naam and any(v.naam < Graad.VORM and v.geboortedatum is Graad.GELIJK for v in hier)


def _valt_af(ander: Kandidaat, beste: Kandidaat) -> bool:
    """Twins and namesakes are told apart by their initials, where the best agrees in full and the other does not, and
    no less in the birth date.

    A couple or siblings with the same initials are told apart by the birth date, where the best agrees in everything.
    """
    b, a = beste.vergelijking, ander.vergelijking
    alles = b.naam >= Graad.VORM and b.geboortedatum is Graad.GELIJK and b.adres is Adres.ZELFDE
    if alles and b.voorletters >= Graad.VORM and a.geboortedatum is not Graad.GELIJK:
        return True
    return b.voorletters is Graad.GELIJK and a.voorletters is Graad.ANDERS and b.geboortedatum >= a.geboortedatum


def vergelijk(client: Client, wie: Ingeschrevene) -> Vergelijking:
    """All fields."""
    eigen = vergelijk_namen(client.voorvoegsel, client.achternaam, [wie.naam])
    met_partner = vergelijk_namen(client.voorvoegsel, client.achternaam, _vormen(wie))
    return Vergelijking(
        max(eigen, met_partner), vergelijk_datum(client.geboortedatum, wie.geboorte),
        vergelijk_letters(letters(client.voorletters), letters(wie.voorletters)), vergelijk_adres(client, wie),
        eigen_naam=eigen >= met_partner,
    )  # fmt: skip


def _vormen(wie: Ingeschrevene) -> list[Naam]:
    """The names a married person goes by, whatever the registered use (aanduiding naamgebruik)."""
    vormen = []
    for partner in wie.partners:
        vormen += [partner, Naam("", f"{partner} {wie.naam}"), Naam("", f"{wie.naam} {partner}")]
    return vormen


def vergelijk_namen(voorvoegsel: str | None, achternaam: str, namen: Iterable[Naam]) -> Graad:
    """The best agreement of a surname with any of these, in every way in which either may be typed."""
    dubbel = voorvoegsel and achternaam.lower().startswith(f"{voorvoegsel.lower()} ")
    tekst = hersteld(achternaam if dubbel else f"{voorvoegsel or ''} {achternaam}")
    return max((_vergelijk_tekst(tekst, achternaam, naam) for naam in namen), default=Graad.ANDERS)


def _vergelijk_tekst(tekst: str, achternaam: str, naam: Naam) -> Graad:
    brp = str(naam)
    vormen = {(woorden(tekst), woorden(brp)), (woorden(uitgeschreven(tekst)), woorden(uitgeschreven(brp)))}
    gevonden = max(_vergelijk_naam(*vorm) for vorm in vormen)
    if gevonden is Graad.ANDERS and (past_op(achternaam, naam.geslachtsnaam) or past_op(tekst, brp)):
        return Graad.DEELS
    return gevonden


def _vergelijk_naam(gegeven: tuple[str, ...], brp: tuple[str, ...]) -> Graad:
    een, ander = "".join(kern(gegeven)), "".join(kern(brp))
    if not een or not ander:
        return Graad.ANDERS
    if een == ander or "".join(gegeven) == "".join(brp):
        return Graad.GELIJK
    if klank(een) == klank(ander) or klank("".join(gegeven)) == klank("".join(brp)):
        return Graad.VORM
    if sorted(gegeven) == sorted(brp):  # the last part of the name first: `Said, Aït`
        return Graad.VORM
    hoogste = 1 if len(een) < 9 else 2
    scheelt = min(afstand(klank(een), klank(ander)), afstand(een, ander))
    if klank_grof(een) == klank_grof(ander) or (scheelt <= hoogste and min(len(een), len(ander)) >= 5):
        return Graad.DEELS
    stukken, andere = {klank(w) for w in kern(gegeven)}, {klank(w) for w in kern(brp)}
    return Graad.DEELS if (stukken < andere or andere < stukken) else Graad.ANDERS


def vergelijk_datum(gegeven: date | None, brp: Geboorte) -> Graad:
    """GELIJK; VORM: day and month changed about; DEELS: one part differs, or the BRP knows only a part."""
    if gegeven is None or gegeven in PLAATSVERVANGERS or brp.jaar is None:
        return Graad.ONBEKEND
    heel = brp.datum
    if heel is None:
        past = gegeven.year == brp.jaar and (brp.maand is None or gegeven.month in (brp.maand, 1))
        return Graad.DEELS if past else Graad.ANDERS
    if gegeven == heel:
        return Graad.GELIJK
    if omgewisseld(gegeven) == heel:
        return Graad.VORM
    delen = [(gegeven.year, heel.year), (gegeven.month, heel.month), (gegeven.day, heel.day)]
    anders = [(a, b) for a, b in delen if a != b]
    jaar_ver = gegeven.year != heel.year and sum(a != b for a, b in zip(str(gegeven.year), str(heel.year))) > 1  # noqa: B905
    return Graad.DEELS if len(anders) == 1 and not jaar_ver else Graad.ANDERS


def vergelijk_letters(gegeven: tuple[str, ...], brp: tuple[str, ...]) -> Graad:
    """GELIJK; VORM: one is the beginning of the other; DEELS: only the first is the same."""
    if not gegeven or not brp:
        return Graad.ONBEKEND
    if gegeven == brp:
        return Graad.GELIJK
    korst = min(len(gegeven), len(brp))
    if gegeven[:korst] == brp[:korst]:
        return Graad.VORM
    return Graad.DEELS if gegeven[0] == brp[0] else Graad.ANDERS


def vergelijk_adres(client: Client, wie: Ingeschrevene) -> Adres:
    """GEBOUW: same number, suffix missing or other; BIJNA: one character of the postcode differs."""
    postcode = client.postcode.replace(" ", "").upper()
    if wie.postcode is None or wie.huisnummer != client.huisnummer:
        return Adres.ELDERS
    gegeven = toevoeging(client.huisletter, client.huisnummertoevoeging)
    if postcode == wie.postcode:
        return Adres.ZELFDE if gegeven == wie.toevoeging else Adres.GEBOUW
    past = gegeven in ("", wie.toevoeging) or not wie.toevoeging
    return Adres.BIJNA if past and afstand(postcode, wie.postcode, 1) <= 1 else Adres.ELDERS


def weeg(v: Vergelijking) -> float:
    """The certainty of one comparison, from the table below."""
    naam = "goed" if v.naam >= Graad.VORM else "deels" if v.naam is Graad.DEELS else "anders"
    if naam == "anders":
        return 0.8 if v.geboortedatum is Graad.GELIJK and v.adres is Adres.ZELFDE else 0.2
    rij = TABEL.get((naam, v.geboortedatum, v.adres))
    if rij is None:
        return 0.4 if v.adres is not Adres.ELDERS else 0.2
    zekerheid = rij[_KOLOM[v.voorletters]]
    if v.geboortedatum is Graad.ONBEKEND and not v.eigen_naam:
        return min(zekerheid, 0.85)  # without a birth date a partner's name may be the partner
    return zekerheid


_KOLOM = {Graad.GELIJK: 0, Graad.VORM: 0, Graad.ONBEKEND: 1, Graad.DEELS: 2, Graad.ANDERS: 3}

TABEL: dict[tuple[str, Graad, Adres], tuple[float, float, float, float]] = {
    # name, birth date, address: certainty when initials agree, are missing, agree in the first only, differ
    ("goed", Graad.GELIJK, Adres.ZELFDE): (1.00, 0.97, 0.96, 0.92),
    ("goed", Graad.GELIJK, Adres.GEBOUW): (0.98, 0.93, 0.92, 0.80),
    ("goed", Graad.GELIJK, Adres.BIJNA): (0.97, 0.93, 0.91, 0.75),
    ("goed", Graad.GELIJK, Adres.ELDERS): (0.95, 0.80, 0.80, 0.60),
    ("goed", Graad.VORM, Adres.ZELFDE): (0.95, 0.90, 0.85, 0.60),
    ("goed", Graad.VORM, Adres.GEBOUW): (0.92, 0.80, 0.70, 0.50),
    ("goed", Graad.VORM, Adres.BIJNA): (0.91, 0.70, 0.60, 0.40),
    ("goed", Graad.VORM, Adres.ELDERS): (0.70, 0.50, 0.40, 0.30),
    ("goed", Graad.DEELS, Adres.ZELFDE): (0.91, 0.70, 0.60, 0.40),
    ("goed", Graad.ONBEKEND, Adres.ZELFDE): (0.95, 0.75, 0.75, 0.50),
    ("goed", Graad.ONBEKEND, Adres.GEBOUW): (0.85, 0.60, 0.60, 0.40),
    ("goed", Graad.ONBEKEND, Adres.BIJNA): (0.70, 0.50, 0.40, 0.30),
    ("goed", Graad.ANDERS, Adres.ZELFDE): (0.60, 0.50, 0.50, 0.40),
    ("deels", Graad.GELIJK, Adres.ZELFDE): (0.93, 0.80, 0.80, 0.70),
    ("deels", Graad.GELIJK, Adres.GEBOUW): (0.88, 0.70, 0.70, 0.60),
    ("deels", Graad.GELIJK, Adres.BIJNA): (0.80, 0.60, 0.60, 0.50),
    ("deels", Graad.GELIJK, Adres.ELDERS): (0.70, 0.50, 0.40, 0.30),
}
