"""One row of a delivery: what a partner may write down, and the first field in which it is wrong.

The order of judgement is the order of the fields in the contract. Rules: contract, "Definitions"; Bgs art. 2
(the four steps of a landlord), DDAS (enumerations). A verdict names field and rule, never the value.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from libs.chassis.strict import FIELD_NAME
from libs.events.values import EERSTE_GEBOORTE, Client, Signaalpartner, Signaalsoort, SocialeIncasso
from services.intake.velden import CsvTekst, Fout, lees_datum, lees_ja_nee, lees_tekst, lees_verleden, lees_verplicht

SOCIALE_INCASSO = ("persoonlijkContact", "gewezenOpHulp", "schriftelijkeHerinnering", "aanbodGegevensdeling")
CLIENT = ("voorletters", "voorvoegsel", "achternaam", "geboortedatum", "postcode", "huisnummer", "huisletter",
          "huisnummertoevoeging", "telefoonnummer", "email")  # fmt: skip
SIGNAAL = ("kenmerk", "soort", "bedrag", "ontstaansdatum", "signaaldatum", "crisissignaal", "warmeOverdracht",
           "einddatumLevering")  # fmt: skip
KOLOMMEN = frozenset({*SIGNAAL, *(f"client.{naam}" for naam in CLIENT),
                      *(f"socialeIncasso.{naam}" for naam in (*SOCIALE_INCASSO, "huurderWeigerde"))})  # fmt: skip
"""What a CSV file may have as columns: the fields, a nested one with its dotted path."""

LARGEST = Decimal("9999999.99")
_BEDRAG = re.compile(r"[+-]?[0-9]{1,20}(?:[.,][0-9]{1,20})?")
_POSTCODE = re.compile(r"[1-9][0-9]{3}[A-Za-z]{2}")
_TUSSENTEKENS = re.compile(r"[\s.\-]")
_HUISNUMMER = re.compile(
    r"([0-9]{1,5})(?![0-9])[\s\-/]*(?:([A-Za-z])(?![A-Za-z]))?[\s\-/]*([A-Za-z0-9][A-Za-z0-9\s\-/]{0,10})?", re.ASCII
)
_HUISLETTER = re.compile(r"[A-Za-z]")
_TELEFOON = re.compile(r"(?:\+31|0031|0)[1-9][0-9]{8}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


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
        return self.signaaldatum.isoformat()[:7]

    @property
    def onbruikbaar(self) -> tuple[str, ...]:
        """Dotted paths of what was given but can't be used to reach anybody; it is reported, not refused."""
        gegeven = (("client.telefoonnummer", self.client.telefoonnummer, self.telefoon_bruikbaar),
                   ("client.email", self.client.email, self.email_bruikbaar))  # fmt: skip
        return tuple(veld for veld, waarde, bruikbaar in gegeven if waarde and not bruikbaar)


def lees(rij: object, signaalpartner: Signaalpartner, vandaag: date) -> Aanlevering:
    """Judge one row (nested names, values as JSON or as CSV text); raises Fout for the first field that is wrong."""
    if not isinstance(rij, dict):
        raise Fout("body", "geenObject")
    kenmerk = lees_verplicht(rij, "kenmerk", "kenmerk", 100)
    soort = _soort(rij)
    bedrag = _bedrag(rij, verplicht=soort is not Signaalsoort.ZORGMELDING)
    ontstaan = lees_verleden(rij, "ontstaansdatum", "ontstaansdatum", vandaag)
    signaal = lees_verleden(rij, "signaaldatum", "signaaldatum", vandaag, verplicht=True)
    if signaal is None:
        raise Fout("signaaldatum", "verplicht")
    if ontstaan is not None and ontstaan > signaal:
        raise Fout("ontstaansdatum", "naSignaaldatum")
    crisis, warm = (
        lees_ja_nee(rij, "crisissignaal", "crisissignaal"),
        lees_ja_nee(rij, "warmeOverdracht", "warmeOverdracht"),
    )
    einde = lees_datum(rij, "einddatumLevering", "einddatumLevering")
    client = _client(rij.get("client"), vandaag)
    incasso = _sociale_incasso(rij.get("socialeIncasso"), signaalpartner, soort, signaal, vandaag)
    _onbekend(rij, (*SIGNAAL, "client", "socialeIncasso"), "")
    return Aanlevering(
        kenmerk, soort, bedrag, ontstaan, signaal, crisis, warm, einde, client,
        client.telefoonnummer is not None and _TELEFOON.fullmatch(client.telefoonnummer) is not None,
        client.email is not None and _EMAIL.fullmatch(client.email) is not None, incasso,
    )  # fmt: skip


def kenmerk_van(rij: object) -> str | None:
    """The partner's own reference in a row that was refused, where it can be read."""
    if not isinstance(rij, dict):
        return None
    try:
        return lees_tekst(rij, "kenmerk", "kenmerk", 100)
    except Fout:
        return None


