"""The events as others read them: golden files that never change, envelopes, and what may not be in clear."""

import json
import os
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from libs.events.catalogue import CATALOGUE, Event
from libs.events.envelope import decode, encode
from libs.events.errors import Unreadable
from tests.examples import example, example_envelope

GOLDEN = Path(__file__).parents[1] / "golden"
PERSONAL = {"kenmerk", "client", "persoon", "medewerker", "dossierkenmerk", "toelichting"}


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_stored_events_are_read_for_ever(name: str) -> None:
    """Each file is an event as it was stored once; reading it and storing it again loses nothing."""
    kind = CATALOGUE[name]
    file = GOLDEN / f"{name}.v{kind.version}.json"
    if os.environ.get("DREMPEL_GOLDEN") == "write" and not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(json.dumps(json.loads(encode(example_envelope(kind))), indent=1).encode() + b"\n")
    stored = json.loads(file.read_bytes())
    assert json.loads(encode(decode(json.dumps(stored).encode()))) == stored


@pytest.mark.parametrize("version", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_version_ever_stored_still_reads(version: Path) -> None:
    assert decode(version.read_bytes()).type == version.stem.split(".")[0]


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.__name__)
def test_personal_data_are_sealed(kind: type[Event]) -> None:
    for name, field in kind.model_fields.items():
        if name in PERSONAL:
            assert "Sealed" in str(field.annotation), f"{kind.__name__}.{name} is in clear"


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.__name__)
def test_every_event_says_what_happened_and_who_says_so(kind: type[Event]) -> None:
    assert kind.__doc__
    assert kind.__doc__.split(".")[0].strip()
    assert kind.owner in {"intake", "matching", "routing", "outreach", "escalation"}


def test_the_seven_and_their_fields() -> None:
    """The names and fields of the contract."""
    promised: dict[str, set[str]] = {
        "SignalReceived": {"signaalpartner", "soort", "bedrag", "ontstaansdatum", "signaaldatum", "periode",
                           "crisissignaal", "warmeOverdracht"},
        "BRPMatched": {"match", "recidive", "herhaald", "leeftijd", "minderjarigeKinderen", "bewijs"},
        "RouteAssigned": {"oppakken", "contactsoorten", "stappen", "behandelaar", "prioriteit", "uiterlijkeDatum",
                          "regel", "uitleg", "beleidVersie", "vervangt"},
        "ContactAttempted": {"soort", "datum", "dagdeel", "bereikt", "resultaat"},
        "HelpAccepted": {"soort", "datum"},
        "DeurwaarderTransferred": {"deurwaarder", "fase", "datum"},
        "EvictionScheduled": {"aanzegdatum", "ontruimingsdatum", "grond"},
    }  # fmt: skip
    for name, fields in promised.items():
        assert fields <= {field.alias for field in CATALOGUE[name].model_fields.values()}


@pytest.mark.parametrize("broken", [b"", b"{}", b"[]", b"\xff", b'{"type": "nl.vroegsignalering.CaseClosed"}'])
def test_what_is_no_event_is_unreadable(broken: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(broken)


@pytest.mark.parametrize("change", [{"version": "99"}, {"type": "nl.vroegsignalering.Unheard"}, {"id": "x"}])
def test_an_event_of_a_newer_release_waits_for_it(change: dict[str, Any]) -> None:
    stored = json.loads(encode(example_envelope(CATALOGUE["CaseClosed"])))
    with pytest.raises(Unreadable):
        decode(json.dumps(stored | change).encode())


def test_an_unreadable_event_is_described_without_its_values() -> None:
    stored = json.loads(encode(example_envelope(CATALOGUE["CaseClosed"])))
    stored["data"]["resultaat"] = "Jansen moved away"
    with pytest.raises(Unreadable) as refused:
        decode(json.dumps(stored).encode())
    assert "resultaat" in str(refused.value)
    assert "Jansen" not in str(refused.value)


def test_examples_cover_the_catalogue() -> None:
    assert get_args is not None
    for kind in CATALOGUE.values():
        assert isinstance(example(kind), kind)


def test_a_sealed_value_is_stored_as_one_string() -> None:
    stored = json.loads(encode(example_envelope(CATALOGUE["SignalReceived"])))["data"]
    for name in ("kenmerk", "client"):
        assert re.fullmatch(r"v1\.[0-9a-f-]{36}\.[0-9a-f-]{36}\.[A-Za-z0-9_=-]+", stored[name])
