"""What is still to be done on a case, by the corporation and by the municipality and its partners. Pure.

A corporation is told its own steps only, and of the municipality's work with the household no more than that there is
no contact (Bgs art. 17): not what the household answered.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from libs.events import catalogue as c
from libs.events.achterstand import maanden_achterstand
from libs.events.afspraken import Afspraken, Termijnen
from libs.events.lopend import in_zorg
from libs.events.values import Contactsoort, Deurwaardersfase, Ontruimingsgrond
from services.escalation.domain.ladder import Ladder, op_datum
from services.escalation.domain.overleg import minima
from services.escalation.domain.signaal import Signaal
from services.escalation.domain.woorden import Actiesoort, Meldingsoort

MELDPUNT = "Melding bij het Meldpunt Zorg en Overlast: "
_REDEN = {
    Meldingsoort.DAGVAARDING: "er is gedagvaard",
    Meldingsoort.AFGEKETST: "het signaal is afgeketst, want hulp is eerder geweigerd",
    Meldingsoort.GEEN_CONTACT: "er is geen contact met de huurder",
}
_VOOR_PARTNER = _REDEN | {Meldingsoort.AFGEKETST: "de werkafspraken vragen erom"}


def meldpunt(ladder: Ladder, feiten: Sequence[c.Event], afspraken: Termijnen) -> Meldingsoort | None:
    """Why the corporation has to report the case to the Meldpunt (Drechtsteden, spoor 2), if it has and did not.

    While the care runs that a report began nothing is asked; once help was accepted what is new asks for it anew.
    """
    if ladder.einde is not None or not afspraken.meldpunt_zorg_en_overlast:
        return None
    if in_zorg(ladder.mpzo, ladder.aanvaard):
        return None
    beyond = (Deurwaardersfase.DAGVAARDING, Deurwaardersfase.VONNIS)
    summoned = [dossier.datum for dossier in ladder.dossiers.values() if dossier.fase in beyond]
    if any(ladder.mpzo is None or day > ladder.mpzo for day in summoned):
        return Meldingsoort.DAGVAARDING
    if ladder.hulp is not None or not (rent := [s for s in ladder.signalen.values() if s.huur]):
        return None
    news = max(signaal.signaaldatum for signaal in rent)
    declined = [op_datum(event) for event in feiten if isinstance(event, c.HelpDeclined) and op_datum(event) < news]
    if declined and (ladder.aanvaard is None or ladder.aanvaard <= max(declined)):
        return Meldingsoort.AFGEKETST
    last = {s.achterstand_id: s for s in sorted(rent, key=lambda s: s.signaaldatum)}.values()
    owed = (s for s in last if maanden_achterstand(s, rent) >= afspraken.meldpunt_maanden)
    return Meldingsoort.GEEN_CONTACT if any(_out_of_touch(s, ladder, feiten) for s in owed) else None


def _out_of_touch(last: Signaal, ladder: Ladder, feiten: Sequence[c.Event]) -> bool:
    """Nobody was reached since the previous report; after a first one that is known once somebody tried."""
    tried = any(isinstance(e, c.ContactAttempted) and e.datum >= last.signaaldatum for e in feiten)
    return not ladder.contact_sinds_vorig(last) and (tried or ladder.vorige_van(last) is not None)


def van_corporatie(ladder: Ladder, peildatum: date, reden: Meldingsoort | None) -> list[str]:
    """The corporation's own next steps, as it may know them."""
    found = [MELDPUNT + _VOOR_PARTNER[reden]] if reden else []
    for known in ladder.ontruimingen.values():
        if known.open and known.datum is None:
            found.append("Ontruiming is uitgesteld zonder datum: nieuwe datum of afloop melden")
        elif known.open and known.datum is not None and known.datum < peildatum:
            found.append("Afloop van de ontruiming melden: de datum is voorbij")
    return found


def openstaand(ladder: Ladder, feiten: Sequence[c.Event], peildatum: date, afspraken: Afspraken) -> list[str]:
    """Everything that is still to be done."""
    reden = meldpunt(ladder, feiten, afspraken.termijnen)
    found = [MELDPUNT + _REDEN[reden]] if reden else []
    found += van_corporatie(ladder, peildatum, None)
    if ladder.einde is None:
        found += _collection(ladder, feiten)
        if ladder.signalering_plus is not None:
            found += minima(feiten, ladder.signalering_plus, afspraken.uitvoering)
        found += _eviction(ladder, feiten)
        found += _suspended(ladder, peildatum, afspraken.termijnen)
        found += _aftercare(feiten)
    return found


