"""How names, initials, house-number suffixes and dates are made comparable. Pure.

Causes of fall-out named by the field: ss/s and other spellings, prefixes inside or missing, diacritics, maiden and
partner names, companies, suffixes in another form, swapped days and months (Divosa, onder de loep).
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache


def _lijst(tekst: str) -> frozenset[str]:
    return frozenset(tekst.split())


VOORVOEGSELS = _lijst(
    "a aan af al am at auf aus ben bin bij d da dal dalla de dei del della den der des deur di die do don dos du een el"
    " het i im in l la las le les lo los of onder op over s san sen t te ten ter thor to toe tot uijt uit un ut van ver"
    " vom von voor vor zu zum zur v vd vdr vh"
)
"""Words of BRP table 36 (voorvoegsel geslachtsnaam), folded and one by one, and how they are shortened."""

RECHTSVORMEN = _lijst(
    "bv nv vof cv holding beheer stichting vereniging maatschap onderneming bedrijf bouwbedrijf schildersbedrijf"
    " transportbedrijf klusbedrijf eetcafe cafe restaurant kapsalon salon bakkerij slagerij garage winkel handel"
    " handelsonderneming installatiebedrijf schoonmaakbedrijf cooperatie eenmanszaak praktijk studio firma hodn"
)
"""Words that make a name a company's."""

_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "ß": "ss", "æ": "ae",
                          "Æ": "AE", "œ": "oe", "Œ": "OE", "ð": "d", "þ": "th", "’": "'", "‘": "'", "´": "'", "`": "'",
                          "ŀ": "l", "ħ": "h", "ŧ": "t", "–": "-"})  # fmt: skip
_UMLAUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "oe", "å": "aa"})
_ROMEINS = {"ii": "2", "iii": "3", "iv": "4"}
_WOONLAAG = {"huis": "hs", "hoog": "hg"}
_NALATENSCHAP = re.compile(r"\s*(de\s+)?(erven|erfgenamen|nalatenschap|boedel)\s", re.IGNORECASE)
_AANHEF = re.compile(
    r"^((de heer|dhr|mevrouw|mevr|mw|mej|fam|familie|prof|drs?|mr|ir|ing)\b\.?\s*)+(?=\S)", re.IGNORECASE
)
_VOORAF = re.compile(r"(?P<letters>([A-Z]\.\s?)+)\s*(?P<naam>.{2,})")
_ACHTERAF = re.compile(r"(?P<naam>.{2,}?),\s*(?P<letters>([A-Z]\.?\s?)+)")
_WOORDEN = re.compile(r"[a-z0-9]+")
PLAATSVERVANGERS = frozenset({date(1900, 1, 1), date(1901, 1, 1)})
"""Birth dates that systems fill in where none is known."""


@lru_cache(maxsize=8192)
def kaal(tekst: str) -> str:
    """Without diacritics and ligatures; case and punctuation stay."""
    ontleed = unicodedata.normalize("NFKD", tekst.translate(_LETTERS))
    return "".join(teken for teken in ontleed if not unicodedata.combining(teken))


@lru_cache(maxsize=8192)
def woorden(tekst: str) -> tuple[str, ...]:
    """The words of a name: lower case, without diacritics; `B.V.` is one word."""
    zonder = re.sub(r"\b([A-Za-z])\.(?=[A-Za-z]\b)", r"\1", kaal(tekst))
    return tuple(_WOORDEN.findall(zonder.lower()))


def kern(namen: tuple[str, ...]) -> tuple[str, ...]:
    """The words without prefixes; all of them when there is nothing else."""
    return tuple(woord for woord in namen if woord not in VOORVOEGSELS) or namen


@lru_cache(maxsize=8192)
def klank(woord: str) -> str:
    """One spelling for what is often written in several: ij/y, doubled letters, ck/k, ph/f, th/t, dt/t, sch/s."""
    for van, naar in (("ij", "y"), ("ey", "ei"), ("ck", "k"), ("ph", "f"), ("th", "t"), ("dt", "t"), ("ae", "a")):
        woord = woord.replace(van, naar)
    woord = re.sub(r"(.)\1+", r"\1", woord)
    return re.sub(r"sch$", "s", woord)


@lru_cache(maxsize=8192)
def klank_grof(woord: str) -> str:
    """What only sounds alike: c/k, z/s, v/f, oe/u, ei/ij, g/ch. Enough where date and address agree, no more."""
    woord = klank(woord)
    for van, naar in (("ch", "g"), ("c", "k"), ("z", "s"), ("v", "f"), ("oe", "u"), ("ou", "au"), ("y", "ei")):
        woord = woord.replace(van, naar)
    return re.sub(r"(.)\1+", r"\1", woord)


