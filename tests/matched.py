"""Events around one household as the other services would say them, and a story that routing hears."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from libs.events.catalogue import BRPMatched, ContactAttempted, Event, SignalWithdrawn
from libs.events.envelope import Envelope
from libs.events.sealed import Sealed
from libs.events.values import Contactsoort, Intrekkingsreden, Signaalpartner, Signaalsoort
from services.routing.besluiten import Uitspraak, decide_again, hear
from services.routing.domain import Beeld
from services.routing.versies import Versies

KEUZE = Versies().op
GEEN = Sealed(UUID(int=1), UUID(int=2), "AAAA")


def gekoppeld(signaal: int, maand: int = 3, *, adres: int = 1, zaak: int = 1, **changes: Any) -> BRPMatched:
    """A signal of 30 euro for care in Dordrecht: below the threshold unless something else is so."""
    facts: dict[str, Any] = {
        "signaal_id": UUID(int=100 + signaal), "zaak_id": UUID(int=200 + zaak),
        "melding_id": UUID(int=3000 + 100 * zaak + maand),
        "persoon_id": UUID(int=4), "adres_id": UUID(int=500 + adres), "achterstand_id": UUID(int=600 + signaal),
        "gemeentecode": "0505", "partner": "zorg", "signaalpartner": Signaalpartner.ZORG,
        "soort": Signaalsoort.VROEGSIGNAAL, "bedrag": Decimal("30.00"), "signaaldatum": date(2025, maand, 10),
        "periode": f"2025-{maand:02}", "match": False, "recidive": False, "herhaald": False, "leeftijd": 40,
        "persoon": GEEN,
    }  # fmt: skip
    return BRPMatched(**(facts | changes))


def ingetrokken(signaal: int) -> SignalWithdrawn:
    return SignalWithdrawn(
        signaal_id=UUID(int=100 + signaal), partner="zorg", signaalpartner=Signaalpartner.ZORG, periode="2025-03",
        reden=Intrekkingsreden.BETAALD, datum=date(2025, 3, 20),
    )  # fmt: skip


def contact(dag: date, zaak: int = 1, *, bereikt: bool = True) -> ContactAttempted:
    return ContactAttempted(
        contactpoging_id=UUID(int=7), zaak_id=UUID(int=200 + zaak), soort=Contactsoort.TELEFOON, datum=dag,
        bereikt=bereikt, resultaat="x" * 500,
    )  # fmt: skip


class Verloop:
    """Tells events one by one and keeps what was said."""

    def __init__(self) -> None:
        self.beeld, self.said, self.told = Beeld(), list[Uitspraak](), list[Envelope]()

    def hoor(self, *events: Event | Envelope) -> list[Uitspraak]:
        """What is said on these events."""
        begin = len(self.said)
        for event in events:
            told = event if isinstance(event, Envelope) else recorded(event, len(self.told) + 1)
            self.told.append(told)
            self.said += decide_again(self.beeld, hear(self.beeld, told, KEUZE), told.id, KEUZE)
        return self.said[begin:]

    def last(self) -> dict[UUID, Any]:
        """The route in force on every signal that takes part."""
        return {
            one.signaal_id: (one.genomen.zaak_id, one.genomen.melding_id, one.genomen.oppakken, one.genomen.route)
            for one in self.beeld.signalen.values()
            if one.open and one.genomen
        }


def recorded(event: Event, sequence: int) -> Envelope:
    return Envelope(
        UUID(int=10_000 * len(event.owner) + sequence), event, event.owner, "x", datetime(2025, 3, 1, tzinfo=UTC),
        UUID(int=1), sequence=sequence,
    )  # fmt: skip


def regels(said: Sequence[Uitspraak]) -> list[tuple[int, str]]:
    return [(one.signaal.signaal_id.int - 100, one.besluit.regel) for one in said]
