"""How a partner writes a client down: with the slips that make matching hard (loep: spelling, prefixes, diacritics)."""

import unicodedata
from collections.abc import Callable
from random import Random
from typing import Any

from drempel.region.adressen import Adres
from drempel.region.huishoudens import Huishouden, Inwoner

Velden = dict[str, Any]


def client(rng: Random, thuis: Huishouden, lid: Inwoner, adres: Adres, *, slips: bool = True) -> Velden:
    """The client block of the intake contract; what the partner does not know is left out."""
    naam = unicodedata.normalize("NFKD", lid.geslachtsnaam).encode("ascii", "ignore").decode().lower()
    velden: Velden = {
        "voorletters": lid.voorletters,
        "voorvoegsel": lid.voorvoegsel or None,
        "achternaam": lid.geslachtsnaam,
        "geboortedatum": lid.geboortedatum.isoformat(),
        "postcode": adres.postcode,
        "huisnummer": adres.huisnummer,
        "huisletter": adres.huisletter,
        "huisnummertoevoeging": adres.huisnummertoevoeging,
        "telefoonnummer": f"061234{int(lid.burgerservicenummer) % 10_000:04d}",
        "email": f"{lid.voornamen[0][0].lower()}.{''.join(filter(str.isalnum, naam))}@example.org",
    }
    if lid.naamgebruik in "PV" and thuis.verbintenis:
        _partnernaam(velden, thuis.leden[0], lid)
    for kans, slip in SLIPS if slips else ():
        if rng.random() < kans:
            slip(rng, velden)
    return {veld: waarde for veld, waarde in velden.items() if waarde is not None}


def _partnernaam(velden: Velden, partner: Inwoner, lid: Inwoner) -> None:
    velden["voorvoegsel"] = partner.voorvoegsel or None
    velden["achternaam"] = partner.geslachtsnaam
    if lid.naamgebruik == "V":
        eigen = f"{lid.voorvoegsel} {lid.geslachtsnaam}".strip()
        velden["achternaam"] = f"{partner.geslachtsnaam}-{eigen}"


def _weg(veld: str) -> Callable[[Random, Velden], None]:
    return lambda _rng, velden: velden.update({veld: None})


def _naam(vervang: Callable[[str], str]) -> Callable[[Random, Velden], None]:
    return lambda _rng, velden: velden.update(achternaam=vervang(velden["achternaam"]))


def _zonder_diakriet(naam: str) -> str:
    kaal = naam.translate(str.maketrans("ıłŁ", "ilL"))
    return "".join(teken for teken in unicodedata.normalize("NFKD", kaal) if not unicodedata.combining(teken))


def _voorvoegsel_in_naam(_rng: Random, velden: Velden) -> None:
    if velden["voorvoegsel"]:
        velden["achternaam"] = f"{velden['voorvoegsel']} {velden['achternaam']}"
        velden["voorvoegsel"] = None


def _geboortedatum_omgewisseld(_rng: Random, velden: Velden) -> None:
    jaar, maand, dag = velden["geboortedatum"].split("-") if velden["geboortedatum"] else ("", "", "99")
    if int(dag) <= 12:
        velden["geboortedatum"] = f"{jaar}-{dag}-{maand}"


def _voorletters(rng: Random, velden: Velden) -> None:
    letters = velden["voorletters"].replace(".", "")
    velden["voorletters"] = rng.choice((letters, letters[0], " ".join(f"{letter}." for letter in letters)))


def _postcodevorm(rng: Random, velden: Velden) -> None:
    cijfers, letters = velden["postcode"][:4], velden["postcode"][4:]
    velden["postcode"] = rng.choice((f"{cijfers} {letters}", f"{cijfers}{letters.lower()}"))


def _postcodecijfer(rng: Random, velden: Velden) -> None:
    velden["postcode"] = velden["postcode"][:3] + str(rng.randint(0, 9)) + velden["postcode"][4:]


def _huisnummer_samen(_rng: Random, velden: Velden) -> None:
    if velden["huisletter"]:
        velden["huisnummer"] = f"{velden['huisnummer']}{velden['huisletter']}"
        velden["huisletter"] = None


def _huisnummer_kaal(_rng: Random, velden: Velden) -> None:
    velden["huisletter"] = velden["huisnummertoevoeging"] = None


def _telefoonvorm(rng: Random, velden: Velden) -> None:
    rest = velden["telefoonnummer"][2:]
    velden["telefoonnummer"] = rng.choice((f"+316{rest}", f"06-{rest}", f"+31(0)6-{rest}", f"06 {rest[:4]} {rest[4:]}"))


def _telefoon_ongeldig(rng: Random, velden: Velden) -> None:
    velden["telefoonnummer"] = rng.choice(("06123456", "0000000000", "onbekend", "31-6"))


SLIPS: tuple[tuple[float, Callable[[Random, Velden], None]], ...] = (
    (0.30, _telefoonvorm),
    (0.05, _telefoon_ongeldig),
    (0.10, _weg("telefoonnummer")),
    (0.32, _weg("email")),
    (0.25, _voorletters),
    (0.02, _weg("voorletters")),
    (0.01, _geboortedatum_omgewisseld),
    (0.03, _weg("geboortedatum")),
    (0.04, _naam(_zonder_diakriet)),
    (0.02, _naam(lambda naam: naam.replace("ij", "y").replace("IJ", "Y"))),
    (0.01, _naam(lambda naam: naam.replace("ss", "s"))),
    (0.02, _naam(str.upper)),
    (0.02, _naam(lambda naam: f" {naam} ")),
    (0.03, _voorvoegsel_in_naam),
    (0.01, _weg("voorvoegsel")),
    (0.05, _postcodevorm),
    (0.005, _postcodecijfer),
    (0.20, _huisnummer_samen),
    (0.02, _huisnummer_kaal),
)
"""Chance and slip, in the order of application; the sizes are an assumption (mismatch is not published)."""
