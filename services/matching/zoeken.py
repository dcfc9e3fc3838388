"""Which questions a careful official asks the BRP about one client, and what follows from the answers.

First the address, then name and birth date; more narrowly where the BRP finds too many. Asking stops as soon as one
person is certain and nobody can be the better one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from libs.events.values import REGIOBALIE, Bewijs, Client, Huishouden, Koppelstatus
from services.matching.beoordeling import (
    ZEKER,
    Graad,
    Kandidaat,
    beoordeel,
    keuze,
    vergelijk_datum,
    vergelijk_letters,
    vergelijk_namen,
)
from services.matching.gateway import Brp
from services.matching.huishouden import huishouden, minderjarigen
from services.matching.normalisatie import is_bedrijf, kaal, kern, letters, omgewisseld, woorden, zonder_aanhef
from services.matching.personen import WEG, Ingeschrevene, Treffer

OP_ADRES = "ZoekMetPostcodeEnHuisnummer"
OP_NAAM = "ZoekMetGeslachtsnaamEnGeboortedatum"
OP_OBJECT = "ZoekMetAdresseerbaarObjectIdentificatie"
KORTSTE_BEGIN = 3
"""Letters before a wildcard (openapi, GeslachtsnaamFilter)."""


@dataclass(frozen=True, slots=True)
class Bevinding:
    """What the BRP says of one client: the person, or why there is none."""

    status: Koppelstatus
    gemeentecode: str
    reden: str = ""
    wie: Ingeschrevene | None = None
    leeftijd: int | None = None
    minderjarigen: bool = False
    huishouden: Huishouden | None = None
    kandidaten: int = 0
    bewijs: tuple[Bewijs, ...] = ()
    thuis: tuple[Treffer, ...] = ()
    """Who live at the person's address, as far as the BRP is certain of it."""


MET_DE_HAND = "handmatigeControle"
"""Reason of what an official links without the BRP having been asked by itself."""
GEWIST = Bevinding(Koppelstatus.UITVAL, REGIOBALIE, reden="gewist")
"""The key of the signal was destroyed: nothing can be asked any more."""


