"""The compiled policy decides as its conditions read, and finds the changes that trying every value finds."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from libs.events.values import Behandelaar, Contactsoort, Signaalpartner, Signaalsoort
from services.routing.policy.changes import changed_fact
from services.routing.policy.conditions import AMOUNTS, Grenzen, Voorwaarden
from services.routing.policy.document import Beleid, Regel, Termijn
from services.routing.policy.domains import Domain
from services.routing.policy.facts import Feiten
from services.routing.policy.wording import FLAGS
from tests.unit.test_beleid import DRECHTSTEDEN, FACTS, PLACES, VANDAAG, meegeleverd

Values = Any
ROUTE = {"oppakken": True, "stappen": [{"contactsoorten": ["Brief"]}]}


@dataclass(frozen=True)
class Plain:
    """A verdict read from the document row by row."""

    regel: Regel
    termijn: Termijn
    behandelaar: Behandelaar

    @property
    def effect(self) -> Any:
        dan = self.regel.dan
        if not dan.oppakken:
            return (False, dan.reden)
        term = (self.termijn.dagen, self.termijn.werkdagen)
        return (dan.stappen, self.behandelaar, dan.prioriteit, dan.aanwijzingen, *term)


def plain(beleid: Beleid, values: Values, place: str | None) -> Plain | None:
    regel = next((one for one in beleid.rijen if one.fits(values)), None)  # those that take part
    term = next((one for one in beleid.termijnen if one.als.hold(values)), None)
    if regel is None or term is None:
        return None
    return Plain(regel, term, beleid.behandelaars[regel.dan.behandelaar].voor(place))


def turning(beleid: Beleid, values: Values) -> list[Decimal]:
    """Every amount at which anything may change: around each edge and each known amount, and what is left of an edge
    beside another amount."""
    known = [values[name] for name in AMOUNTS if values[name] is not None]
    edges = [point for name in AMOUNTS & beleid.domains.keys() for point in beleid.domains[name].points]
    cent = Decimal("0.01")
    every = {one + step for one in (*known, *edges) for step in (-cent, 0, cent)} | {
        e - k for e in edges for k in known
    }
    return sorted(one for one in every if 0 <= one <= 1_000_001)


def plain_changes(beleid: Beleid, values: Values, place: str | None) -> Iterator[tuple[str, tuple[Any, ...], str]]:
    """Per fact: the value of a flag turned, the nearest points of a number on both sides, the other choices."""
    was = plain(beleid, values, place)
    assert was is not None
    amount = {"bedrag": Domain((None, Decimal(0)), frozenset({Decimal(0)}))}  # others follow from it, asked or not
    for name, domain in (amount | dict(beleid.domains)).items():
        now = values[name]

        def other(value: Any, name: str = name) -> Plain | None:
            found = plain(beleid, changed_fact(values, name, value), place)
            return found if found and found.effect != was.effect else None

        if name in FLAGS:
            tried: list[list[Any]] = [[now is not True]]
        elif domain.edges and now is not None:
            points = turning(beleid, values) if name in AMOUNTS else domain.points
            tried = [[p for p in reversed(points) if p < now], [p for p in points if p > now]]
        else:
            tried = [] if domain.edges else [[value] for value in domain.values if value not in (now, None)]
        for values_tried in tried:
            hit = next(((value, found) for value in values_tried if (found := other(value))), None)
            if hit:
                yield to_camel(name), hit[0], hit[1].regel.naam


def assert_agree(beleid: Beleid, feiten: Feiten, place: str | None) -> None:
    values = feiten.values
    wanted = plain(beleid, values, place)
    assert wanted is not None
    verdict = beleid.verdicts.on(values, place)
    assert (verdict.regel, verdict.termijn, verdict.behandelaar) == (wanted.regel, wanted.termijn, wanted.behandelaar)
    found = {(one.data.feit, value) for one in beleid.changes.of(values, verdict, place) for value in one.data.waarden}
    assert found == {(name, value) for name, value, _ in plain_changes(beleid, values, place)}


@given(FACTS, PLACES)
@settings(max_examples=300, deadline=None)
def test_the_shipped_documents(feiten: Feiten, place: str) -> None:
    assert_agree(meegeleverd().voor(place), feiten, place)


GRENZEN = st.one_of(
    st.builds(lambda edge: Grenzen(vanaf=edge), st.integers(1, 4)),
    st.builds(lambda edge: Grenzen(meer_dan=edge), st.integers(1, 4)),
    st.builds(lambda edge: Grenzen(minder_dan=edge), st.integers(1, 4)),
    st.builds(lambda edge: Grenzen(tot_en_met=edge), st.integers(1, 4)),
    st.builds(lambda low: Grenzen(vanaf=low, minder_dan=low + 2), st.integers(1, 3)),
)
maybe = st.none() | st.booleans()
ONE = {
    "bedrag": st.none() | GRENZEN, "vorig_bedrag": st.none() | GRENZEN, "leeftijd": st.none() | GRENZEN,
    "totaalbedrag": st.none() | GRENZEN,
    "herhaald": maybe, "eerder_opgepakt": maybe, "bedrag_gestegen": maybe, "zelfde_signaalpartner": maybe,
    "signaalpartner": st.none() | st.just((Signaalpartner.HUUR, Signaalpartner.ZORG)),
    "soort": st.none() | st.just((Signaalsoort.CAK_LIJST,)),
    "eerder_contactsoort": st.none() | st.just((Contactsoort.TELEFOON,)),
    "gebied": st.none() | st.just(("noord",)),
}  # fmt: skip
GROUP = st.fixed_dictionaries({}, optional=ONE).map(lambda asked: Voorwaarden(**asked))
NESTED = st.builds(
    lambda own, either, none: own.model_copy(update={"een_van": tuple(either), "geen_van": tuple(none)}),
    GROUP, st.lists(GROUP, max_size=2),
    st.lists(st.builds(lambda own, deep: own.model_copy(update={"een_van": tuple(deep)}), GROUP,
                       st.lists(GROUP, max_size=1)), max_size=1),
).map(lambda als: Voorwaarden.model_validate(als.model_dump()))  # fmt: skip
OUTCOME = st.sampled_from([
    ROUTE, ROUTE | {"prioriteit": 1}, ROUTE | {"behandelaar": "team"},
    *({"oppakken": False, "reden": why} for why in ("onder drempelbedrag", "herhaalde melding", "andere reden")),
])  # fmt: skip
ROWS = st.lists(st.tuples(NESTED, OUTCOME), min_size=1, max_size=5)
SMALL = st.none() | st.sampled_from(["0", "0.99", "1", "1.01", "2", "2.5", "3", "4", "9"]).map(Decimal)
SMALL_FACTS = st.builds(
    Feiten, signaalpartner=st.sampled_from([Signaalpartner.HUUR, Signaalpartner.ZORG, Signaalpartner.WATER]),
    soort=st.sampled_from([Signaalsoort.CAK_LIJST, Signaalsoort.VROEGSIGNAAL]), bedrag=SMALL,
    vorig_bedrag=SMALL, bedrag_andere_signalen=SMALL,
    leeftijd=st.none() | st.integers(0, 6), herhaald=maybe, eerder_opgepakt=maybe,
    eerder_contact=st.none() | st.fixed_dictionaries({"soort": st.sampled_from(Contactsoort)}),
    eerdere_signaalpartners=st.lists(st.sampled_from(Signaalpartner), max_size=2).map(tuple),
    gebied=st.sampled_from([None, "noord", "zuid"]),
)  # fmt: skip


@given(ROWS, st.lists(SMALL_FACTS, min_size=1, max_size=8), st.sampled_from([None, "0505", "0999"]))
@settings(max_examples=400, deadline=None)
def test_any_document(rows: list[tuple[Voorwaarden, Any]], every: list[Feiten], place: str | None) -> None:
    beleid = Beleid.model_validate({
        "naam": "x", "versie": "x", "geldigVanaf": VANDAAG, "bron": "x",
        "behandelaars": {"gemeente": {"standaard": {"organisatie": "a"}, "perGemeente": {"0505": {"organisatie": "b"}}},
                         "team": {"standaard": {"organisatie": "b"}}},
        "regels": [*({"naam": f"r{n}", "als": als, "dan": dan} for n, (als, dan) in enumerate(rows)),
                   {"naam": "rest", "dan": ROUTE | {"prioriteit": 5}}],
        "voorbeelden": [{"naam": "x", "feiten": {"signaalpartner": "Huur"}, "verwacht": {}}],
    })  # fmt: skip
    for feiten in every:
        assert_agree(beleid, feiten, place)


def test_what_is_kept_of_one_cell_says_how_far_each_of_its_signals_is() -> None:
    beleid = meegeleverd().voor(DRECHTSTEDEN[1])
    said = []
    for amount in ("600", "601"):
        values = Feiten(signaalpartner=Signaalpartner.ZORG, bedrag=Decimal(amount)).values
        found = beleid.changes.of(values, beleid.verdicts.on(values, None), None)
        said.append([one.said(values).zin for one in found if one.fact == "bedrag"])
    assert "Bij bedrag € 499,99 (€ 100,01 minder) was de route: Brief en Mail." in said[0]
    assert "Bij bedrag € 499,99 (€ 101,01 minder) was de route: Brief en Mail." in said[1]