def _client(gegeven: object, vandaag: date) -> Client:
    if gegeven is None:
        raise Fout("client.achternaam", "verplicht")
    if not isinstance(gegeven, dict):
        raise Fout("client", "geenObject")
    voorletters = lees_tekst(gegeven, "voorletters", "client.voorletters", 50)
    voorvoegsel = lees_tekst(gegeven, "voorvoegsel", "client.voorvoegsel", 50)
    achternaam = lees_verplicht(gegeven, "achternaam", "client.achternaam", 200)
    geboren = lees_verleden(gegeven, "geboortedatum", "client.geboortedatum", vandaag, vroegst=EERSTE_GEBOORTE)
    postcode = _postcode(gegeven)
    nummer, letter, toevoeging = _huisnummer(gegeven)
    telefoon = lees_tekst(gegeven, "telefoonnummer", "client.telefoonnummer", 40)
    email = lees_tekst(gegeven, "email", "client.email", 254)
    _onbekend(gegeven, CLIENT, "client.")
    return Client(
        voorletters=voorletters, voorvoegsel=voorvoegsel, achternaam=achternaam, geboortedatum=geboren,
        postcode=postcode, huisnummer=nummer, huisletter=letter, huisnummertoevoeging=toevoeging,
        telefoonnummer=_compact(telefoon), email=email,
    )  # fmt: skip


def _soort(rij: Mapping[str, Any]) -> Signaalsoort:
    tekst = lees_tekst(rij, "soort", "soort", 40)
    try:
        return Signaalsoort(tekst) if tekst else Signaalsoort.VROEGSIGNAAL
    except ValueError:
        raise Fout("soort", "onbekendeWaarde") from None


def _bedrag(rij: Mapping[str, Any], *, verplicht: bool) -> Decimal | None:
    """Euros. A care case needs none, and zero says so too."""
    waarde = rij.get("bedrag")
    if waarde is None or (isinstance(waarde, CsvTekst) and not waarde.strip()):
        if verplicht:
            raise Fout("bedrag", "verplicht")
        return None
    bedrag = _getal(waarde)
    if bedrag == 0 and not verplicht:
        return None
    if bedrag <= 0:
        raise Fout("bedrag", "nietPositief")
    if bedrag > LARGEST:
        raise Fout("bedrag", "teGroot")
    if bedrag != bedrag.quantize(Decimal("0.01")):
        raise Fout("bedrag", "meerDanTweeDecimalen")
    return bedrag.quantize(Decimal("0.01"))


def _getal(waarde: object) -> Decimal:
    if isinstance(waarde, CsvTekst) and _BEDRAG.fullmatch(waarde.strip()):
        return Decimal(waarde.strip().replace(",", "."))
    if isinstance(waarde, int | Decimal) and not isinstance(waarde, bool):
        return Decimal(waarde)
    raise Fout("bedrag", "geenGetal")


def _postcode(client: Mapping[str, Any]) -> str:
    postcode = _TUSSENTEKENS.sub("", lees_verplicht(client, "postcode", "client.postcode", 20))
    if not _POSTCODE.fullmatch(postcode):
        raise Fout("client.postcode", "formaat")
    return postcode.upper()


def _huisnummer(client: Mapping[str, Any]) -> tuple[int, str | None, str | None]:
    """Number, letter, addition; a number with its suffix in it ("10A", "10-2", "10bis") is taken apart."""
    waarde = client.get("huisnummer")
    if isinstance(waarde, int) and not isinstance(waarde, bool):
        tekst = str(waarde)
    elif waarde is None or isinstance(waarde, str):
        tekst = lees_verplicht(client, "huisnummer", "client.huisnummer", 40)
    else:
        raise Fout("client.huisnummer", "geenGetal")
    gevonden = _HUISNUMMER.fullmatch(tekst)
    if gevonden is None or int(gevonden[1]) == 0:
        raise Fout("client.huisnummer", "formaat")
    letter = lees_tekst(client, "huisletter", "client.huisletter", 10)
    if letter is not None and not _HUISLETTER.fullmatch(letter):
        raise Fout("client.huisletter", "formaat")
    toevoeging = lees_tekst(client, "huisnummertoevoeging", "client.huisnummertoevoeging", 20)
    return int(gevonden[1]), letter or gevonden[2], toevoeging or (gevonden[3] or "").strip() or None


def _compact(telefoon: str | None) -> str | None:
    """A telephone number without spaces, dashes and the bracketed zero."""
    return re.sub(r"[\s\-.()]", "", telefoon.replace("(0)", "")) if telefoon else None


def _sociale_incasso(
    gegeven: object, partner: Signaalpartner, soort: Signaalsoort, signaal: date, vandaag: date
) -> SocialeIncasso | None:
    """Bgs art. 2: a landlord may signal only after these four steps, and not when the tenant refused."""
    verplicht = partner is Signaalpartner.HUUR and soort is not Signaalsoort.ZORGMELDING
    if gegeven is None:
        gegeven = {}
    if not isinstance(gegeven, dict):
        raise Fout("socialeIncasso", "geenObject")
    datums = []
    for naam in SOCIALE_INCASSO:
        veld = f"socialeIncasso.{naam}"
        datums.append(datum := lees_verleden(gegeven, naam, veld, vandaag, verplicht=verplicht))
        if datum is not None and datum > signaal:
            raise Fout(veld, "naSignaaldatum")
    weigerde = lees_ja_nee(gegeven, "huurderWeigerde", "socialeIncasso.huurderWeigerde", verplicht=verplicht)
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
    """An unknown field is refused by its name where that reads as a field's name, else by its place alone."""
    for naam in rij:
        if naam not in bekend:
            genoemd = voor + naam if isinstance(naam, str) and FIELD_NAME.fullmatch(naam) else voor.rstrip(".")
            raise Fout(genoemd or "body", "onbekendVeld")
