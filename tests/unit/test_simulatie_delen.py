"""A history is read in parts that know nothing of each other, and what differs in it is laid over what was known."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.events.catalogue import Event
from services.routing.domain import Beeld, Koppeling, Signaal
from services.routing.feiten import bekend_van
from services.routing.simulatie.anders import Anders
from services.routing.simulatie.historie import Historie, Verbanden
from tests.matched import Verloop
from tests.unit.test_besluiten import EVENTS

Rij = tuple[UUID, UUID, UUID, UUID]


def rijen(random: Random, most: int) -> list[Rij]:
    ids = [[UUID(int=100 * kind + n) for n in range(most)] for kind in (2, 3, 4)]
    return [(UUID(int=n), *(random.choice(some) for some in ids)) for n in range(1, 40)]  # type: ignore[misc]


@pytest.mark.parametrize("size", [1, 5, 1_000])
@pytest.mark.parametrize("seed", range(20))
def test_what_hangs_together_is_in_one_part(seed: int, size: int) -> None:
    every, verbanden = rijen(Random(seed), 1 << (3 + seed % 5)), Verbanden()
    for rij in every:
        verbanden.zie(*rij)
    parts = list(verbanden.delen(size))
    place = {one: n for n, part in enumerate(parts) for one in part}
    assert sorted(place) == sorted(rij[0] for rij in every)
    for one in every:
        for other in every:
            assert place[one[0]] == place[other[0]] or not set(one[1:]) & set(other[1:])
    assert all(len(part) >= size for part in parts[:-1])


def test_parts_are_no_larger_than_they_have_to_be() -> None:
    verbanden = Verbanden()
    for n in range(1, 100):
        verbanden.zie(UUID(int=n), UUID(int=1000 + n), UUID(int=2000 + n), UUID(int=3000 + n))
    assert [len(part) for part in verbanden.delen(10)] == [10] * 9 + [9]


def links(beeld: Beeld) -> Sequence[tuple[Signaal, Koppeling]]:
    return [(one, one.koppeling) for one in beeld.signalen.values() if one.koppeling is not None]


@given(st.lists(EVENTS, min_size=3, max_size=14), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_what_differs_is_seen_as_if_it_had_been_so_and_only_where_it_touches(
    events: list[Event], random: Random
) -> None:
    verloop = Verloop()
    verloop.hoor(*events)
    toen = verloop.beeld
    nu, vergeten = Anders(toen), set[UUID]()
    signalen = dict(toen.signalen)
    for signaal, link in links(toen):
        if random.random() < 0.3 and signaal.genomen is not None:
            changed = replace(signaal, genomen=replace(signaal.genomen, oppakken=not signaal.genomen.oppakken))
            signalen[signaal.signaal_id] = changed
            nu.zet(changed, link)
        for act in toen.gedaan(link.zaak_id):
            if random.random() < 0.3:
                nu.vergeet(act, link)
                vergeten.add(act.id)
    acts = [act for act in toen.handelingen.values() if act.id not in vergeten]
    other = Historie(list(signalen.values()), acts, toen.huishoudens).beeld()
    for signaal, link in links(toen):
        seen = bekend_van(signaal, link, nu, 12)
        assert seen == bekend_van(signaal, link, other, 12)
        assert nu.raakt(link) or seen == bekend_van(signaal, link, toen, 12)
