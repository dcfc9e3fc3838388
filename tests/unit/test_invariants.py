"""The invariants that end every fault test see what they are there to see."""

from uuid import UUID, uuid4

from libs.events.ports import Entry
from tests.contracts.transports import envelope
from tests.invariants import of_effects

ONE, OTHER = uuid4(), uuid4()
SAID = [Entry(envelope(zaak), "0505") for zaak in (ONE, OTHER, ONE, OTHER)]
IDS = [entry.envelope.id for entry in SAID]


def kinds(*effects: UUID) -> list[str]:
    """What is wrong with these effects, by kind."""
    return [found.partition(":")[0] for found in of_effects(SAID, effects)]


def test_every_effect_once_and_in_order_of_its_case_is_whole() -> None:
    a, b, c, d = IDS
    assert kinds(a, b, c, d) == []
    assert kinds(b, d, a, c) == [], "nothing is promised between cases"


def test_an_effect_that_is_lost_twice_or_out_of_order_is_seen() -> None:
    a, b, c, d = IDS
    assert kinds(a, b, c) == ["lost"]
    assert kinds() == ["lost"] * 4
    assert kinds(a, b, c, d, c) == ["twice"]
    assert kinds(c, b, a, d) == ["order"]
    assert kinds(d, b, b, c) == ["twice", "lost", "order"]
