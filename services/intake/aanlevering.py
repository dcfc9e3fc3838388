"""One row of a delivery: what a partner may write down, and the first field in which it is wrong.

The order of judgement is the order of the fields in the contract. Rules: contract, "Definitions"; Bgs art. 2
(the four steps of a landlord), DDAS (enumerations). A verdict names field and rule, never the value.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from libs.chassis.strict import clean
from libs.events.values import Client, Signaalpartner, Signaalsoort, SocialeIncasso

SOCIALE_INCASSO = ("persoonlijkContact", "gewezenOpHulp", "schriftelijkeHerinnering", "aanbodGegevensdeling")
CLIENT = ("voorletters", "voorvoegsel", "achternaam", "geboortedatum", "postcode", "huisnummer", "huisletter",
          "huisnummertoevoeging", "telefoonnummer", "email")  # fmt: skip
LOOSE = ("kenmerk", "soort", "bedrag", "ontstaansdatum", "signaaldatum", "crisissignaal", "warmeOverdracht",
         "einddatumLevering")  # fmt: skip
LARGEST = Decimal("9999999.99")
_POSTCODE = re.compile(r"^[1-9][0-9]{3}[A-Z]{2}$")
_HUISNUMMER = re.compile(r"^([0-9]{1,5})[\s\-/]*([A-Za-z])?[\s\-/]*([A-Za-z0-9][A-Za-z0-9\s\-/]{0,10})?$")
_TELEFOON = re.compile(r"^(?:\+31|0031|0)[1-9][0-9]{8}$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$")


class Fout(Exception):
    """A field is wrong: its dotted path and the code of the rule."""

    def __init__(self, veld: str, code: str) -> None:
        super().__init__(f"{veld}: {code}")
        self.veld = veld
        self.code = code


@dataclass(frozen=True, slots=True)
class Aanlevering:
    """A row that passed."""

    kenmerk: str
    soort: Signaalsoort
    bedrag: Decimal | None
    ontstaansdatum: date | None
    signaaldatum: date
    crisissignaal: bool
    warme_overdracht: bool
    einddatum_levering: date | None
    client: Client
    telefoon_bruikbaar: bool
    email_bruikbaar: bool
    sociale_incasso: SocialeIncasso | None

    @property
    def periode(self) -> str:
        """Month of the signaaldatum."""
        return f"{self.signaaldatum:%Y-%m}"


def lees(rij: object, signaalpartner: Signaalpartner, vandaag: date) -> Aanlevering:
    """Judge one row (nested names, values as JSON or as CSV text); raises Fout for the first field that is wrong."""
    if not isinstance(rij, Mapping):
        raise Fout("", "geenObject")
    kenmerk = _tekst(rij, "kenmerk", "kenmerk", 100, verplicht=True)
    soort = _soort(rij)
    bedrag = _bedrag(rij, verplicht=soort is not Signaalsoort.ZORGMELDING)
    ontstaan = _datum(rij, "ontstaansdatum", "ontstaansdatum")
    signaal = _datum(rij, "signaaldatum", "signaaldatum", verplicht=True)
    assert kenmerk is not None and signaal is not None  # noqa: S101
    if signaal > vandaag:
        raise Fout("signaaldatum", "inDeToekomst")
    crisis, warm = _ja_nee(rij, "crisissignaal", "crisissignaal"), _ja_nee(rij, "warmeOverdracht", "warmeOverdracht")
    einde = _datum(rij, "einddatumLevering", "einddatumLevering")
    client = _client(rij.get("client"), vandaag)
    incasso = _sociale_incasso(rij.get("socialeIncasso"), signaalpartner, soort)
    _onbekend(rij, (*LOOSE, "client", "socialeIncasso"), "")
    return Aanlevering(
        kenmerk, soort, bedrag, ontstaan, signaal, crisis, warm, einde, client,
        client.telefoonnummer is not None and _TELEFOON.match(client.telefoonnummer) is not None,
        client.email is not None and _EMAIL.match(client.email) is not None, incasso,
    )  # fmt: skip


def _client(gegeven: object, vandaag: date) -> Client:
    if not isinstance(gegeven, Mapping):
        raise Fout(
            "client" if gegeven is not None else "client.achternaam",
            "geenObject" if gegeven is not None else "verplicht",
        )
    voorletters = _tekst(gegeven, "voorletters", "client.voorletters", 50)
    voorvoegsel = _tekst(gegeven, "voorvoegsel", "client.voorvoegsel", 50)
    achternaam = _tekst(gegeven, "achternaam", "client.achternaam", 200, verplicht=True)
    geboren = _datum(gegeven, "geboortedatum", "client.geboortedatum")
    if geboren is not None and geboren > vandaag:
        raise Fout("client.geboortedatum", "inDeToekomst")
    postcode = _postcode(gegeven)
    nummer, letter, toevoeging = _huisnummer(gegeven)
    telefoon = _tekst(gegeven, "telefoonnummer", "client.telefoonnummer", 40)
    email = _tekst(gegeven, "email", "client.email", 254)
    _onbekend(gegeven, CLIENT, "client.")
    return Client(
        voorletters=voorletters, voorvoegsel=voorvoegsel, achternaam=achternaam or "", geboortedatum=geboren,
        postcode=postcode, huisnummer=nummer, huisletter=letter, huisnummertoevoeging=toevoeging,
        telefoonnummer=_compact(telefoon), email=email,
    )  # fmt: skip


def _tekst(rij: Mapping[str, Any], naam: str, veld: str, langste: int, *, verplicht: bool = False) -> str | None:
    waarde = rij.get(naam)
    if waarde is not None and not isinstance(waarde, str):
        raise Fout(veld, "geenTekst")
    if waarde is not None and not clean(waarde):
        raise Fout(veld, "stuurteken")
    tekst = waarde.strip() if waarde else ""
    if len(tekst) > langste:
        raise Fout(veld, "teLang")
    if not tekst and verplicht:
        raise Fout(veld, "verplicht")
    return tekst or None


def _soort(rij: Mapping[str, Any]) -> Signaalsoort:
    tekst = _tekst(rij, "soort", "soort", 40)
    try:
        return Signaalsoort(tekst) if tekst else Signaalsoort.VROEGSIGNAAL
    except ValueError:
        raise Fout("soort", "onbekendeWaarde") from None


def _bedrag(rij: Mapping[str, Any], *, verplicht: bool) -> Decimal | None:
    waarde = rij.get("bedrag")
    if waarde is None or waarde == "":
        if verplicht:
            raise Fout("bedrag", "verplicht")
        return None
    if isinstance(waarde, bool) or not isinstance(waarde, int | float | Decimal | CsvTekst):
        raise Fout("bedrag", "geenGetal")
    try:
        bedrag = Decimal(str(waarde).strip().replace(",", "."))
    except InvalidOperation:
        raise Fout("bedrag", "geenGetal") from None
    if not bedrag.is_finite() or bedrag <= 0:
        raise Fout("bedrag", "nietPositief")
    if bedrag > LARGEST:
        raise Fout("bedrag", "teGroot")
    if bedrag != bedrag.quantize(Decimal("0.01")):
        raise Fout("bedrag", "meerDanTweeDecimalen")
    return bedrag.quantize(Decimal("0.01"))


class CsvTekst(str):
    """A value from a CSV file, where everything is text: numbers and booleans are read from it."""

    __slots__ = ()


def _datum(rij: Mapping[str, Any], naam: str, veld: str, *, verplicht: bool = False) -> date | None:
    tekst = _tekst(rij, naam, veld, 40, verplicht=verplicht)
    if tekst is None:
        return None
    try:
        if len(tekst) != 10:
            raise ValueError
        return date.fromisoformat(tekst)
    except ValueError:
        raise Fout(veld, "geenDatum") from None


_WAAR: Mapping[str, bool] = {"true": True, "ja": True, "1": True, "false": False, "nee": False, "0": False, "": False}


def _ja_nee(rij: Mapping[str, Any], naam: str, veld: str, *, verplicht: bool = False) -> bool:
    waarde = rij.get(naam)
    if waarde is None or (waarde == "" and isinstance(waarde, CsvTekst)):
        if verplicht:
            raise Fout(veld, "verplicht")
        return False
    if isinstance(waarde, bool):
        return waarde
    if isinstance(waarde, CsvTekst) and waarde.strip().lower() in _WAAR:
        return _WAAR[waarde.strip().lower()]
    raise Fout(veld, "geenJaNee")


def _postcode(client: Mapping[str, Any]) -> str:
    tekst = _tekst(client, "postcode", "client.postcode", 20, verplicht=True) or ""
    postcode = re.sub(r"[\s.\-]", "", tekst).upper()
    if not _POSTCODE.match(postcode):
        raise Fout("client.postcode", "formaat")
    return postcode


def _huisnummer(client: Mapping[str, Any]) -> tuple[int, str | None, str | None]:
    """Number, letter, addition; a number with its suffix in it ("10A", "52B  2") is taken apart."""
    waarde = client.get("huisnummer")
    if waarde is None or waarde == "":
        raise Fout("client.huisnummer", "verplicht")
    if isinstance(waarde, bool) or not isinstance(waarde, int | str):
        raise Fout("client.huisnummer", "geenGetal")
    if isinstance(waarde, str) and not clean(waarde):
        raise Fout("client.huisnummer", "stuurteken")
    gevonden = _HUISNUMMER.match(str(waarde).strip())
    if gevonden is None or not 0 < int(gevonden[1]) < 100_000:
        raise Fout("client.huisnummer", "formaat")
    letter = _tekst(client, "huisletter", "client.huisletter", 10)
    toevoeging = _tekst(client, "huisnummertoevoeging", "client.huisnummertoevoeging", 20)
    return int(gevonden[1]), letter or gevonden[2], toevoeging or (gevonden[3] or "").strip() or None


def _compact(telefoon: str | None) -> str | None:
    """A telephone number without spaces, dashes and the bracketed zero."""
    return re.sub(r"[\s\-.()]", "", telefoon.replace("(0)", "")) if telefoon else None


def _sociale_incasso(gegeven: object, partner: Signaalpartner, soort: Signaalsoort) -> SocialeIncasso | None:
    """Bgs art. 2: a landlord may signal only after these four steps, and not when the tenant refused."""
    verplicht = partner is Signaalpartner.HUUR and soort is not Signaalsoort.ZORGMELDING
    if gegeven is None:
        gegeven = {}
    if not isinstance(gegeven, Mapping):
        raise Fout("socialeIncasso", "geenObject")
    datums = [_datum(gegeven, naam, f"socialeIncasso.{naam}", verplicht=verplicht) for naam in SOCIALE_INCASSO]
    weigerde = _ja_nee(gegeven, "huurderWeigerde", "socialeIncasso.huurderWeigerde", verplicht=verplicht)
    if weigerde and partner is Signaalpartner.HUUR:
        raise Fout("socialeIncasso.huurderWeigerde", "huurderWeigerde")
    _onbekend(gegeven, (*SOCIALE_INCASSO, "huurderWeigerde"), "socialeIncasso.")
    contact, hulp, herinnering, aanbod = datums
    if contact is None or hulp is None or herinnering is None or aanbod is None:
        return None
    return SocialeIncasso(
        persoonlijk_contact=contact, gewezen_op_hulp=hulp, schriftelijke_herinnering=herinnering,
        aanbod_gegevensdeling=aanbod, huurder_weigerde=weigerde,
    )  # fmt: skip


def _onbekend(rij: Mapping[str, Any], bekend: tuple[str, ...], voor: str) -> None:
    """An unknown field is a mistake in a known one; naming it needs only its place, not what somebody typed."""
    if any(naam not in bekend for naam in rij):
        raise Fout(voor.rstrip("."), "onbekendVeld")


Lees = Callable[[object, Signaalpartner, date], Aanlevering]
