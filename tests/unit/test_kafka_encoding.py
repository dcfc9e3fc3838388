"""An event as a Kafka message and back: the same bytes, the same partition, for ever."""

import pytest

from libs.events.catalogue import CATALOGUE, CaseClosed
from libs.events.envelope import encode
from libs.events.errors import Unreadable
from libs.events.kafka.encoding import from_message, partition_of, to_message
from libs.events.ports import Delivery
from tests.examples import example_envelope


def delivery(name: str) -> Delivery:
    """A recorded event of this kind."""
    event = example_envelope(CATALOGUE[name])
    return Delivery(41, event.subject, event.type, encode(event))


def fields(found: Delivery) -> tuple[int, str, str, bytes]:
    """What a delivery holds."""
    return found.position, found.subject, found.type, found.raw


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_event_comes_back_byte_for_byte(name: str) -> None:
    sent = delivery(name)
    owner = CATALOGUE[name].owner
    key, value, headers = to_message(owner, sent, 17)
    arrived = from_message(value, headers)
    assert key.decode() == sent.subject
    assert arrived is not None
    assert (arrived.source, arrived.previous, fields(arrived.delivery)) == (owner, 17, fields(sent))
    assert arrived.delivery.envelope() == example_envelope(CATALOGUE[name]).at(41)


def test_it_is_cloudevents_in_binary_mode() -> None:
    _, value, headers = to_message("outreach", delivery(CaseClosed.name()), 17)
    found = dict(headers)
    assert value.startswith(b'{"zaakId":')
    assert found["content-type"] == b"application/json"
    assert found["ce_specversion"] == b"1.0"
    assert found["ce_type"].startswith(b"nl.vroegsignalering.")
    assert (found["ce_sequence"], found["previous"]) == (b"41", b"17")
    assert {"ce_id", "ce_source", "ce_subject", "ce_time", "ce_correlationid"} <= set(found)


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"null", b"[]", b'{"id":1}', b'{"id":1,"data":2}', b',"data":'])
def test_what_is_no_event_travels_and_is_unreadable_where_it_arrives(raw: bytes) -> None:
    sent = Delivery(3, "zaak", "CaseClosed", raw)
    _, value, headers = to_message("outreach", sent, 2)
    arrived = from_message(value, headers)
    assert arrived is not None
    assert (arrived.source, arrived.previous, fields(arrived.delivery)) == ("outreach", 2, fields(sent))
    with pytest.raises(Unreadable):
        arrived.delivery.envelope()


@pytest.mark.parametrize(
    "headers", [[], [("ce_source", b"urn:x:outreach")], [("ce_sequence", b"x"), ("previous", b"1")]]
)
def test_what_another_program_wrote_is_none_of_ours(headers: list[tuple[str, bytes]]) -> None:
    assert from_message(b"{}", headers) is None


def test_partitions_are_those_of_the_java_client() -> None:
    """Values of Kafka's own `Utils.murmur2`, made positive, modulo 12."""
    hashes = {"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536, "abc": 479470107}
    for key, value in hashes.items():
        assert partition_of(key, 12) == (value & 0x7FFFFFFF) % 12
