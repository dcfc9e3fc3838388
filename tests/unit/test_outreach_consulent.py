"""Who had the household before: the nearest earlier case that was given to anybody decides."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from libs.events.catalogue import CaseClosed, ContactAttempted, Event, HandlerAssigned
from libs.events.envelope import Envelope
from services.outreach.consulent import vorige_consulent
from tests.examples import example

ASKED = date(2026, 3, 1)


def said(kind: type[Event], jaar: int = 2025, maand: int = 6, **fields: Any) -> Envelope:
    moment = datetime(jaar, maand, 10, 9, tzinfo=UTC)
    return Envelope(UUID(int=1), example(kind, **fields), "outreach", "x", moment, UUID(int=1))


GIVEN, TEAM = said(HandlerAssigned), said(HandlerAssigned, medewerker=None, medewerker_id=None)
CALLED, CLOSED = said(ContactAttempted), said(CaseClosed)


@pytest.mark.parametrize(
    ("hier", "eerder", "found"),
    [
        ([], [[GIVEN, CLOSED]], True),
        ([CALLED], [[GIVEN]], True),
        ([], [], False),
        ([], [[CALLED, CLOSED]], False),
        ([], [[CALLED], [GIVEN]], True),
        ([], [[TEAM, GIVEN]], True),
        ([], [[GIVEN, TEAM]], False),
        ([], [[TEAM], [GIVEN]], False),
        ([GIVEN], [[GIVEN]], False),
        ([TEAM], [[GIVEN]], False),
        ([CLOSED], [[GIVEN]], False),
        ([], [[said(HandlerAssigned, 2025, 2)]], False),
        ([], [[said(HandlerAssigned, 2025, 3)]], True),
        ([], [[said(HandlerAssigned, 2020), said(ContactAttempted, 2025, 3)]], True),
        ([], [[said(HandlerAssigned, 2020)], [GIVEN]], False),
    ],
)
def test_who_comes_back(hier: list[Envelope], eerder: list[list[Envelope]], found: bool) -> None:
    assert (vorige_consulent(hier, eerder, ASKED, 12) is not None) is found