@dataclass(slots=True)
class Onderzoek:
    """The questions about one client, and the people found so far."""

    brp: Brp
    client: Client
    op: date
    regio: frozenset[str]
    kandidaten: dict[str, Kandidaat] = field(default_factory=dict)
    bewoners: list[Treffer] = field(default_factory=list)
    te_veel: bool = False
    lezingen: tuple[Client, ...] = ()
    """The client as it was written, and as it was meant where a title or initials stand in the surname."""

    def __post_init__(self) -> None:
        voorletters, achternaam = zonder_aanhef(self.client.voorletters, self.client.achternaam)
        meant = self.client.model_copy(update={"voorletters": voorletters, "achternaam": achternaam})
        self.lezingen = (self.client,) if achternaam == self.client.achternaam else (self.client, meant)

    async def bevinding(self) -> Bevinding:
        """Ask until somebody is certain, or everything was asked."""
        await self._op_adres()
        gekozen = keuze(list(self.kandidaten.values()))
        if gekozen is None or _kan_een_ander_zijn(gekozen):
            await self._op_naam()
            gekozen = keuze(list(self.kandidaten.values()))
        return await self._geen() if gekozen is None else await self._wel(gekozen)

    async def _op_adres(self) -> None:
        adres = {"postcode": self.client.postcode.replace(" ", "").upper(), "huisnummer": self.client.huisnummer}
        gevonden = await self.brp.zoek(OP_ADRES, **adres)
        if gevonden is None:
            gevonden = await self._op_adres_nauwer(adres)
        self.bewoners = list(gevonden)
        await self._lees([t for t in gevonden if self._kan_het_zijn(t)], OP_ADRES)

    async def _op_adres_nauwer(self, adres: dict[str, object]) -> Sequence[Treffer]:
        """A block of flats: by suffix, by birth date in both orders, and by the beginning of the name."""
        self.te_veel = True
        pogingen = list(_toevoegingen(self.client))
        geboren = self.client.geboortedatum
        pogingen += [{"geboortedatum": d.isoformat()} for d in (geboren, geboren and omgewisseld(geboren)) if d]
        if geboren is None:
            pogingen += [{"geslachtsnaam": naam} for naam in self._zoeknamen()]
        gevonden: dict[str, Treffer] = {}
        for poging in pogingen:
            for een in await self.brp.zoek(OP_ADRES, **adres, **poging) or ():
                gevonden[een.burgerservicenummer] = een
        return list(gevonden.values())

    async def _op_naam(self) -> None:
        geboren = self.client.geboortedatum
        if geboren is None or is_bedrijf(self.client.achternaam):
            return
        for datum in (geboren, omgewisseld(geboren)):
            for naam in self._zoeknamen():
                if datum is None or self._gevonden_op_naam():
                    return
                gevonden = await self.brp.zoek(OP_NAAM, geslachtsnaam=naam, geboortedatum=datum.isoformat())
                if gevonden is None:
                    self.te_veel = True
                await self._lees([t for t in gevonden or () if self._heet_zo(t)], OP_NAAM)

    async def _lees(self, treffers: Sequence[Treffer], vraag: str) -> None:
        nieuw = [t.burgerservicenummer for t in treffers if t.burgerservicenummer not in self.kandidaten]
        for wie in await self.brp.raadpleeg(nieuw) if nieuw else ():
            oordelen = [beoordeel(lezing, wie, vraag, self.op) for lezing in self.lezingen]
            self.kandidaten[wie.burgerservicenummer] = max(oordelen, key=lambda oordeel: oordeel.zekerheid)

    def _kan_het_zijn(self, een: Treffer) -> bool:
        """Whether it is worth reading this resident: not everybody at an address is anybody's business."""
        datum = vergelijk_datum(self.client.geboortedatum, een.geboorte)
        if datum in (Graad.GELIJK, Graad.VORM, Graad.DEELS) or self._heet_zo(een):
            return True
        gegeven = letters(self.lezingen[-1].voorletters)
        return datum is Graad.ONBEKEND and vergelijk_letters(gegeven, letters(een.voorletters)) >= Graad.VORM

    def _heet_zo(self, een: Treffer) -> bool:
        return any(
            vergelijk_namen(lezing.voorvoegsel, lezing.achternaam, [een.naam]) is not Graad.ANDERS
            for lezing in self.lezingen
        )

    def _zoeknamen(self) -> list[str]:
        return list(dict.fromkeys(naam for lezing in self.lezingen for naam in _zoeknamen(lezing)))

    def _gevonden_op_naam(self) -> bool:
        return any(k.vraag == OP_NAAM and k.zekerheid >= ZEKER for k in self.kandidaten.values())

    async def _wel(self, gekozen: Kandidaat) -> Bevinding:
        wie, bewijs = gekozen.wie, (gekozen.bewijs(),)
        status, reden, code = plaats(wie, self.regio)
        if status is Koppelstatus.GEKOPPELD:
            return await gekoppeld(self.brp, wie, code, self.op, bewijs, () if self.te_veel else self.bewoners)
        if status is Koppelstatus.GEEN_INWONER:
            code = await self._gemeente_van_adres()
        return Bevinding(status, code, reden=reden, kandidaten=1, bewijs=bewijs)

    async def _geen(self) -> Bevinding:
        mogelijk = sorted((k for k in self.kandidaten.values() if k.zekerheid > 0.3), key=lambda k: -k.zekerheid)
        reden = "onzeker" if mogelijk else "teveelTreffers" if self.te_veel else "geenTreffer"
        if sum(k.zekerheid >= ZEKER for k in mogelijk) > 1:
            reden = "meerKandidaten"
        if is_bedrijf(self.client.achternaam):
            reden = "bedrijfsnaam"
        return Bevinding(
            Koppelstatus.UITVAL, await self._gemeente_van_adres(), reden=reden, kandidaten=len(mogelijk),
            bewijs=tuple(k.bewijs() for k in mogelijk[:3]),
        )  # fmt: skip

    async def _gemeente_van_adres(self) -> str:
        """The municipality of who lives at the address that was given, as far as the BRP tells and we serve it."""
        hier = [k.wie for k in self.kandidaten.values() if k.vraag == OP_ADRES and not k.wie.overleden]
        if not hier and self.bewoners:
            hier = list(await self.brp.raadpleeg([self.bewoners[0].burgerservicenummer]))
        code = next((wie.gemeentecode for wie in hier if wie.gemeentecode), None)
        return code if code in self.regio else REGIOBALIE


