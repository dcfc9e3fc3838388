"""What a caseworker does for one melding: attempts along its route, until somebody is reached or the route is done.

Chances are those of `calibration`; every draw is keyed by the household and the period, never by an id that a run
makes. Reach per channel and age follows the published table; acceptance follows channel and age.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from drempel.region import calibration as c
from drempel.region.acts import Act, werkdag
from libs.events.values import Contactsoort, Dagdeel, Eindresultaat, Stap

PLUS = (
    (Contactsoort.BRIEF, None),
    (Contactsoort.TELEFOON, None),
    (Contactsoort.TELEFOON, None),
    (Contactsoort.TELEFOON, "WhatsApp-oproep"),
    (Contactsoort.SMS_WHATSAPP, None),
    (Contactsoort.HUISBEZOEK, None),
    (Contactsoort.HUISBEZOEK, None),
    (Contactsoort.KAARTJE, "Flyer"),
)
"""What Signalering+ does at least (Breda): the flyer because nobody was at home at the second visit."""
_GESPROKEN = (Contactsoort.TELEFOON, Contactsoort.HUISBEZOEK)
_DAGEN_ACHTEREEN = 3
_NOG_NIET_OPGEVEN = 5
"""Days that a melding which threatens stays open after the last attempt: the household may still come by itself."""
_ZAAK = "/outreach/v1/zaken/{zaakId}/"


@dataclass(frozen=True, slots=True)
class Opdracht:
    """A melding to work on, as the work list and the resident are.

    `sleutel` is stable over runs, `bereikbaar` scales the chance to be reached, `plus` says that the case is in
    Signalering+, `dreigt` that somebody has to have spoken with the household within three working days (Wgs art. 4),
    `sluit_zaak` that the case may be closed once help has ended.
    """

    sleutel: str
    zaak_id: str
    melding_id: str
    gemeentecode: str
    stappen: tuple[Stap, ...]
    leeftijd: int | None = None
    bereikbaar: float = 1.0
    plus: bool = False
    dreigt: bool = False
    sluit_zaak: bool = True


@dataclass(frozen=True, slots=True)
class Poging:
    """One attempt: its channel, perhaps by which means, and whether somebody was reached."""

    soort: Contactsoort
    middel: str | None
    dag: date
    dagdeel: Dagdeel | None
    bereikt: bool


def plan(seed: int, opdracht: Opdracht, dag: date) -> tuple[list[Act], bool]:
    """The acts of a caseworker who takes up this melding on `dag`, in order of day, and whether help is accepted."""
    rng = Random(f"{seed}/consulent/{opdracht.sleutel}/{opdracht.plus}")
    pogingen = list(_pogingen(rng, opdracht, dag))
    acts = [_poging(opdracht, poging) for poging in pogingen]
    laatste = pogingen[-1] if pogingen else None
    if laatste is None or not laatste.bereikt:
        dagen = rng.randint(1, 3) + (_NOG_NIET_OPGEVEN if opdracht.dreigt else 0)
        einde = werkdag((laatste.dag if laatste else dag) + timedelta(days=dagen))
        return [*acts, _sluit(opdracht, einde, Eindresultaat.GEEN_CONTACT)], False
    if opdracht.dreigt:
        acts.append(_act(opdracht, laatste.dag, "gesprekken", {"soort": laatste.soort.value}))
    if rng.random() < acceptatie(laatste.soort, opdracht.leeftijd, plus=opdracht.plus):
        return [*acts, *_hulp(rng, opdracht, laatste.dag)], True
    return [*acts, *_geen_hulp(rng, opdracht, laatste.dag)], False


def afgedaan(opdracht: Opdracht, dag: date, resultaat: Eindresultaat) -> list[Act]:
    """The melding is closed without an attempt: paid, withdrawn, or help is given already."""
    return [_sluit(opdracht, werkdag(dag + timedelta(days=1)), resultaat)]


def bereikkans(soort: Contactsoort, leeftijd: int | None) -> float:
    """Chance that one attempt by this channel reaches somebody of this age; unknown ages count as the middle group.

    Of all reached attempts the table gives the share per channel; divided by the share of the attempts made.
    """
    jaren = 45 if leeftijd is None else leeftijd
    tabel = next(rij for grens, rij in c.BEREIKT_NAAR_LEEFTIJD if jaren <= grens)
    gemaakt = c.POGINGMIX.get(soort)
    return tabel[soort.value] / 100 * c.BEREIK_PER_POGING / gemaakt if gemaakt else 0.0


def acceptatie(soort: Contactsoort, leeftijd: int | None, *, plus: bool = False) -> float:
    """Chance that somebody reached by this channel accepts help."""
    kans = c.ACCEPTATIE_PLUS if plus else c.ACCEPTATIE
    kans *= c.ACCEPTATIE_KANAAL.get(soort, c.ACCEPTATIE_GESCHREVEN)
    return kans * (c.ACCEPTATIE_JONG_OUD if leeftijd is not None and not 25 < leeftijd < 66 else 1.0)


def _pogingen(rng: Random, opdracht: Opdracht, dag: date) -> Iterator[Poging]:
    if opdracht.dreigt:
        yield from _meteen(rng, opdracht, dag)
        return
    for soort, middel in PLUS if opdracht.plus else kanalen(rng, opdracht.stappen):
        dag = werkdag(dag + timedelta(days=rng.randint(1, 3)))
        bereikt = rng.random() < bereikkans(soort, opdracht.leeftijd) * opdracht.bereikbaar
        yield Poging(soort, middel, dag, _dagdeel(rng, soort), bereikt)
        if bereikt:
            return


def _meteen(rng: Random, opdracht: Opdracht, dag: date) -> Iterator[Poging]:
    """A call and a visit a day, from the day itself, at another time of the day each time."""
    dagdelen = list(Dagdeel)
    for plaats, soort in enumerate(_GESPROKEN * _DAGEN_ACHTEREEN):
        bereikt = rng.random() < c.BEREIK_DREIGEND * opdracht.bereikbaar
        yield Poging(soort, None, werkdag(dag), dagdelen[plaats % len(dagdelen)], bereikt)
        if bereikt:
            return
        if soort is _GESPROKEN[-1]:
            dag = werkdag(dag) + timedelta(days=1)


def kanalen(rng: Random, stappen: Sequence[Stap]) -> Iterator[tuple[Contactsoort, str | None]]:
    """The attempts a route asks for, in its order; how many beyond its minimum is drawn, within its maximum."""
    gewenst = rng.choices(tuple(c.POGINGEN), tuple(c.POGINGEN.values()))[0]
    for stap in stappen:
        keer = max(stap.minimum, min(stap.maximum or gewenst, gewenst), 1)
        if stap.keuze == "een van":
            gewichten = [c.POGINGMIX.get(soort, 0.02) for soort in stap.contactsoorten]
            yield from ((soort, None) for soort in rng.choices(stap.contactsoorten, gewichten, k=keer))
        else:
            yield from (
                (soort, None) for soort in stap.contactsoorten for _ in range(keer if soort in _GESPROKEN else 1)
            )


def _dagdeel(rng: Random, soort: Contactsoort) -> Dagdeel | None:
    avond = {Contactsoort.TELEFOON: c.AVOND_BELLEN, Contactsoort.HUISBEZOEK: c.AVOND_BEZOEK}.get(soort)
    if avond is None:
        return None
    return Dagdeel.AVOND if rng.random() < avond else rng.choice((Dagdeel.OCHTEND, Dagdeel.MIDDAG))


def _poging(opdracht: Opdracht, poging: Poging) -> Act:
    body: dict[str, Any] = {"soort": poging.soort.value, "bereikt": poging.bereikt, "meldingId": opdracht.melding_id}
    if poging.dagdeel:
        body["dagdeel"] = poging.dagdeel.value
    gesproken = poging.soort in _GESPROKEN
    if poging.bereikt:
        body["resultaat"] = "Gesprek gevoerd" if gesproken else "Reactie ontvangen"
    else:
        body["resultaat"] = "Geen gehoor" if gesproken else "Verzonden"
    if poging.middel:
        body["middel"] = poging.middel
    return _act(opdracht, poging.dag, "contactpogingen", body)


def _hulp(rng: Random, opdracht: Opdracht, dag: date) -> Iterator[Act]:
    """Advice is soon over; other help goes on to the first conversation, the decision, its end and aftercare."""
    advies = rng.random() < c.QUICK_FIX
    soort = Eindresultaat.ADVIES if advies else Eindresultaat.VERVOLGHULP_FINANCIEEL
    yield _act(opdracht, dag, "hulpacceptaties", {"soort": soort.value})
    yield _sluit(opdracht, werkdag(dag + timedelta(days=1)), soort)
    if advies:
        klaar = werkdag(dag + timedelta(days=rng.randint(10, 25)))
        if opdracht.dreigt:
            yield _act(opdracht, klaar, "beschikkingen", {"resultaat": "Inwoner ziet af"})
        yield _act(opdracht, klaar, "hulpbeeindigingen", {"resultaat": "Afgerond"})
        return
    gesprek = werkdag(dag + timedelta(days=rng.randint(5, 20)))
    if not opdracht.dreigt:
        yield _act(opdracht, gesprek, "gesprekken", {})
    besluit = werkdag(gesprek + timedelta(days=rng.randint(10, 40)))
    yield _act(opdracht, besluit, "beschikkingen", {"resultaat": "Toegekend"})
    einde = werkdag(besluit + timedelta(days=rng.randint(60, 120)))
    yield _act(opdracht, einde, "hulpbeeindigingen", {"resultaat": "Afgerond"})
    nazorg = werkdag(einde + timedelta(days=rng.randint(28, 60)))
    yield _act(opdracht, nazorg, "nazorg", {"soort": "Telefoon", "resultaat": "Gaat goed"})
    if opdracht.sluit_zaak:
        yield _act(opdracht, nazorg, "afsluitingen", {"resultaat": soort.value, "zaak": True})


def _geen_hulp(rng: Random, opdracht: Opdracht, dag: date) -> Iterator[Act]:
    if rng.random() < c.AFGEWEZEN:
        yield _act(opdracht, dag, "afwijzingen", {"reden": "Geen hulp nodig"})
        yield _sluit(opdracht, werkdag(dag + timedelta(days=1)), Eindresultaat.REGELT_ZELF)
    else:
        morgen = werkdag(dag + timedelta(days=1))
        if opdracht.dreigt:
            yield _act(opdracht, morgen, "beschikkingen", {"resultaat": "Inwoner ziet af"})
        yield _sluit(opdracht, morgen, Eindresultaat.ZELF_BETAALD)


def _sluit(opdracht: Opdracht, dag: date, resultaat: Eindresultaat) -> Act:
    return _act(opdracht, dag, "afsluitingen", {"resultaat": resultaat.value, "meldingId": opdracht.melding_id})


def _act(opdracht: Opdracht, dag: date, soort: str, body: dict[str, Any]) -> Act:
    inhoud = {**body, "datum": dag.isoformat()}
    return Act(dag, "consulent", _ZAAK + soort, inhoud, zaak_id=opdracht.zaak_id, gemeentecode=opdracht.gemeentecode)
