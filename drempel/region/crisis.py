"""Once an eviction is announced: always a home visit, contact as often as needed, a yellow card where nobody opens.

Who opens is spoken with within the three working days of Wgs art. 4.

Breda (a home visit always, the yellow card) and the Drechtsteden (report to the MPZO at the summons, crisis protocol
within days of the announcement, moratorium) work so.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from drempel.region.acts import Act, werkdag

_OUTREACH, _ESCALATION = "/outreach/v1/zaken/{zaakId}/", "/escalation/v1/zaken/{zaakId}/"
Sleutel = tuple[str, str, str]
"""Partner, kenmerk and period of the signal whose case it is."""
BESLUIT_NA_DAGEN = 21
"""Between the first conversation and the decision on help: assumption, the law gives eight weeks."""
HULP_BIJ_CRISIS = 0.7
"""Help accepted where an announced eviction is averted, the others pay: assumption."""


def mpzo(sleutel: Sleutel, dagvaarding: date) -> Act:
    """The report to the Meldpunt Zorg en Overlast that follows a summons."""
    dag = werkdag(dagvaarding + timedelta(days=1))
    return _act("mpzo", sleutel, dag, _ESCALATION + "mpzo-meldingen", {"soort": "Dagvaarding"})


def crisis(rng: Random, sleutel: Sleutel, aanzegging: date, *, voorkomen: bool, hulp: bool) -> Iterator[Act]:
    """What caseworkers do in the four working days after the announcement; `hulp`: help must be what averts it."""
    dag = werkdag(aanzegging + timedelta(days=1))
    yield _consulent(sleutel, dag, _ESCALATION + "acties", {"soort": "Crisisprotocol", "resultaat": "Uitgevoerd"})
    yield _poging(sleutel, dag, "Huisbezoek", bereikt=False, resultaat="Niet thuis", dagdeel="Middag")
    yield _poging(sleutel, dag, "Kaartje", bereikt=False, middel="Gele kaart", resultaat="Verzonden")
    later = werkdag(dag + timedelta(days=2))
    if not voorkomen:
        yield _poging(sleutel, later, "Huisbezoek", bereikt=False, resultaat="Niet thuis", dagdeel="Avond")
        return
    yield _poging(sleutel, later, "Huisbezoek", bereikt=True, resultaat="Gesprek gevoerd", dagdeel="Avond")
    yield _consulent(sleutel, later, _OUTREACH + "gesprekken", {"soort": "Huisbezoek"})
    if not (hulp or rng.random() < HULP_BIJ_CRISIS):
        yield _consulent(sleutel, later, _OUTREACH + "afwijzingen", {"reden": "Betalingsregeling getroffen"})
        return
    yield _consulent(sleutel, later, _OUTREACH + "hulpacceptaties", {"soort": "Crisishulp"})
    morgen, besluit = (werkdag(later + timedelta(days=days)) for days in (1, BESLUIT_NA_DAGEN))
    yield _consulent(sleutel, morgen, _ESCALATION + "incassostanden", {"soort": "Pauze"})
    yield _consulent(sleutel, besluit, _OUTREACH + "beschikkingen", {"resultaat": "Toegekend"})


def _poging(sleutel: Sleutel, dag: date, soort: str, *, bereikt: bool, **meer: Any) -> Act:
    return _consulent(sleutel, dag, _OUTREACH + "contactpogingen", {"soort": soort, "bereikt": bereikt, **meer})


def _consulent(sleutel: Sleutel, dag: date, pad: str, body: dict[str, Any]) -> Act:
    return _act("consulent", sleutel, dag, pad, body)


def _act(rol: str, sleutel: Sleutel, dag: date, pad: str, body: dict[str, Any]) -> Act:
    return Act(dag, rol, pad, {**body, "datum": dag.isoformat()}, *sleutel)
