"""The facts of one signal, from what is known around it. Pure.

Contact and answers count from before the period of the signal, so that what is done for a melding does not change the
route of that melding; an eviction counts from the day it was announced. What a household last answered is what holds.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.routing.domain import Beeld, Daad, Handeling, Koppeling, Signaal
from services.routing.policy.facts import Code, EerderContact, Feiten

WINDOW = 12
"""Calendar months before its period in which earlier signals at the address count for a signal."""

_GIVEN = ("signaalpartner", "soort", "bedrag", "leeftijd", "minderjarige_kinderen", "recidive", "herhaald",
          "vorig_bedrag", "crisissignaal", "warme_overdracht", "einddatum_levering", "telefoon_bruikbaar",
          "email_bruikbaar", "signaaldatum", "bekend_bij_schuldhulpverlening")  # fmt: skip
_CODE: TypeAdapter[str] = TypeAdapter(Code)


def feiten_van(signaal: Signaal, link: Koppeling, beeld: Beeld) -> Feiten:
    """The facts of a linked signal, as things stand."""
    return Feiten(**bekend_van(signaal, link, beeld))


def bekend_van(signaal: Signaal, link: Koppeling, beeld: Beeld) -> dict[str, Any]:
    """The same by name, for who needs no more than to decide on them."""
    return {
        **{name: getattr(link, name) for name in _GIVEN},
        "eerder_opgepakt": _picked_up_before(link, beeld),
        **_age(link),
        **_around(signaal, link, beeld),
        **_done(link, beeld.gedaan(link.zaak_id)),
    }


def maand(periode: str) -> int:
    """A period as a number of months, so that periods can be counted."""
    return int(periode[:4]) * 12 + int(periode[5:7])


def _age(link: Koppeling) -> dict[str, Any]:
    if link.ontstaansdatum is None:
        return {}
    return {
        "ouderdom_vordering": min(max((link.signaaldatum - link.ontstaansdatum).days, 0), 100_000),
        "maanden_achterstand": _months(link.ontstaansdatum, link.signaaldatum),
    }


def _months(start: date, end: date) -> int:
    """Whole months."""
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return min(max(months, 0), 1200)


def _around(signaal: Signaal, link: Koppeling, beeld: Beeld) -> dict[str, Any]:
    """The other signals at the address: a match does not count withdrawn ones, the past does (contract)."""
    now, match = maand(link.periode), False
    earlier: list[Koppeling] = []
    for other, its in beeld.op_adres(link.adres_id):
        before = now - maand(its.periode)
        if 0 < before <= WINDOW:
            earlier.append(its)
        match = match or (before == 0 and other.open and other.signaal_id != signaal.signaal_id)
    return {
        "match_zelfde_periode": match,
        "aantal_eerdere_signalen": len(earlier),
        "eerdere_signaalpartners": tuple(sorted({its.signaalpartner for its in earlier})),
        "maanden_sinds_vorig_signaal": min((now - maand(its.periode) for its in earlier), default=None),
    }


def _picked_up_before(link: Koppeling, beeld: Beeld) -> bool | None:
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
    begin = date.fromisoformat(f"{link.periode}-01")
    before = [act for act in acts if act.datum < begin]
    answers = [act.daad for act in before if act.daad in (Daad.HULP_AANVAARD, Daad.HULP_AFGEWEZEN)]
    last = answers[-1] if answers else None
    reached = [act.datum for act in before if act.bereikt]
    return {
        "eerder_contact": _contact([act for act in before if act.daad is Daad.CONTACT]),
        "maanden_sinds_contact": _months(reached[-1], link.signaaldatum) if reached else None,
        "hulp_aanvaard": last is Daad.HULP_AANVAARD,
        "hulp_afgewezen": last is Daad.HULP_AFGEWEZEN,
        "ontruiming_aangezegd": _announced(act for act in acts if act.datum <= link.signaaldatum),
    }


def _contact(attempts: Sequence[Handeling]) -> EerderContact | bool:
    """The last time the household was reached, or else the last attempt."""
    if not attempts:
        return False
    told = next((act for act in reversed(attempts) if act.bereikt), attempts[-1])
    return EerderContact(bereikt=bool(told.bereikt), soort=told.soort, resultaat=_code(told.resultaat))


def _code(text: str | None) -> str | None:
    """A result as a policy may ask for it; other words are nobody's condition."""
    try:
        return _CODE.validate_python(text)
    except ValidationError:
        return None


def _announced(acts: Iterable[Handeling]) -> bool:
    """True when an eviction was announced and is not over."""
    running = set()
    for act in acts:
        if act.daad is Daad.ONTRUIMING_AANGEZEGD:
            running.add(act.ontruiming_id)
        elif act.daad is Daad.ONTRUIMING_VOORBIJ:
            running.discard(act.ontruiming_id)
    return bool(running)
