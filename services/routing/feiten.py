"""The facts of one signal, from what is known around it. Pure.

Contact and answers count from before the period of the signal, so that what is done for a melding does not change the
route of that melding; contact since the previous report from that day until the day before the signal; Signalering+
as it runs on the day before the signal; an eviction for the last signal before it was announced and those
after it, until it is over. What a household last answered is what holds.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

from pydantic import TypeAdapter, ValidationError

from libs.events.achterstand import hele_maanden, maanden_achterstand
from libs.events.catalogue import EscalatedToSignaleringPlus, HelpAccepted
from libs.events.lopend import Trede, lopend
from libs.events.values import Eindresultaat, Signaalpartner
from services.routing.domain import Bekend, Daad, Handeling, Koppeling, Signaal
from services.routing.policy.document import Beleid
from services.routing.policy.facts import Code, EerderContact, Feiten

WINDOW = 24
"""Calendar months before its period in which earlier signals at the address may count for a signal; a document says how
many do (``terugkijkmaanden``)."""

RECIDIVE = 6
"""Calendar months before its period in which a signal at the address makes recidive (contract)."""

_GIVEN = ("signaalpartner", "soort", "bedrag", "leeftijd", "minderjarige_kinderen", "herhaald",
          "vorig_bedrag", "crisissignaal", "warme_overdracht", "einddatum_levering", "telefoon_bruikbaar",
          "email_bruikbaar", "signaaldatum", "huishouden", "gebied", "bekend_bij_schuldhulpverlening")  # fmt: skip
_given = attrgetter(*_GIVEN)
_CODE: TypeAdapter[str] = TypeAdapter(Code)
_MOST = Decimal("9999999.99")
_PAST = frozenset({"aantal_eerdere_signalen", "eerdere_signaalpartners", "maanden_sinds_vorig_signaal",
                   "maanden_op_rij", "keren_zelf_betaald", "zelfde_signaalpartner"})  # fmt: skip
"""Facts that follow from earlier signals at the address."""
_SPOKEN = frozenset({Daad.GESPREK, Daad.HULP_AANVAARD, Daad.HULP_AFGEWEZEN})
"""What is only done with somebody who was reached."""
_TREDEN = {Daad.HULP_AANVAARD: HelpAccepted.name(), Daad.SIGNALERING_PLUS: EscalatedToSignaleringPlus.name()}
"""What bears on Signalering+."""
_NO_MATCH: Mapping[str, Any] = {
    "match_zelfde_periode": False, "match_met_huur": False, "aantal_signalen_zelfde_periode": 1,
    "aantal_partners_zelfde_periode": 1, "bedrag_andere_signalen": Decimal(0),
}  # fmt: skip
_NOTHING_DONE: Mapping[str, Any] = {
    "eerder_contact": False, "contact_sinds_vorig_signaal": False, "hulp_aanvaard": False, "hulp_afgewezen": False,
    "ontruiming_aangezegd": False, "signalering_plus": False,
}  # fmt: skip


def feiten_van(
    signaal: Signaal, link: Koppeling, beeld: Bekend, beleid: Beleid, maandstand: dict[str, Any] | None = None
) -> Feiten:
    """The facts of a linked signal, as things stand; with what is in use of its month, where the document counts."""
    return Feiten(**bekend_van(signaal, link, beeld, beleid.terugkijkmaanden), **(maandstand or {}))


def bekend_van(
    signaal: Signaal, link: Koppeling, beeld: Bekend, terug: int, gevraagd: frozenset[str] | None = None
) -> dict[str, Any]:
    """The same by name, for who needs no more than to decide on them; earlier signals of so many months count. What is
    not in `gevraagd` may be left out."""
    acts = beeld.gedaan(link.zaak_id)
    known = dict(zip(_GIVEN, _given(link), strict=True))
    known["eerder_opgepakt"] = _picked_up_before(link, beeld)
    known |= _age(link, beeld)
    known |= _around(signaal, link, beeld, terug, gevraagd is None or not _PAST.isdisjoint(gevraagd))
    known |= _NOTHING_DONE if not acts else _done(link, acts) | _later(link, acts, beeld)
    return known


@lru_cache(maxsize=1024)
def maand(periode: str) -> int:
    """A period as a number of months, so that periods can be counted."""
    return int(periode[:4]) * 12 + int(periode[5:7])


def _age(link: Koppeling, beeld: Bekend) -> dict[str, Any]:
    """How long the arrears have lasted; a report that was withdrawn tells nothing of it."""
    reports = (its for other, its in beeld.van_achterstand(link.achterstand_id) if other.open)
    known = {"maanden_achterstand": min(maanden_achterstand(link, reports), 1200)}
    if link.ontstaansdatum is not None:
        known["ouderdom_vordering"] = min(max((link.signaaldatum - link.ontstaansdatum).days, 0), 100_000)
    return known


def _months(start: date, end: date) -> int:
    return min(hele_maanden(start, end), 1200)


def _around(signaal: Signaal, link: Koppeling, beeld: Bekend, terug: int, past: bool) -> dict[str, Any]:
    """The other signals at the address: a match does not count withdrawn ones, the past does (contract). As things
    stand, so that a link that is undone or comes late counts for the others too."""
    now, recidive = maand(link.periode), False
    same: list[Koppeling] = []
    earlier: list[tuple[int, Signaal, Koppeling]] = []
    for other, its in beeld.op_adres(link.adres_id):
        before = now - maand(its.periode)
        recidive = recidive or 0 < before <= RECIDIVE
        if 0 < before <= terug:
            earlier.append((before, other, its))
        elif before == 0 and other.open and other.signaal_id != signaal.signaal_id:
            same.append(its)
    return {"recidive": recidive} | _match(link, same) | (_past(link, earlier, beeld) if past else {})


def _match(link: Koppeling, same: Sequence[Koppeling]) -> dict[str, Any]:
    if not same:
        return dict(_NO_MATCH)
    partners = {its.signaalpartner for its in (link, *same)}
    return {
        "match_zelfde_periode": True,
        "match_met_huur": Signaalpartner.HUUR in partners,
        "aantal_signalen_zelfde_periode": len(same) + 1,
        "aantal_partners_zelfde_periode": len(partners),
        "bedrag_andere_signalen": min(sum((its.bedrag or 0 for its in same), Decimal(0)), _MOST),
    }


def _past(link: Koppeling, earlier: Sequence[tuple[int, Signaal, Koppeling]], beeld: Bekend) -> dict[str, Any]:
    months, begin = {before for before, _, _ in earlier}, _begin(link)
    in_a_row = next(n for n in range(1, len(months) + 2) if n not in months)
    return {
        "aantal_eerdere_signalen": len(earlier),
        "eerdere_signaalpartners": tuple(sorted({its.signaalpartner for _, _, its in earlier})),
        "maanden_sinds_vorig_signaal": min(months, default=None),
        "maanden_op_rij": in_a_row,
        "keren_zelf_betaald": len(
            {
                before
                for before, other, its in earlier
                if its.signaalpartner is link.signaalpartner and _paid(other, its, begin, beeld)
            }
        ),
    }


def _paid(signaal: Signaal, its: Koppeling, voor: date, beeld: Bekend) -> bool:
    """True when the partner or the municipality said before that day that the resident had paid."""
    taken_back = signaal.betaald is not None and signaal.betaald < voor
    ended = [act for act in beeld.afgesloten(its.melding_id) if act.datum < voor]
    last = max(ended, key=lambda act: act.sequence).resultaat if ended else None
    return taken_back or last == Eindresultaat.ZELF_BETAALD


def _begin(link: Koppeling) -> date:
    """The first day of its period."""
    return link.signaaldatum.replace(day=1)


def _picked_up_before(link: Koppeling, beeld: Bekend) -> bool | None:
    """Whether the previous report of this arrears that still stands was picked up; None when there is none. One that
    was withdrawn does not count: what was paid and then falls due again is news."""
    earlier = [
        (its.periode, other.sequence, other.genomen.oppakken)
        for other, its in beeld.van_achterstand(link.achterstand_id)
        if its.periode < link.periode and other.open and other.genomen is not None
    ]
    return max(earlier)[2] if earlier else None


def _done(link: Koppeling, acts: Sequence[Handeling]) -> dict[str, Any]:
    """What was done in the household before this period, in order of day."""
    begin = _begin(link)
    before = [act for act in acts if act.datum < begin]
    answers = [act.daad for act in before if act.daad in (Daad.HULP_AANVAARD, Daad.HULP_AFGEWEZEN)]
    last = answers[-1] if answers else None
    reached = [act.datum for act in before if act.bereikt]
    tried = [act for act in before if act.daad is Daad.CONTACT]
    ended = [act.resultaat for act in before if act.daad is Daad.AFGESLOTEN]
    return {
        "eerder_contact": _contact(tried),
        "maanden_sinds_poging": _months(tried[-1].datum, link.signaaldatum) if tried else None,
        "eerder_eindresultaat": Eindresultaat(ended[-1]) if ended and ended[-1] else None,
        "maanden_sinds_contact": _months(reached[-1], link.signaaldatum) if reached else None,
        "hulp_aanvaard": last is Daad.HULP_AANVAARD,
        "hulp_afgewezen": last is Daad.HULP_AFGEWEZEN,
    }


def _later(link: Koppeling, acts: Sequence[Handeling], beeld: Bekend) -> dict[str, Any]:
    """What is also told of what was done in the period itself, or after it."""
    return _contact_since(link, acts, beeld) | _plus(link, acts) | _eviction(link, acts, beeld)


def _contact_since(link: Koppeling, acts: Sequence[Handeling], beeld: Bekend) -> dict[str, bool]:
    """Whether somebody spoke to the household since the previous report of these arrears, as escalation asks it before
    Signalering+ (Breda) and a report to the Meldpunt (Drechtsteden); not said of a first report."""
    chain = (its.signaaldatum for _, its in beeld.van_achterstand(link.achterstand_id))
    since = max((day for day in chain if day < link.signaaldatum), default=None)
    if since is None:
        return {}
    spoken = any(since <= act.datum < link.signaaldatum for act in acts if act.bereikt or act.daad in _SPOKEN)
    return {"contact_sinds_vorig_signaal": spoken}


def _plus(link: Koppeling, acts: Sequence[Handeling]) -> dict[str, bool]:
    """Whether Signalering+ runs in the case on the day before the signal, which may itself bring it about."""
    own = (a for a in acts if a.zaak_id == link.zaak_id and a.datum < link.signaaldatum and a.daad in _TREDEN)
    running = lopend(Trede(_TREDEN[act.daad], act.datum) for act in own)
    return {"signalering_plus": running.signalering_plus is not None}


def _contact(attempts: Sequence[Handeling]) -> EerderContact | bool:
    """The last time the household was reached, or else the last attempt."""
    if not attempts:
        return False
    told = next((act for act in reversed(attempts) if act.bereikt), attempts[-1])
    return EerderContact(bereikt=bool(told.bereikt), soort=told.soort, resultaat=_code(told.resultaat))


@lru_cache(maxsize=1024)
def _code(text: str | None) -> str | None:
    """A result as a policy may ask for it; other words are nobody's condition."""
    if text is None:
        return None
    try:
        return _CODE.validate_python(text)
    except ValidationError:
        return None


def _eviction(link: Koppeling, acts: Sequence[Handeling], beeld: Bekend) -> dict[str, Any]:
    """Whether an eviction was announced that was not over by the day of the signal. The last signal before it counts
    too, because a visit does not wait for the next one (Breda); its term runs from the announcement then."""
    past = (act for act in acts if act.datum <= link.signaaldatum)
    over = {act.ontruiming_id for act in past if act.daad is Daad.ONTRUIMING_VOORBIJ}
    told = (act for act in acts if act.daad is Daad.ONTRUIMING_AANGEZEGD and act.ontruiming_id not in over)
    announced = min((act.datum for act in told), default=None)
    if announced is None or announced <= link.signaaldatum:
        return {"ontruiming_aangezegd": announced is not None}
    household = (its.signaaldatum for one, its in beeld.van_huishouden(link.zaak_id) if one.open)
    if any(link.signaaldatum < day <= announced for day in household):
        return {"ontruiming_aangezegd": False}
    return {"ontruiming_aangezegd": True, "ontruiming_aangezegd_op": announced}
