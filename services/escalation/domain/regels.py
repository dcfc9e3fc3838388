"""What may follow on the ladder: from a report and the state to events, or a refusal with the rule.

Reports are taken leniently: steps may be skipped and days may be long past. Refused is only what can't be true.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from libs.events import catalogue as c
from libs.events.decider import Decider
from libs.events.lopend import AFGEDAAN, Dossier
from libs.events.values import Deurwaardersfase, Ontruimingsgrond, Signaalpartner
from services.escalation.domain import opdrachten as o
from services.escalation.domain.ladder import Ladder, Ontruiming, evolve
from services.escalation.domain.woorden import Actiesoort, Afloopsoort, Incassostand, Uitspraak

MORATORIUM_MAANDEN = 6
"""As long as moratoria for one threat may last together (Fw art. 287b lid 5)."""
JAAR = timedelta(days=366)

WONEN = frozenset({Signaalpartner.HUUR, Signaalpartner.HYPOTHEEK})
"""Whose arrears may end in an eviction."""

AANLEIDING = "stijgende huurachterstand zonder contact of hulp"

_VOLGORDE = (Deurwaardersfase.OVERGEDRAGEN, Deurwaardersfase.DAGVAARDING, Deurwaardersfase.VONNIS)


def decide(opdracht: o.Opdracht, ladder: Ladder) -> Sequence[c.Event]:
    """What happens. Raises a Refusal that names field and rule."""
    rule = _RULES[type(opdracht)]
    if rule is not _judge:
        if opdracht.datum > opdracht.vandaag:
            raise o.InDeToekomst(field="aanzegdatum" if isinstance(opdracht, o.Aanzegging) else "datum")
        if ladder.einde is not None and not isinstance(opdracht, o.Afloop):
            raise o.ZaakAfgesloten
    return rule(opdracht, ladder)


def _where(opdracht: o.Opdracht) -> dict[str, Any]:
    return {"zaak_id": opdracht.zaak_id, "signaal_id": opdracht.signaal_id, "datum": opdracht.datum}


def _transfer(opdracht: o.Overdracht, ladder: Ladder) -> Sequence[c.Event]:
    achterstand_id = ladder.dossier_van(opdracht.signaal_id)
    known = ladder.dossiers.get(achterstand_id)
    if known is not None:
        _fits(opdracht, known)
    elif opdracht.fase in AFGEDAAN:
        raise o.GeenDossier(field="fase")
    return [
        c.DeurwaarderTransferred(
            **_where(opdracht), deurwaarder=opdracht.deurwaarder, fase=opdracht.fase, achterstand_id=achterstand_id
        )
    ]


def _fits(opdracht: o.Overdracht, known: Dossier) -> None:
    """A file goes forward, may skip, and begins again only when it was closed or goes to another bailiff."""
    if opdracht.datum < known.datum:
        raise o.StapPastNiet("De datum ligt niet voor die van de vorige stap.", field="datum")
    if (opdracht.deurwaarder, opdracht.fase, opdracht.datum) == (known.deurwaarder, known.fase, known.datum):
        raise o.AlGemeld(field="fase")
    if known.open and opdracht.fase not in AFGEDAAN and opdracht.deurwaarder == known.deurwaarder:
        if _VOLGORDE.index(opdracht.fase) < _VOLGORDE.index(known.fase):
            raise o.StapPastNiet("Een dossier gaat bij dezelfde deurwaarder niet terug.", field="fase")
    elif not known.open and opdracht.fase is not Deurwaardersfase.OVERGEDRAGEN:
        raise o.StapPastNiet("Een afgedaan dossier begint opnieuw met Overgedragen.", field="fase")


def _announce(opdracht: o.Aanzegging, ladder: Ladder) -> Sequence[c.Event]:
    _in_time(opdracht, opdracht.ontruimingsdatum, "ontruimingsdatum")
    signaal = ladder.signalen.get(opdracht.signaal_id) if opdracht.signaal_id else None
    if signaal is not None and signaal.signaalpartner not in WONEN:
        raise o.GaatNietOverWonen(field="signaalId")
    same = (opdracht.datum, opdracht.ontruimingsdatum)
    if any(same == (known.aanzegdatum, known.datum) and known.open for known in ladder.ontruimingen.values()):
        raise o.AlGemeld(field="ontruimingsdatum")
    return [
        c.EvictionScheduled(
            **_where(opdracht), ontruiming_id=opdracht.ontruiming_id, aanzegdatum=opdracht.datum,
            ontruimingsdatum=opdracht.ontruimingsdatum, grond=opdracht.grond,
        )
    ]  # fmt: skip


def _in_time(opdracht: o.Opdracht, day: date, field: str) -> None:
    """The days of Rv art. 555 lie before an eviction.

    Not those a municipality agreed on top: an eviction that is lawful and sooner will take place, so it is heard of.
    """
    if (day - opdracht.datum).days < o.WETTELIJKE_AANZEGTERMIJN:
        raise o.TeVroegAangezegd(field=field)


def _settle(opdracht: o.Afloop, ladder: Ladder) -> Sequence[c.Event]:
    known = ladder.ontruimingen[opdracht.ontruiming_id]
    if opdracht.nieuwe_datum is not None and opdracht.afloop is not Afloopsoort.UITGESTELD:
        raise o.NieuweDatumHoortBijUitstel(field="nieuweDatum")
    if not known.open:
        raise o.HeeftAfloop(field="afloop")
    if opdracht.datum < known.aanzegdatum:
        raise o.VoorDeAanzegging(field="datum")
    return [_OUTCOMES[opdracht.afloop](opdracht, known, ladder)]


def _postpone(opdracht: o.Afloop, known: Ontruiming, ladder: Ladder) -> c.Event:
    """To another day, or until further notice."""
    if opdracht.nieuwe_datum is not None:
        _in_time(opdracht, opdracht.nieuwe_datum, "nieuweDatum")
        if known.datum is not None and opdracht.nieuwe_datum <= known.datum:
            raise o.GeenUitstel(field="nieuweDatum")
    elif known.datum is None:
        raise o.AlGemeld(field="afloop")
    return c.EvictionPostponed(
        **_where(opdracht), ontruiming_id=opdracht.ontruiming_id, nieuwe_datum=opdracht.nieuwe_datum
    )


def _avert(opdracht: o.Afloop, known: Ontruiming, ladder: Ladder) -> c.Event:
    return c.EvictionAverted(**_where(opdracht), ontruiming_id=opdracht.ontruiming_id)


def _carry_out(opdracht: o.Afloop, known: Ontruiming, ladder: Ladder) -> c.Event:
    if known.datum is None:
        raise o.GeenDatum(field="afloop")
    if opdracht.datum < known.datum:
        raise o.VoorDeOntruimingsdatum(field="datum")
    held = any(one.geldt(opdracht.datum, opdracht.afspraken.moratorium_maanden) for one in ladder.moratoria)
    if held and known.grond is not Ontruimingsgrond.OVERLAST:
        raise o.TijdensMoratorium(field="datum")
    return c.EvictionCarriedOut(**_where(opdracht), ontruiming_id=opdracht.ontruiming_id)


_OUTCOMES: dict[Afloopsoort, Callable[[o.Afloop, Ontruiming, Ladder], c.Event]] = {
    Afloopsoort.UITGESTELD: _postpone,
    Afloopsoort.VOORKOMEN: _avert,
    Afloopsoort.UITGEVOERD: _carry_out,
}


def _act(opdracht: o.Actie, ladder: Ladder) -> Sequence[c.Event]:
    if (opdracht.taak is not None) and (opdracht.soort is not Actiesoort.TAAKVERDELING or opdracht.uitvoerder is None):
        raise o.TaakHoortBijVerdeling(field="taak")
    return [
        c.ActionTaken(
            **_where(opdracht), soort=opdracht.soort, resultaat=opdracht.resultaat, uitvoerder=opdracht.uitvoerder,
            taak=opdracht.taak,
        )
    ]  # fmt: skip


def _report(opdracht: o.Mpzo, ladder: Ladder) -> Sequence[c.Event]:
    return [c.ReportedToMPZO(**_where(opdracht), soort=opdracht.soort, resultaat=opdracht.resultaat)]


def _moratorium(opdracht: o.Moratorium, ladder: Ladder) -> Sequence[c.Event]:
    if opdracht.uitspraak is not None:
        _decidable(opdracht, ladder)
        return [c.MoratoriumDecided(**_where(opdracht), resultaat=opdracht.uitspraak)]
    if ladder.moratoriumverzoek is not None:
        raise o.AlGemeld(field="datum")
    if any(known.open and known.grond is Ontruimingsgrond.OVERLAST for known in ladder.ontruimingen.values()):
        raise o.NietBijOverlast(field="soort")
    return [c.MoratoriumRequested(**_where(opdracht))]


def _decidable(opdracht: o.Moratorium, ladder: Ladder) -> None:
    """On a request; a moratorium that holds may also lapse or be withdrawn. One may not follow on another for ever."""
    maanden, granted = opdracht.afspraken.moratorium_maanden, opdracht.uitspraak is Uitspraak.TOEGEWEZEN
    lapses = opdracht.uitspraak is Uitspraak.INGETROKKEN and any(
        one.geldt(opdracht.datum, maanden) for one in ladder.moratoria
    )
    asked = ladder.moratoriumverzoek is not None and opdracht.datum >= ladder.moratoriumverzoek
    if not asked and not lapses:
        raise o.GeenVerzoek(field="resultaat")
    if granted and (_in_a_row(ladder, opdracht.datum) + 1) * maanden > MORATORIUM_MAANDEN:
        raise o.MoratoriumTeLang(field="resultaat")


def _in_a_row(ladder: Ladder, day: date) -> int:
    """How many moratoria of their whole length were granted for the threat of this day.

    A threat is over where an eviction was averted, and where nothing was granted for a year: that of another debt is
    another. One that lapsed or was withdrawn leaves days, and how many of them it grants is for the court to say.
    """
    averted = [e.afloopdatum for e in ladder.ontruimingen.values() if e.afloop is Afloopsoort.VOORKOMEN]
    since = max(known for known in (*averted, day - JAAR) if known is not None)
    return sum(one.datum > since and one.einde is None for one in ladder.moratoria)


def _collect(opdracht: o.Incasso, ladder: Ladder) -> Sequence[c.Event]:
    pause = opdracht.stand is Incassostand.PAUZE
    if pause == (ladder.incassopauze is not None):
        raise o.IncassoStaatAlZo(field="soort")
    if ladder.incassopauze is not None and opdracht.datum < ladder.incassopauze:
        raise o.StapPastNiet("De incasso wordt niet hervat voor zij is gepauzeerd.", field="datum")
    return [(c.CollectionPaused if pause else c.CollectionResumed)(**_where(opdracht))]


def _judge(opdracht: o.Beoordeling, ladder: Ladder) -> Sequence[c.Event]:
    """Breda's conditions: rent arrears rise, no contact since the previous report, no help, and a monthly meeting with
    the corporation; once until help comes."""
    if ladder.einde is not None or ladder.hulp is not None or ladder.signalering_plus is not None:
        return []
    if ladder.aanvaard is not None and ladder.aanvaard >= opdracht.datum:
        return []
    met = opdracht.afspraken.maandelijks_overleg
    risen = [s for s in ladder.signalen.values() if s.gestegen and (met is None or s.partner in met)]
    if all(ladder.contact_sinds_vorig(signaal) for signaal in risen):
        return []
    return [c.EscalatedToSignaleringPlus(**_where(opdracht), aanleiding=AANLEIDING)]


_RULES: dict[type[o.Opdracht], Callable[[Any, Ladder], Sequence[c.Event]]] = {
    o.Overdracht: _transfer,
    o.Aanzegging: _announce,
    o.Afloop: _settle,
    o.Actie: _act,
    o.Mpzo: _report,
    o.Moratorium: _moratorium,
    o.Incasso: _collect,
    o.Beoordeling: _judge,
}

DECIDER: Decider[o.Opdracht, Ladder, c.Event] = Decider(initial=Ladder(), decide=decide, evolve=evolve)