def _kan_een_ander_zijn(gekozen: Kandidaat) -> bool:
    """Who lives there, but with other initials or another birth date, may be a namesake of whom it is about."""
    v = gekozen.vergelijking
    return v.voorletters in (Graad.ANDERS, Graad.DEELS) or v.geboortedatum in (Graad.VORM, Graad.DEELS)


def plaats(wie: Ingeschrevene, regio: frozenset[str]) -> tuple[Koppelstatus, str, str]:
    """What it means where (and whether) a person lives: status, reason and municipality."""
    code = wie.gemeentecode if wie.gemeentecode in regio else None
    if wie.overleden:
        return Koppelstatus.OVERLEDEN, "overleden", code or REGIOBALIE
    if wie.opschorting in WEG or wie.soort_verblijf == "VerblijfplaatsBuitenland" or (wie.gemeentecode and not code):
        return Koppelstatus.GEEN_INWONER, "anderePlaats", REGIOBALIE
    if wie.opschorting or wie.niet_op_adres or wie.woont is None or code is None:
        return Koppelstatus.UITVAL, "verblijfOnbekend", code or REGIOBALIE
    return Koppelstatus.GEKOPPELD, "", code


async def gekoppeld(
    brp: Brp, wie: Ingeschrevene, gemeentecode: str, op: date, bewijs: tuple[Bewijs, ...],
    bewoners: Iterable[Treffer] = (),
) -> Bevinding:  # fmt: skip
    """The finding that it is this person; `bewoners` are those already found at the address that was given."""
    thuis = await _bewoners(brp, wie, bewoners)
    return Bevinding(
        Koppelstatus.GEKOPPELD, gemeentecode, wie=wie, leeftijd=wie.geboorte.leeftijd(op), bewijs=bewijs,
        minderjarigen=minderjarigen(wie, thuis, op), huishouden=huishouden(wie, thuis, op),
        thuis=tuple(een for een in thuis or () if een.woont_er),
    )  # fmt: skip


async def _bewoners(brp: Brp, wie: Ingeschrevene, bewoners: Iterable[Treffer]) -> Sequence[Treffer] | None:
    """Who are registered at its address: asked only where that was not seen yet; None where that can't be told."""
    thuis = [een for een in bewoners if een.adresregels == wie.adresregels]
    if any(een.burgerservicenummer == wie.burgerservicenummer for een in thuis):
        return thuis
    return await brp.zoek(OP_OBJECT, adresseerbaarObjectIdentificatie=wie.object) if wie.object else None


def _toevoegingen(client: Client) -> Iterable[dict[str, str]]:
    """The suffix in the forms the BRP may have it in: letter, addition, or both."""
    letter = re.sub(r"[^A-Za-z]", "", kaal(client.huisletter or ""))[:1]
    extra = re.sub(r"[^A-Za-z0-9 ]", "", kaal(client.huisnummertoevoeging or "")).strip()[:4]
    if letter:
        yield {"huisletter": letter} | ({"huisnummertoevoeging": extra} if extra else {})
    elif extra:
        yield {"huisnummertoevoeging": extra}
        if extra.lstrip("0") not in ("", extra):
            yield {"huisnummertoevoeging": extra.lstrip("0")}
        if extra[0].isalpha():
            rest = extra[1:].strip()
            yield {"huisletter": extra[0]} | ({"huisnummertoevoeging": rest} if rest else {})


def _zoeknamen(client: Client) -> list[str]:
    """What to ask for: the surname without prefixes, each half of a double name, and their beginnings for spellings."""
    namen = [" ".join(kern(woorden(deel))) for deel in (client.achternaam, *client.achternaam.split("-"))]
    heel = re.sub(r"[^A-Za-z0-9 .'\-]", "", kaal(client.achternaam)).strip()
    stammen = [heel, *namen, *(naam.replace(" ", "-") for naam in namen)]
    gevraagd = [naam for naam in dict.fromkeys(s.lower() for s in stammen) if naam]
    for naam in namen:
        vormen = (naam, naam.replace("ij", "y"), naam.replace("y", "ij"))
        gevraagd += [f"{vorm[:KORTSTE_BEGIN]}*" for vorm in vormen if len(vorm) >= KORTSTE_BEGIN]
    return list(dict.fromkeys(gevraagd))