@lru_cache(maxsize=8192)
def hersteld(tekst: str) -> str:
    """UTF-8 that was read as Windows-1252 (`Ã«`) as it was meant; any other text as it is."""
    try:
        return tekst.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return tekst


def uitgeschreven(tekst: str) -> str:
    """With umlauts and the like in two letters, as German and Turkish names are often typed."""
    return tekst.translate(_UMLAUT)


def past_op(gegeven: str, naam: str) -> bool:
    """Whether a name in which letters were lost to an encoding (`?`) can be this one: every other letter agrees."""
    kapot = re.sub(r"\s+", " ", gegeven.strip().replace("\ufffd", "?"))
    if "?" not in kapot or kapot.count("?") * 2 > len(kapot):
        return False
    patroon = "".join("." if teken == "?" else re.escape(teken) for teken in kaal(kapot).lower())
    return re.fullmatch(patroon, kaal(naam).lower()) is not None


def is_bedrijf(naam: str) -> bool:
    """Whether a name holds the words of a company; such a contract is no person's, whoever lives there."""
    return "&" in naam or any(woord in RECHTSVORMEN for woord in woorden(naam))


def is_nalatenschap(naam: str) -> bool:
    """Whether a contract goes on in the name of the heirs: who lives there by that name is not whom it is about."""
    return _NALATENSCHAP.match(naam) is not None


def zonder_aanhef(voorletters: str | None, achternaam: str) -> tuple[str | None, str]:
    """Initials and surname, where a title or the initials were typed into the surname; else as they are."""
    kern_naam = _AANHEF.sub("", achternaam.strip())
    gevonden = _VOORAF.fullmatch(kern_naam) or _ACHTERAF.fullmatch(kern_naam)
    if gevonden is None:
        return voorletters, kern_naam
    return voorletters or gevonden["letters"], gevonden["naam"]


def letters(voorletters: str | None) -> tuple[str, ...]:
    """Initials: `A.B.`, `A B`, `AB` and `Anna Bo` are the same; empty when there are none."""
    gevonden: list[str] = []
    for deel in re.split(r"[^A-Za-z]+", kaal(voorletters or "")):
        if len(deel) > 1 and deel != deel.upper():
            gevonden.append(deel[0].upper())
        else:
            gevonden += deel.upper()
    return tuple(gevonden)


@lru_cache(maxsize=8192)
def toevoeging(*delen: str | None) -> str:
    """Letter and addition of a house number as one text: `B-2`, `b 2` and `B02` are the same, `huis` is `hs`."""
    samen = " ".join(deel for deel in delen if deel)
    stukken = re.findall(r"[0-9]+|[a-z]+", kaal(samen).lower())
    if len(stukken) == 1 and stukken[0] in _ROMEINS:
        return _ROMEINS[stukken[0]]
    return "".join(str(int(stuk)) if stuk.isdigit() else _WOONLAAG.get(stuk, stuk) for stuk in stukken)


def omgewisseld(datum: date) -> date | None:
    """The date with day and month changed about, where that is another date."""
    if datum.day > 12 or datum.day == datum.month:
        return None
    return date(datum.year, datum.day, datum.month)


def afstand(een: str, ander: str, hoogste: int = 2) -> int:
    """Edit distance with neighbours that changed place counted as one; more than `hoogste` is not told apart."""
    if abs(len(een) - len(ander)) > hoogste:
        return hoogste + 1
    voor, rij = list[int](), list(range(len(ander) + 1))
    for i, a in enumerate(een, 1):
        nieuw = [i]
        for j, b in enumerate(ander, 1):
            stap = min(rij[j] + 1, nieuw[j - 1] + 1, rij[j - 1] + (a != b))
            if i > 1 and j > 1 and a == ander[j - 2] and een[i - 2] == b:
                stap = min(stap, voor[j - 2] + 1)
            nieuw.append(stap)
        voor, rij = rij, nieuw
    return min(rij[-1], hoogste + 1)


def elfproef(burgerservicenummer: str) -> bool:
    """Whether nine digits pass the eleven test of the BSN."""
    if not re.fullmatch(r"[0-9]{9}", burgerservicenummer) or not int(burgerservicenummer):
        return False
    gewichten = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(g * int(c) for g, c in zip(gewichten, burgerservicenummer, strict=True)) % 11 == 0
