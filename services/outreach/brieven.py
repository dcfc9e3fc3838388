"""The letters outreach can print: what stands in them. Pure.

A letter in an envelope may name the reason; a card in the letterbox may be read by anybody and names none. No amount
and no partner stands in any of them. A municipality gives its own text per letter in its policy document
(`afspraken.uitvoering.brieven`); what is here is in plain Dutch, for who has none. `{naam}` and `{gemeente}` are filled
in, and nothing else: a text is never read as a template of anything more, nor as markup.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from libs.events.afspraken import Uitvoering
from libs.events.values import Persoon

MAANDEN = ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
           "november", "december")  # fmt: skip


class Briefsoort(StrEnum):
    """What is printed: a letter for an envelope, a card, and the yellow card before an eviction."""

    BRIEF = "brief"
    KAARTJE = "kaartje"
    GELE_KAART = "gele-kaart"


TEKSTEN: Mapping[str, tuple[str, ...]] = {
    "brief": (
        "Beste {naam},",
        "Wij hoorden dat u een rekening niet op tijd kon betalen. Dat kan iedereen overkomen. De gemeente helpt u "
        "graag, zodat het niet erger wordt.",
        "Wat kunnen wij doen? Wij kijken samen met u naar uw inkomsten en uitgaven, wij helpen bij een afspraak over "
        "betalen, en wij zeggen op welke regelingen u recht heeft. Dit kost u niets en u beslist zelf.",
        "Neem contact met ons op. Heeft u al betaald of een regeling? Dan hoeft u niets te doen.",
    ),
    "aanbod": (
        "Beste {naam},",
        "Wij hoorden dat u een rekening niet op tijd kon betalen. Dat kan iedereen overkomen.",
        "{gemeente} biedt gratis hulp bij geldzorgen: een gesprek, hulp bij een afspraak over betalen, en advies over "
        "regelingen. U beslist zelf of u die hulp wilt.",
    ),
    "aanbod-en-contact": (
        "Beste {naam},",
        "Wij hoorden dat u een rekening niet op tijd kon betalen. Dat kan iedereen overkomen.",
        "{gemeente} biedt gratis hulp bij geldzorgen: een gesprek, hulp bij een afspraak over betalen, en advies over "
        "regelingen. U beslist zelf of u die hulp wilt.",
        "Wilt u contact met ons opnemen, ook als u de hulp niet nodig heeft? Dan weten wij hoe het met u gaat.",
    ),
    "aankondiging": (
        "Beste {naam},",
        "Wij hoorden dat u een rekening niet op tijd kon betalen. Wij willen graag weten hoe het met u gaat, en komen "
        "daarom binnenkort bij u langs.",
        "Komt dat niet uit, of spreekt u ons liever aan de telefoon? Laat het ons weten.",
    ),
    "kaartje": (
        "Beste {naam},",
        "Wij waren vandaag bij u aan de deur, maar troffen u niet. Wij spreken u graag even.",
        "Wilt u contact met ons opnemen?",
    ),
    "gele-kaart": (
        "Beste {naam},",
        "Wij proberen u te bereiken. Het is belangrijk dat wij u snel spreken. Wij willen u helpen.",
        "Neem vandaag nog contact met ons op, of doe open als wij weer langskomen.",
    ),
}  # fmt: skip
"""Our own text of each letter."""

TITELS = {Briefsoort.BRIEF: "Hulp van {gemeente}", Briefsoort.KAARTJE: "Wij waren bij u",
          Briefsoort.GELE_KAART: "Wij willen u graag spreken"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Blad:
    """One letter to one person, as text: the address as it stands in the window of an envelope."""

    soort: Briefsoort
    adres: tuple[str, ...]
    plaats_en_datum: str
    titel: str
    alineas: tuple[str, ...]
    afzender: tuple[str, ...]


def tekst_van(soort: Briefsoort, brief: str | None, regels: Uitvoering) -> tuple[str, ...] | None:
    """The municipality's own text of this letter, else ours, else None: there is no letter of that name."""
    naam = brief or soort.value
    return regels.brieven.get(naam) or TEKSTEN.get(naam)


def bladen(
    soort: Briefsoort, alineas: Sequence[str], personen: Sequence[Persoon], gemeente: str, regels: Uitvoering, dag: date
) -> list[Blad]:
    """A letter for each person."""
    return [_blad(soort, alineas, persoon, gemeente, regels, dag) for persoon in personen]


def _blad(
    soort: Briefsoort, alineas: Sequence[str], persoon: Persoon, gemeente: str, regels: Uitvoering, dag: date
) -> Blad:
    def gevuld(tekst: str) -> str:
        delen = tekst.split("{naam}")
        return persoon.naam.join(deel.replace("{gemeente}", gemeente) for deel in delen)

    woonplaats = " ".join(deel for deel in (persoon.postcode, persoon.woonplaats) if deel)
    return Blad(
        soort=soort,
        adres=tuple(regel for regel in (persoon.naam, persoon.adres, woonplaats) if regel),
        plaats_en_datum=f"{gemeente}, {dag.day} {MAANDEN[dag.month - 1]} {dag.year}",
        titel=gevuld(TITELS[soort]),
        alineas=tuple(gevuld(alinea) for alinea in alineas),
        afzender=(gemeente, *regels.contactregels),
    )
