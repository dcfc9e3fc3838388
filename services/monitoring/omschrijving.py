"""What an event says, in one plain Dutch sentence without personal data. Pure.

Only what stands in clear in the event is used, and of that no identifier: a sentence can be read aloud in a
meeting with a corporation.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from libs.events.catalogue import Event

MONTHS = ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
          "november", "december")  # fmt: skip


def datum(day: date) -> str:
    """As in `3 maart 2025`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def bedrag(amount: Decimal) -> str:
    """As in `€ 1.812,40`."""
    return f"€ {amount:,.2f}".translate(str.maketrans(",.", ".,"))


def omschrijving(event: Event) -> str:
    """The sentence of this event."""
    say = SENTENCES.get(event.name())
    said = say(event) if say else event.name()
    return said[:1].upper() + said[1:]


def _and(text: str, *more: str | None, by: str = ", ") -> str:
    return by.join([text, *(one for one in more if one)])


def _received(e: Any) -> str:
    extra = ["crisissignaal" if e.crisissignaal else None, "warme overdracht" if e.warme_overdracht else None]
    return _and(f"{e.soort} {e.signaalpartner} ontvangen", e.bedrag and bedrag(e.bedrag), *extra)


def _matched(e: Any) -> str:
    extra = [
        "ander signaal op dit adres in dezelfde maand" if e.match else None,
        "eerder signaal op dit adres in de zes maanden ervoor" if e.recidive else None,
        "herhaald: zelfde achterstand, niet gestegen" if e.herhaald else None,
    ]
    return _and(f"Signaal voor {e.signaalpartner} gekoppeld met de BRP", *extra, by="; ")


_MISMATCHED = {
    "Uitval": "Signaal niet zeker te koppelen; ligt ter beoordeling",
    "Geen inwoner": "Geen inwoner van de regio",
    "Overleden": "De persoon is overleden",
}


def _route(e: Any) -> str:
    who = _and(e.behandelaar.organisatie, e.behandelaar.team)
    return f"Opgepakt door {who}: {', '.join(e.contactsoorten)} (regel {e.regel})"


def _contact(e: Any) -> str:
    when = f" om {e.tijdstip}" if e.tijdstip else f" in de {e.dagdeel.lower()}" if e.dagdeel else ""
    who = "inwoner bereikt" if e.bereikt else "inwoner niet bereikt"
    return _and(f"{e.middel or e.soort}{when}: {who}", e.resultaat, f"reden: {e.reden}" if e.reden else None)


def _handler(e: Any) -> str:
    who = "In behandeling bij " + _and(e.behandelaar.organisatie, e.behandelaar.team)
    return _and(who, e.grond.lower() if e.grond else None, by="; ")


_BAILIFF = {
    "Overgedragen": "Dossier overgedragen aan deurwaarder {}",
    "Dagvaarding": "Dagvaarding uitgebracht door deurwaarder {}",
    "Vonnis": "Vonnis gewezen; dossier bij deurwaarder {}",
    "Teruggenomen": "Dossier teruggenomen van deurwaarder {}",
    "Geregeld": "Geregeld bij deurwaarder {}",
}


def _scheduled(e: Any) -> str:
    return f"Ontruiming aangezegd tegen {datum(e.ontruimingsdatum)}, grond: {e.grond.lower()}"


def _postponed(e: Any) -> str:
    return "Ontruiming uitgesteld" + (f" tot {datum(e.nieuwe_datum)}" if e.nieuwe_datum else "")


def _action(e: Any) -> str:
    return _and(_and(e.soort, e.taak, e.resultaat, by=": "), e.uitvoerder, by=" door ")


def _term_met(e: Any) -> str:
    if e.datum > e.uiterlijke_datum:
        how = "Verlopen termijn vervallen" if e.vervallen else "Gedaan na het verlopen van de termijn"
    else:
        how = "Termijn vervallen" if e.vervallen else "Termijn gehaald"
    return f"{how}: {e.soort.lower()}, uiterlijk {datum(e.uiterlijke_datum)}"


def _with_result(text: str, *fields: str) -> Callable[[Any], str]:
    def say(event: Any) -> str:
        return _and(text, ", ".join(filter(None, (getattr(event, name) for name in fields or ("resultaat",)))), by=": ")

    return say


SENTENCES: dict[str, Callable[[Any], str]] = {
    "SignalReceived": _received,
    "SignalCorrected": lambda e: _and("Signaal gecorrigeerd door de partner", e.bedrag and f"nu {bedrag(e.bedrag)}"),
    "SignalWithdrawn": lambda e: f"Signaal ingetrokken: {e.reden.lower()}",
    "CaseOpened": lambda e: "Zaak geopend" + (" na een eerdere zaak" if e.vorige_zaak_id else ""),
    "BRPMatched": _matched,
    "BRPMismatched": lambda e: (
        _MISMATCHED.get(e.status, "Signaal niet gekoppeld")
        + (", volgens afspraak niet nagekeken" if e.afgedaan else "")
    ),
    "SelfReportMatched": lambda e: "Huishouden dat zelf kwam is gevonden",
    "SelfReportMismatched": lambda e: "Huishouden dat zelf kwam is niet gevonden",
    "CaseTransferred": lambda e: f"Verhuisd: zaak overgedragen aan gemeente {e.naar_gemeentecode}",
    "RouteAssigned": _route,
    "SignalSetAside": lambda e: f"{e.reden} (regel {e.regel})",
    "ContactAttempted": _contact,
    "SelfReported": lambda e: "Huishouden vroeg zelf om hulp",
    "FirstConversationHeld": _with_result("Eerste gesprek gevoerd", "soort", "resultaat"),
    "DecisionTaken": _with_result("Besluit over hulp genomen", "soort", "resultaat"),
    "HelpAccepted": _with_result("Hulp aanvaard", "soort"),
    "HelpDeclined": _with_result("Hulp afgewezen", "reden"),
    "HelpEnded": _with_result("Hulp beëindigd", "soort", "resultaat"),
    "AftercareDone": _with_result("Nazorg gegeven", "soort", "resultaat"),
    "HandlerAssigned": _handler,
    "MeldingClosed": _with_result("Melding afgesloten"),
    "CaseClosed": _with_result("Zaak afgesloten"),
    "EscalatedToSignaleringPlus": _with_result("Naar Signalering+", "aanleiding"),
    "ActionTaken": _action,
    "ReportedToMPZO": lambda e: _and(f"Gemeld bij het Meldpunt Zorg en Overlast: {e.soort}", e.resultaat),
    "CollectionPaused": lambda e: "Incasso gepauzeerd door de corporatie",
    "CollectionResumed": lambda e: "Incasso hervat door de corporatie",
    "MoratoriumRequested": lambda e: "Moratorium gevraagd aan de rechter",
    "MoratoriumDecided": _with_result("Uitspraak over het moratorium"),
    "DeurwaarderTransferred": lambda e: _BAILIFF[e.fase].format(e.deurwaarder),
    "EvictionScheduled": _scheduled,
    "EvictionPostponed": _postponed,
    "EvictionAverted": lambda e: "Ontruiming voorkomen",
    "EvictionCarriedOut": lambda e: "Ontruiming uitgevoerd",
    "TermStarted": lambda e: f"Termijn loopt: {e.soort.lower()}, uiterlijk {datum(e.uiterlijke_datum)} ({e.bron})",
    "TermMet": _term_met,
    "TermBreached": lambda e: f"Termijn verlopen: {e.soort.lower()}, uiterlijk {datum(e.datum)}",
}
"""A sentence for every event a timeline shows."""
