"""Closed lists of what a caseworker may say in clear. Other words are kept, but sealed with the free text.

The lists are ours where the national model has none (it names purpose and result of an attempt without giving
them an attribute); the results of a melding are DDAS EnumEindresultaat.
"""

from libs.events.values import Eindresultaat

OVERIGE = "Overige"

EINDRESULTATEN = tuple(str(resultaat) for resultaat in Eindresultaat)

CONTACTRESULTATEN = (
    "Gesprek gevoerd", "Geen gehoor", "Niet thuis", "Voicemail ingesproken", "Terugbelverzoek", "Afspraak gemaakt",
    "Geen reactie", "Reactie ontvangen", "Brief retour", "Nummer niet in gebruik", "Verkeerd nummer", "Niet bezorgd",
    "Verhuisd", "Wil geen contact", "Doorverwezen", "Verzonden",
)  # fmt: skip

MIDDELEN = (
    "WhatsApp-oproep", "WhatsApp-bericht", "SMS", "Telefoon", "Videogesprek", "E-mail", "Brief", "Kaartje", "Flyer",
    "Gele kaart", "Huisbezoek", "Combinatiehuisbezoek", "Callcenter",
)  # fmt: skip

HULPSOORTEN = (
    *EINDRESULTATEN, "Schuldhulpverlening", "Schuldregeling", "Stabilisatie", "Betalingsregeling", "Budgetadvies",
    "Budgetbeheer", "Budgetcoaching", "Beschermingsbewind", "Maatschappelijk werk", "Crisishulp", "Moratorium",
    OVERIGE,
)  # fmt: skip

REDENEN = (
    *EINDRESULTATEN, "Geen hulp nodig", "Wil geen hulp", "Regelt het zelf", "Heeft al hulp", "Heeft al betaald",
    "Betalingsregeling getroffen", "Hulp uit eigen omgeving", "Geen vertrouwen", "Geen reden gegeven",
)  # fmt: skip

REDENEN_VOOR_CONTACT = (
    "Op verzoek inwoner", "Afspraak met inwoner", "Nieuwe informatie", "Nieuwe of hogere achterstand",
    "Dreigende afsluiting", "Dreigende ontruiming", "Zorgen over veiligheid", "Minderjarige kinderen",
    "Op verzoek van partner",
)  # fmt: skip
"""Why contact is sought although the household has rest, or said no."""

GESPREKSOORTEN = ("Kantoor", "Huisbezoek", "Telefoon", "Videogesprek", OVERIGE)

GESPREKRESULTATEN = (
    *EINDRESULTATEN, "Hulpvraag vastgesteld", "Geen hulpvraag", "Vervolgafspraak", "Niet verschenen", "Doorverwezen",
)  # fmt: skip

BESLUITSOORTEN = ("Toelating", "Weigering", "Plan van aanpak", "Beëindiging", OVERIGE)

BESLUITRESULTATEN = ("Toegekend", "Afgewezen", "Plan van aanpak", "Inwoner ziet af", "Ingetrokken")
"""Wgs art. 4a: a plan or a refusal; no decision is needed where the inhabitant renounces."""

BEEINDIGINGEN = (
    *EINDRESULTATEN, "Afgerond", "Doelen behaald", "Uitval", "Op verzoek inwoner", "Door gemeente beëindigd",
    "Verhuisd", "Overleden",
)  # fmt: skip

NAZORGSOORTEN = ("Telefoon", "Huisbezoek", "Brief", "E-mail", "Gesprek", OVERIGE)

NAZORGRESULTATEN = (
    "Gaat goed", "Nieuwe achterstand", "Opnieuw hulp nodig", "Geen gehoor", "Geen contact", "Doorverwezen", "Afgerond",
)  # fmt: skip


def op_lijst(tekst: str | None, lijst: tuple[str, ...]) -> str | None:
    """The entry of the list these words are, whatever their capitals; None when they are none of it."""
    if tekst is None:
        return None
    gezocht = tekst.strip().casefold()
    return next((woord for woord in lijst if woord.casefold() == gezocht), None)
