"""Facts that are never so together, as conditions: a gap that needs them is none, and a row that needs them is dead.

They follow from how facts are told (``facts.values_of``), so they hold for whatever is said of a signal. A number is
only asked by its own edges: others the document can't tell apart.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from operator import itemgetter

from services.routing.policy.conditions import Grenzen, Voorwaarden
from services.routing.policy.domains import Domain, step_of

Domains = Mapping[str, Domain]
Bound = tuple[Decimal, Grenzen]
"""A number, and how a document asks for what is on one side of it."""

_number = itemgetter(0)
_KNOWN = Grenzen(vanaf=Decimal(0))
_ALWAYS = (
    Voorwaarden(bedrag_gestegen=True, bedrag_gedaald=True),
    Voorwaarden(bedrag_gestegen=True, herhaald=True),
    Voorwaarden(match_met_huur=True, match_zelfde_periode=False),
    Voorwaarden(bedrag=_KNOWN, geen_van=(Voorwaarden(totaalbedrag=_KNOWN),)),
    Voorwaarden(totaalbedrag=_KNOWN, geen_van=(Voorwaarden(bedrag=_KNOWN),)),
    *(
        Voorwaarden(**{moved: True}, geen_van=(Voorwaarden(**{amount: _KNOWN}),))
        for moved in ("bedrag_gestegen", "bedrag_gedaald")
        for amount in ("bedrag", "vorig_bedrag")
    ),
)
_MORE: tuple[tuple[Mapping[str, bool], str, str, bool], ...] = (
    ({}, "bedrag", "totaalbedrag", False),
    ({}, "bedrag_andere_signalen", "totaalbedrag", False),
    ({}, "aantal_partners_zelfde_periode", "aantal_signalen_zelfde_periode", False),
    ({"match_zelfde_periode": False}, "totaalbedrag", "bedrag", False),
    ({"herhaald": True}, "bedrag", "vorig_bedrag", False),
    ({"bedrag_gestegen": False}, "bedrag", "vorig_bedrag", False),
    ({"bedrag_gestegen": True}, "vorig_bedrag", "bedrag", True),
    ({"bedrag_gedaald": False}, "vorig_bedrag", "bedrag", False),
    ({"bedrag_gedaald": True}, "bedrag", "vorig_bedrag", True),
)
"""Then the one number is never more than the other; nor, where that is said, as much."""
_LEAST: tuple[tuple[Mapping[str, bool], str, Decimal], ...] = (
    ({"match_zelfde_periode": False}, "aantal_signalen_zelfde_periode", Decimal(2)),
    ({"match_zelfde_periode": False}, "aantal_partners_zelfde_periode", Decimal(2)),
    ({"match_zelfde_periode": False}, "bedrag_andere_signalen", Decimal("0.01")),
)
"""Then the number is never this or more."""
_MOST: tuple[tuple[Mapping[str, bool], str, Decimal], ...] = (
    ({}, "aantal_signalen_zelfde_periode", Decimal(0)),
    ({"match_zelfde_periode": True}, "aantal_signalen_zelfde_periode", Decimal(1)),
)
"""Then the number is never this or less."""


def never(domains: Domains) -> list[Voorwaarden]:
    """What is never so of the facts that a document asks about."""
    found = [*_ALWAYS, *_more(domains)]
    for when, name, least in _LEAST:
        reached = [bound for bound in _upward(domains, name) if bound[0] >= least]
        found += [Voorwaarden(**when, **{name: low}) for _, low in sorted(reached, key=_number)[:1]]
    for when, name, most in _MOST:
        reached = [bound for bound in _downward(domains, name) if bound[0] <= most]
        found += [Voorwaarden(**when, **{name: high}) for _, high in sorted(reached, key=_number)[-1:]]
    return [als for als in found if {name for name, _ in als.every()} <= domains.keys()]


def _more(domains: Domains) -> Iterator[Voorwaarden]:
    """Per edge of the one number, the highest of the other that it is surely more than."""
    for when, one, other, equal in _MORE:
        below = sorted(_downward(domains, other), key=_number)
        for least, low in _upward(domains, one):
            under = [high for most, high in below if most < least or (equal and most == least)]
            if under:
                yield Voorwaarden(**when, **{one: low, other: under[-1]})


def _upward(domains: Domains, name: str) -> Iterator[Bound]:
    """What lies from each edge of a number on, by its lowest."""
    for edge in domains[name].edges if name in domains else ():
        yield edge, Grenzen(vanaf=edge)
        yield edge + step_of(name), Grenzen(meer_dan=edge)


def _downward(domains: Domains, name: str) -> Iterator[Bound]:
    """What lies up to each edge of a number, by its highest."""
    for edge in domains[name].edges if name in domains else ():
        yield edge, Grenzen(tot_en_met=edge)
        yield edge - step_of(name), Grenzen(minder_dan=edge)
