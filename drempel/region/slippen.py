"""One slip of a partner's pen each, by the name the report gives it: what an official still recognises.

A slip takes what is known of the person and the client block as it should be, and gives the block with one thing
wrong; None where it does not apply. Causes of fall-out: Divosa, onder de loep (spelling, prefixes, diacritics, maiden
names, companies), and what else deliveries are known for.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from random import Random

from drempel.region.huishoudens import Huishouden, Inwoner
from drempel.region.ruis import Velden

Slip = Callable[[Random, Huishouden, Inwoner, Velden], Velden | None]
_KLANKEN = (("ij", "y"), ("ij", "ei"), ("ck", "k"), ("dt", "t"), ("th", "t"), ("ae", "aa"), ("sch", "sg"), ("ph", "f"),
            ("c", "k"), ("z", "s"), ("f", "v"), ("oe", "u"), ("uy", "ui"), ("y", "ij"), ("ei", "ij"))  # fmt: skip
_UMLAUT = str.maketrans({"ö": "oe", "ü": "ue", "ä": "ae", "Ö": "Oe", "Ü": "Ue", "Ä": "Ae"})


def _s_en_ss(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    naam = str(velden["achternaam"])
    if "ss" in naam:
        return {"achternaam": naam.replace("ss", "s", 1)}
    plek = next((m.start() for m in re.finditer(r"(?<=[a-z])s(?=[a-z])", naam)), -1)
    return {"achternaam": f"{naam[:plek]}s{naam[plek:]}"} if plek > 0 else None


def _klank(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    naam = str(velden["achternaam"])
    kan = [(van, naar) for van, naar in _KLANKEN if van in naam[1:]]
    if not kan or len(naam) < 5 or re.search("[ue]ij", naam):
        return None
    van, naar = rng.choice(kan)
    return {"achternaam": naam[0] + naam[1:].replace(van, naar, 1)}


def _tikfout(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    naam = str(velden["achternaam"])
    if len(naam) < 6 or not naam.isalpha():
        return None
    plek = rng.randint(1, len(naam) - 3)
    weg, dubbel = naam[:plek] + naam[plek + 1 :], naam[:plek] + naam[plek] + naam[plek:]
    om = naam[:plek] + naam[plek + 1] + naam[plek] + naam[plek + 2 :]
    return {"achternaam": rng.choice((weg, dubbel, om))}


def _zonder_diakriet(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    naam = str(velden["achternaam"])
    ontleed = unicodedata.normalize("NFKD", naam.translate(str.maketrans("ıłŁ", "ilL")))
    kaal = "".join(teken for teken in ontleed if not unicodedata.combining(teken))
    return {"achternaam": kaal} if kaal != naam else None


def _umlaut(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    naam = str(velden["achternaam"])
    anders = naam.translate(_UMLAUT)
    return {"achternaam": anders} if anders != naam else None


def _diakriet_kapot(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    """A file read in the wrong encoding."""
    naam = str(velden["achternaam"])
    kapot = "".join(teken if teken.isascii() else "?" for teken in naam)
    return {"achternaam": kapot} if kapot != naam and len(naam) >= 3 * kapot.count("?") else None


def _dubbel_gecodeerd(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    """UTF-8 taken for Windows-1252."""
    naam = str(velden["achternaam"])
    try:
        anders = naam.encode("utf-8").decode("cp1252")
    except UnicodeError:
        return None
    return {"achternaam": anders} if anders != naam else None


def _voorvoegsel(maak: Callable[[str, str], Velden]) -> Slip:
    def slip(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
        voor, naam = velden["voorvoegsel"], str(velden["achternaam"])
        return maak(str(voor), naam) if voor else None

    return slip


def _kort(voorvoegsel: str, naam: str) -> Velden:
    kort = {"van der": "v.d.", "van den": "v/d", "van de": "vd", "van": "v.", "de": "d'", "van 't": "v 't"}
    return {"voorvoegsel": kort.get(voorvoegsel, voorvoegsel[:1] + "."), "achternaam": naam}


def _namen(maak: Callable[[Inwoner, Inwoner], str]) -> Slip:
    """Another use of a married person's names; the partner comes second."""

    def slip(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
        if thuis.verbintenis is None or lid is not thuis.leden[1]:
            return None
        return {"voorvoegsel": None, "achternaam": maak(lid, thuis.leden[0])}

    return slip


def _voluit(lid: Inwoner) -> str:
    return f"{lid.voorvoegsel} {lid.geslachtsnaam}".strip()


def _veld(**anders: object) -> Slip:
    return lambda rng, thuis, lid, velden: dict(anders)


def _tekst(veld: str, maak: Callable[[str], str]) -> Slip:
    def slip(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
        was = str(velden[veld] or "")
        nieuw = maak(was)
        return {veld: nieuw} if was and nieuw != was else None

    return slip


def _datum_om(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    dag = lid.geboortedatum
    if dag.day > 12 or dag.day == dag.month:
        return None
    return {"geboortedatum": date(dag.year, dag.day, dag.month).isoformat()}


def _datum_een_deel(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    dag = lid.geboortedatum
    dag = dag.replace(day=min(dag.day, 28))
    nieuw = dag.replace(day=dag.day % 28 + 1) if rng.random() < 0.5 else dag.replace(year=dag.year - 1)
    return {"geboortedatum": nieuw.isoformat()} if lid.geboortedatum.day <= 28 else None


def _samen(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    a = thuis.adres
    deel = a.huisletter or a.huisnummertoevoeging
    if deel is None:
        return None
    tussen = rng.choice(("", " ", "-")) if a.huisletter else "-"
    return {"huisnummer": f"{a.huisnummer}{tussen}{deel}", "huisletter": None, "huisnummertoevoeging": None}


def _andere_kolom(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    letter = thuis.adres.huisletter
    return {"huisletter": None, "huisnummertoevoeging": letter.lower()} if letter else None


def _andere_vorm(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    extra = thuis.adres.huisnummertoevoeging
    vormen = {"2": ("02", "II", "-2", "2 "), "3": ("03", "III", " 3"), "HS": ("hs", "huis"), "BIS": ("bis", "Bis")}
    return {"huisnummertoevoeging": rng.choice(vormen[extra])} if extra in vormen else None


def _kale_nummer(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    a = thuis.adres
    return {"huisletter": None, "huisnummertoevoeging": None} if a.huisletter or a.huisnummertoevoeging else None


def _ander_nummer(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    return {"huisnummer": thuis.adres.huisnummer + 1000}


def _postcodecijfer(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    pc = thuis.adres.postcode
    return {"postcode": f"{pc[:3]}{(int(pc[3]) + rng.randint(1, 9)) % 10}{pc[4:]}"}


def _postcode_om(rng: Random, thuis: Huishouden, lid: Inwoner, velden: Velden) -> Velden | None:
    pc = thuis.adres.postcode
    return {"postcode": pc[:4] + pc[5] + pc[4]} if pc[4] != pc[5] else None


SLIPPEN: Mapping[str, Slip] = {
    "s of ss": _s_en_ss,
    "klank": _klank,
    "tikfout": _tikfout,
    "hoofdletters": _tekst("achternaam", str.upper),
    "spaties": _tekst("achternaam", lambda naam: f" {naam}  "),
    "zonder diakriet": _zonder_diakriet,
    "umlaut als oe": _umlaut,
    "diakriet kapot": _diakriet_kapot,
    "dubbel gecodeerd": _dubbel_gecodeerd,
    "voorvoegsel in naam": _voorvoegsel(lambda v, n: {"voorvoegsel": None, "achternaam": f"{v} {n}"}),
    "voorvoegsel achter naam": _voorvoegsel(lambda v, n: {"voorvoegsel": None, "achternaam": f"{n}, {v}"}),
    "voorvoegsel vast": _voorvoegsel(lambda v, n: {"voorvoegsel": None, "achternaam": f"{v}{n}".replace(" ", "")}),
    "voorvoegsel weg": _voorvoegsel(lambda v, n: {"voorvoegsel": None, "achternaam": n}),
    "voorvoegsel dubbel": _voorvoegsel(lambda v, n: {"voorvoegsel": v, "achternaam": f"{v} {n}"}),
    "voorvoegsel kort": _voorvoegsel(_kort),
    "voorvoegsel groot": _voorvoegsel(lambda v, n: {"voorvoegsel": v.upper(), "achternaam": n}),
    "partnernaam": _namen(lambda lid, partner: _voluit(partner)),
    "partnernaam en eigen": _namen(lambda lid, partner: f"{_voluit(partner)}-{_voluit(lid)}"),
    "eigen en partnernaam": _namen(lambda lid, partner: f"{_voluit(lid)} - {_voluit(partner)}"),
    "meisjesnaam": _namen(lambda lid, partner: _voluit(lid)),
    "partnernaam los": _namen(lambda lid, partner: f"{partner.geslachtsnaam} {lid.geslachtsnaam}"),
    "voorletters weg": _veld(voorletters=None),
    "een voorletter": _tekst("voorletters", lambda letters: letters[:1]),
    "voornaam voluit": lambda rng, thuis, lid, velden: {"voorletters": lid.voornamen[0]},
    "andere voorletter": _tekst("voorletters", lambda letters: "Q" if letters[0] != "Q" else "X"),
    "geboortedatum weg": _veld(geboortedatum=None),
    "geboortedatum 1900": _veld(geboortedatum="1900-01-01"),
    "geboortedatum omgewisseld": _datum_om,
    "geboortedatum een deel": _datum_een_deel,
    "huisnummer samen": _samen,
    "letter als toevoeging": _andere_kolom,
    "toevoeging andere vorm": _andere_vorm,
    "huisnummer kaal": _kale_nummer,
    "huisnummer verkeerd": _ander_nummer,
    "postcode cijfer": _postcodecijfer,
    "postcode letters": _postcode_om,
    "postcode vorm": _tekst("postcode", lambda pc: f"{pc[:4]} {pc[4:].lower()}"),
}
"""By name, in the order of the report's list: name, prefix, partner, initials, birth date, address."""