def _collection(ladder: Ladder, feiten: Sequence[c.Event]) -> Iterator[str]:
    """Paused while help runs and the rent is paid; resumed when the help ends."""
    rent = [signaal for signaal in ladder.signalen.values() if signaal.huur]
    if ladder.incassopauze is None:
        if ladder.hulp is not None and rent:
            yield "Corporatie vragen de incasso te pauzeren: hulp is aanvaard"
    elif ladder.hulp is None and _since(feiten, ladder.incassopauze, c.HelpEnded, c.HelpDeclined):
        yield "Corporatie laten weten dat de hulp is beëindigd: de incasso wordt hervat"
    elif any(signaal.gestegen and signaal.signaaldatum > ladder.incassopauze for signaal in rent):
        yield "Nagaan of de lopende huur wordt betaald: de achterstand steeg tijdens de incassopauze"


def _eviction(ladder: Ladder, feiten: Sequence[c.Event]) -> Iterator[str]:
    """Breda: always a visit, a gele kaart where there is no contact, and who does what. Drechtsteden: crisis."""
    announced = [known for known in ladder.ontruimingen.values() if known.open]
    if not announced:
        return
    since = min(known.aanzegdatum for known in announced)
    attempts = [e for e in feiten if isinstance(e, c.ContactAttempted) and e.datum >= since]
    acts = {e.soort for e in feiten if isinstance(e, c.ActionTaken) and e.datum >= since}
    if not any(event.soort is Contactsoort.HUISBEZOEK for event in attempts):
        yield "Ontruiming: huisbezoek"
    reached = any(event.bereikt or event.middel == "Gele kaart" for event in attempts)
    if Actiesoort.GELE_KAART not in acts and not reached:
        yield "Ontruiming: gele kaart, er is geen contact"
    if Actiesoort.TAAKVERDELING not in acts:
        yield "Ontruiming: afspreken wie wat oppakt met de inwoner"
    if not _since(feiten, since, c.SelfReported, c.HelpAccepted):
        return
    if Actiesoort.CRISISPROTOCOL not in acts:
        yield "Crisisprotocol: de bewoner heeft zich na de aanzegging zelf gemeld"
    nuisance = any(known.grond is Ontruimingsgrond.OVERLAST for known in announced)
    if not nuisance and not _since(feiten, since, c.MoratoriumRequested, c.MoratoriumDecided):
        yield "Moratorium overwegen (Fw art. 287b) als de ontruiming niet op een andere manier te voorkomen is"


def _suspended(ladder: Ladder, peildatum: date, afspraken: Termijnen) -> Iterator[str]:
    """While a moratorium holds nobody is evicted for debts (Fw art. 287b): a date within it has to be postponed."""
    until = max((one.tot(afspraken.moratorium_maanden) for one in ladder.moratoria), default=date.min)
    for_debts = [known for known in ladder.ontruimingen.values() if known.grond is not Ontruimingsgrond.OVERLAST]
    dates = [known.datum for known in for_debts if known.open and known.datum is not None]
    if peildatum <= until and any(day <= until for day in dates):
        yield f"Ontruiming laten uitstellen: het moratorium geldt tot en met {until:%d-%m-%Y}"


def _aftercare(feiten: Sequence[c.Event]) -> Iterator[str]:
    """After an eviction that was averted, and after help."""
    over = [op_datum(event) for event in feiten if isinstance(event, c.EvictionAverted | c.HelpEnded)]
    if over and not _since(feiten, max(over), c.AftercareDone, Actiesoort.NAZORG):
        yield "Nazorg: vragen hoe het gaat"


def _since(feiten: Sequence[c.Event], day: date, *kinds: type[c.Event] | Actiesoort) -> bool:
    """Whether one of these happened on or after a day: kinds of event, or of action."""
    events = tuple(kind for kind in kinds if isinstance(kind, type))
    return any(
        op_datum(event) >= day and (isinstance(event, events) or getattr(event, "soort", None) in kinds)
        for event in feiten
    )


def taakverdeling(feiten: Sequence[c.Event]) -> list[dict[str, str]]:
    """Who does what with the resident, by the last agreement per task."""
    last = {event.taak: event for event in feiten if isinstance(event, c.ActionTaken) and event.taak}
    return [
        {"taak": taak, "uitvoerder": event.uitvoerder or "", "datum": event.datum.isoformat()}
        for taak, event in last.items()
    ]
