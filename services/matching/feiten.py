"""The clear facts of a signal that matching passes on to the case: no name, no address, no kenmerk."""

from datetime import date
from typing import Any
from uuid import UUID

from libs.events.catalogue import SignalReceived
from libs.events.values import Bedrag, PartnerKey, Periode, Signaalpartner, Signaalsoort, Value


class Feiten(Value):
    """The fields that SignalReceived and BRPMatched share."""

    achterstand_id: UUID
    partner: PartnerKey
    signaalpartner: Signaalpartner
    soort: Signaalsoort
    bedrag: Bedrag | None = None
    ontstaansdatum: date | None = None
    signaaldatum: date
    periode: Periode
    crisissignaal: bool = False
    warme_overdracht: bool = False
    einddatum_levering: date | None = None
    telefoon_bruikbaar: bool = False
    email_bruikbaar: bool = False

    @classmethod
    def van(cls, event: SignalReceived) -> "Feiten":
        """The facts of a signal as it was received or corrected."""
        return cls.model_construct(**{naam: getattr(event, naam) for naam in cls.model_fields})

    def velden(self) -> dict[str, Any]:
        """As arguments for an event."""
        return {naam: getattr(self, naam) for naam in type(self).model_fields}
