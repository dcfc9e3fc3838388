"""What routing decides on a report and what escalation asks of the same case go together."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from libs.events.afspraken import Termijnen
from libs.events.catalogue import BRPMatched, Event, HelpAccepted
from libs.events.values import Signaalpartner
from services.escalation.domain.ladder import fold
from services.escalation.domain.opdrachten import Beoordeling
from services.escalation.domain.regels import decide
from services.escalation.domain.signaal import gekoppeld as van_koppeling
from services.escalation.domain.taken import meldpunt
from services.escalation.domain.woorden import Meldingsoort
from tests.examples import example
from tests.matched import Verloop, contact, gekoppeld, regels


def huur(signaal: int, maand: int, **changes: Any) -> BRPMatched:
    """A report of the same rent arrears in a later month."""
    first = maand == 7
    same: dict[str, Any] = {
        "achterstand_id": UUID(int=9), "signaalpartner": Signaalpartner.HUUR, "partner": "woonbron",
        "bedrag": Decimal(1600), "vorig_bedrag": None if first else Decimal(1600), "herhaald": not first,
        "recidive": not first, "signaaldatum": date(2025, maand, 6),
    }  # fmt: skip
    return gekoppeld(signaal, maand, **(same | changes))


def geen_contact(heard: Sequence[Event]) -> bool:
    """Whether escalation asks the corporation to report to the Meldpunt that there is no contact."""
    signalen = {one.signaal_id: van_koppeling(one, None) for one in heard if isinstance(one, BRPMatched)}
    told = [one for one in heard if not isinstance(one, BRPMatched)]
    return meldpunt(fold(signalen, told), told, Termijnen()) is Meldingsoort.GEEN_CONTACT


IN_JULI, AANVAARD = (
    contact(date(2025, 7, 20)),
    example(HelpAccepted, zaak_id=UUID(int=201), datum=date(2025, 7, 20)),
)
HERHAALD, SPOOR_2, SPOOR_1 = "herhaalde-melding", "spoor-2-geen-contact", "spoor-1-huur"


@pytest.mark.parametrize("begonnen", [None, date(2025, 6, 1)])
@pytest.mark.parametrize(
    ("events", "routes"),
    [
        ((), [SPOOR_1, SPOOR_2, SPOOR_2, SPOOR_2]),
        ((IN_JULI,), [SPOOR_1, HERHAALD, SPOOR_2, SPOOR_2]),
        ((IN_JULI, AANVAARD), [SPOOR_1, HERHAALD, SPOOR_1, HERHAALD]),
    ],
)
def test_no_contact_since_the_previous_report_is_spoor_2_for_both(
    begonnen: date | None, events: Sequence[Event], routes: list[str]
) -> None:
    """Drechtsteden: months without contact, whether or not the partner told when the arrears began."""
    reports = [huur(n, 6 + n, ontstaansdatum=begonnen) for n in range(1, 5)]
    for n, regel in enumerate(routes, 1):
        heard = [*reports[:n], *events]
        verloop = Verloop()
        verloop.hoor(*heard)
        assert dict(regels(verloop.said))[n] == regel, n
        assert geen_contact(heard) is (regel == SPOOR_2), n


def test_the_route_of_breda_stays_signalering_plus_while_it_runs() -> None:
    rent = {"gemeentecode": "0758"}
    risen = huur(2, 9, vorig_bedrag=Decimal(900), herhaald=False, **rent)
    heard: list[Event] = [huur(1, 7, bedrag=Decimal(900), **rent), risen]
    signalen = {one.signaal_id: van_koppeling(one, None) for one in heard if isinstance(one, BRPMatched)}
    day = risen.signaaldatum
    (plus,) = decide(
        Beoordeling(zaak_id=risen.zaak_id, datum=day, vandaag=day, afspraken=Termijnen()), fold(signalen, [])
    )
    verloop = Verloop()
    assert regels(verloop.hoor(*heard, plus))[1:] == [(2, "signalering-plus")]
    assert regels(verloop.hoor(contact(date(2025, 9, 12)), huur(3, 10, **rent))) == [(3, "signalering-plus")]
    helped = example(HelpAccepted, zaak_id=risen.zaak_id, datum=date(2025, 10, 12))
    assert regels(verloop.hoor(helped, huur(4, 11, **rent))) == [(4, "recidive-huur")]


def test_contact_over_other_arrears_counts_for_a_first_report() -> None:
    verloop = Verloop()
    verloop.hoor(gekoppeld(1, 6), contact(date(2025, 6, 20)))
    assert regels(verloop.hoor(huur(2, 7, ontstaansdatum=date(2025, 3, 1)))) == [(2, SPOOR_1)]
