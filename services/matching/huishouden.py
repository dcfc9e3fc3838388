"""Who live together with a person, as far as the BRP can tell. Pure.

It knows who are registered at an address, how old they are, and who is married to whom. Whether other adults are a
couple, parent and child or strangers it does not say, and where it can't name everybody it tells nothing.
"""

from collections.abc import Sequence
from datetime import date

from libs.events.values import Huishouden
from services.matching.personen import VOLWASSEN, Ingeschrevene, Treffer


def minderjarigen(wie: Ingeschrevene, bewoners: Sequence[Treffer] | None, op: date) -> bool:
    """Whether anybody under 18 is registered there; the person's own children where nobody can be asked about."""
    if bewoners is None or wie.briefadres:
        return any(kind.voor(op) and kind.voor(op, VOLWASSEN) is False for kind in wie.kinderen)
    return any(een.geboorte.voor(op, VOLWASSEN) is False for een in _thuis(bewoners, op))


def huishouden(wie: Ingeschrevene, bewoners: Sequence[Treffer] | None, op: date) -> Huishouden | None:
    """The kind of household; None where its people, the age of one or the address of one is not certain."""
    if bewoners is None or wie.briefadres or wie.in_onderzoek or any(een.woont_er is None for een in bewoners):
        return None
    volwassen = {een.burgerservicenummer: een.geboorte.voor(op, VOLWASSEN) for een in _thuis(bewoners, op)}
    if wie.burgerservicenummer not in volwassen:
        return None
    del volwassen[wie.burgerservicenummer]
    if None in volwassen.values():
        return None
    grote = {bsn for bsn, is_groot in volwassen.items() if is_groot}
    if grote - wie.samen_met:
        return Huishouden.MEER_VOLWASSENEN
    kinderen = len(volwassen) > len(grote)
    if grote:
        return Huishouden.SAMENWONEND_MET_KINDEREN if kinderen else Huishouden.SAMENWONEND
    return Huishouden.ALLEENSTAAND_MET_KINDEREN if kinderen else Huishouden.ALLEENSTAAND


def _thuis(bewoners: Sequence[Treffer], op: date) -> list[Treffer]:
    """Without the deceased, who was found not to live there any more, and who was not born yet."""
    return [een for een in bewoners if een.woont_er is not False and een.geboorte.voor(op) is not False]
