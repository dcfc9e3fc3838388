"""A signal as the ladder sees it: whose arrears, how much, rising or not, taken back or not."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from libs.events.catalogue import BRPMatched, SignalCorrected, SignalReceived, SignalWithdrawn
from libs.events.values import Signaalpartner, Signaalsoort

ONBEKEND = -1
"""`correctie` of a signal of which only matching has told."""


@dataclass(frozen=True, slots=True)
class Signaal:
    """One signal. Amounts are those of intake's last word, `vorig_bedrag` and the link of matching's last word."""

    signaal_id: UUID
    partner: str
    signaalpartner: Signaalpartner
    soort: Signaalsoort
    achterstand_id: UUID
    periode: str
    signaaldatum: date
    bedrag: Decimal | None = None
    vorig_bedrag: Decimal | None = None
    crisissignaal: bool = False
    ingetrokken_op: date | None = None
    correctie: int = ONBEKEND
    melding_id: UUID | None = None
    opgepakt: bool = True
    ontstaansdatum: date | None = None

    @property
    def loopt(self) -> bool:
        """Somebody has to act on it: neither taken back nor set aside."""
        return self.ingetrokken_op is None and self.opgepakt

    @property
    def huur(self) -> bool:
        """Rent arrears that run: not taken back, and no care case, of which nothing is owed."""
        return self.van_corporatie and self.soort is not Signaalsoort.ZORGMELDING

    @property
    def van_corporatie(self) -> bool:
        """A landlord's report that was not taken back: rent arrears, or a care case."""
        return self.signaalpartner is Signaalpartner.HUUR and self.ingetrokken_op is None

    @property
    def gestegen(self) -> bool:
        """Rent arrears above the previous report of the same arrears."""
        return self.huur and None not in (self.bedrag, self.vorig_bedrag) and self.bedrag > self.vorig_bedrag  # type: ignore[operator]

    @property
    def dreigend(self) -> bool:
        """The partner calls it a crisis: the short term of Wgs art. 4 runs."""
        return self.ingetrokken_op is None and (self.crisissignaal or self.soort is Signaalsoort.CRISIS)


def aangeleverd(event: SignalReceived, known: Signaal | None) -> Signaal:
    """What intake says of a signal; an older correction does not undo a newer one."""
    correctie = event.correctie if isinstance(event, SignalCorrected) else 0
    if known is not None and known.correctie >= correctie:
        return known
    fresh = _van(event)
    if known is None:
        return replace(fresh, correctie=correctie)
    return replace(
        fresh, vorig_bedrag=known.vorig_bedrag, ingetrokken_op=known.ingetrokken_op, correctie=correctie,
        melding_id=known.melding_id,
    )  # fmt: skip


def gekoppeld(event: BRPMatched, known: Signaal | None) -> Signaal:
    """What matching says of a signal: previous amount and melding, and the rest only while intake has said nothing."""
    known = _van(event) if known is None else known
    return replace(known, vorig_bedrag=event.vorig_bedrag, melding_id=event.melding_id)


def ingetrokken(event: SignalWithdrawn, known: Signaal) -> Signaal:
    """The partner took it back."""
    return replace(known, ingetrokken_op=event.datum)


def _van(event: SignalReceived | BRPMatched) -> Signaal:
    return Signaal(
        event.signaal_id, event.partner, event.signaalpartner, event.soort, event.achterstand_id, event.periode,
        event.signaaldatum, event.bedrag, crisissignaal=event.crisissignaal, ontstaansdatum=event.ontstaansdatum,
    )  # fmt: skip
