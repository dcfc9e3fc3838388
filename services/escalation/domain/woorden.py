"""The closed lists of what may be reported, in Dutch, from the routes of Breda and the Drechtsteden.

Escalation can seal nothing, so it takes no free text: a word outside its list is refused. Case does not matter, and
the wordings of the two documents lead to one stored word each. A stored word is never renamed.
"""

from enum import StrEnum
from typing import Self

_OOK = {
    "uitnodiging driegesprek": "driegesprek",
    "middenveld inschakelen": "middenveld",
    "gecombineerde huisbezoekronde": "gezamenlijke huisbezoekronde",
    "huisbezoekronde": "gezamenlijke huisbezoekronde",
    "bemoeizorgteam": "team bemoeizorg",
    "corporatie": "woningcorporatie",
    "mpzo": "meldpunt zorg en overlast",
    "bekendheidscheck": "bekendheidscheck mass",
    "mass": "bekendheidscheck mass",
    "aanmelden bemoeizorg": "bemoeizorg",
    "aanmelding bemoeizorg": "bemoeizorg",
    "zorgconferentie aanvragen": "zorgconferentie",
    "traject crisis": "crisisprotocol",
    "overlast": "woonoverlast",
    "moratorium": "fw 287b",
    "moratorium fw 287b": "fw 287b",
    "gepauzeerd": "pauze",
    "stilgezet": "pauze",
    "incasso gepauzeerd": "pauze",
    "hervatting": "hervat",
    "hervatten": "hervat",
    "incasso hervat": "hervat",
    "toegekend": "toegewezen",
}


class Woord(StrEnum):
    """A closed list that takes the field's other wordings too."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        asked = value.strip().casefold()
        asked = _OOK.get(asked, asked)
        return next((member for member in cls if member.value.casefold() == asked), None)


class Actiesoort(Woord):
    """Actions agreed with the corporation beside the ordinary contacts (Breda), and the crisis route (Drechtsteden)."""

    DRIEGESPREK = "Driegesprek"
    MIDDENVELD = "Middenveld"
    HUISBEZOEKRONDE = "Gezamenlijke huisbezoekronde"
    MASS = "Bekendheidscheck MASS"
    BEMOEIZORG = "Bemoeizorg"
    ZORGCONFERENTIE = "Zorgconferentie"
    OVERLEG = "Overleg met corporatie"
    TAAKVERDELING = "Taakverdeling"
    CRISISPROTOCOL = "Crisisprotocol"
    UITSTEL = "Verzoek om uitstel"
    GELE_KAART = "Gele kaart"
    NAZORG = "Nazorg"


class Meldingsoort(Woord):
    """Why a case is reported to the Meldpunt Zorg en Overlast."""

    DAGVAARDING = "Dagvaarding"
    AFGEKETST = "Signaal afgeketst"
    GEEN_CONTACT = "Geen contact"
    WOONOVERLAST = "Woonoverlast"
    GEDRAG = "Onbegrepen gedrag"
    DAKLOOSHEID = "Dreigende dakloosheid"
    OVERIG = "Overig"


class Uitvoerder(Woord):
    """Who does something with the resident."""

    GEMEENTE = "Gemeente"
    CORPORATIE = "Woningcorporatie"
    SOCIAAL_TEAM = "Sociaal team"
    SOCIALE_DIENST = "Sociale dienst"
    BEMOEIZORG = "Team bemoeizorg"
    MPZO = "Meldpunt Zorg en Overlast"
    MIDDENVELD = "Middenveld"
    DEURWAARDER = "Deurwaarder"


class Taak(Woord):
    """What somebody does with the resident when an eviction threatens."""

    CONTACT = "Contact met de bewoner"
    HUISBEZOEK = "Huisbezoek"
    CASUSREGIE = "Casusregie"
    SCHULDHULP = "Schuldhulp"
    ZORG = "Zorg en ondersteuning"
    OPVANG = "Opvang"
    KINDEREN = "Veiligheid van kinderen"
    HUISDIEREN = "Huisdieren"
    INBOEDEL = "Inboedel"
    UITSTEL = "Uitstel"


class Resultaat(Woord):
    """What came of an action or a report."""

    AFGESPROKEN = "Afgesproken"
    UITGEVOERD = "Uitgevoerd"
    NIET_VERSCHENEN = "Niet verschenen"
    GEEN_GEHOOR = "Geen gehoor"
    GEWEIGERD = "Geweigerd"
    AANGEMELD = "Aangemeld"
    BEKEND = "Bekend"
    NIET_BEKEND = "Niet bekend"
    IN_BEHANDELING = "In behandeling"
    NIET_IN_BEHANDELING = "Niet in behandeling"
    PLAN_VAN_AANPAK = "Plan van aanpak"
    AKKOORD = "Akkoord"
    GEEN_AKKOORD = "Geen akkoord"


class Moratoriumsoort(Woord):
    """The moratorium that stops an eviction; the breed moratorium of Wgs art. 5 does not."""

    FW_287B = "Fw 287b"


class Uitspraak(Woord):
    """What the court decided."""

    TOEGEWEZEN = "Toegewezen"
    AFGEWEZEN = "Afgewezen"
    INGETROKKEN = "Ingetrokken"


class Incassostand(Woord):
    """Whether the corporation collects."""

    PAUZE = "Pauze"
    HERVAT = "Hervat"


class Afloopsoort(StrEnum):
    """What became of an announced eviction (contract)."""

    UITGESTELD = "Uitgesteld"
    VOORKOMEN = "Voorkomen"
    UITGEVOERD = "Uitgevoerd"


class Termijnsoort(StrEnum):
    """The clocks of law and convenant."""

    EERSTE_GESPREK = "Eerste gesprek"
    BEDREIGEND = "Eerste gesprek bij bedreigende situatie"
    BESLUIT = "Besluit op hulp"
    INCASSOPAUZE = "Incassopauze"
    EINDELEVERING = "Eindelevering"
    AANZEGGING = "Aanzegtermijn ontruiming"
    MORATORIUM = "Moratorium"


class Fase(StrEnum):
    """Where a case stands: the highest rung that is open."""

    VROEGSIGNALERING = "Vroegsignalering"
    SIGNALERING_PLUS = "Signalering+"
    DEURWAARDER = "Deurwaarder"
    ONTRUIMING_AANGEZEGD = "Ontruiming aangezegd"
    ONTRUIMD = "Ontruimd"
    AFGESLOTEN = "Afgesloten"


class Spoor(StrEnum):
    """The two tracks of the Drechtsteden."""

    SCHULDHULP = "Spoor 1: hulp bij schulden"
    ZORG = "Spoor 2: zorg en ondersteuning"
