"""A batch under way: the tasks, the state they are decided on, and what came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from libs.events.afspraken import Gepubliceerd
from libs.events.envelope import Envelope
from services.matching.aanmeldingen import Aanmelding
from services.matching.aanmeldingen import Rij as AanmeldingRij
from services.matching.feiten import Feiten
from services.matching.gevolgen import Outcome
from services.matching.stand import Stand
from services.matching.store import Rij
from services.matching.zoeken import Bevinding


@dataclass(frozen=True, slots=True)
class Opdracht:
    """One signal to be answered (or taken back, when there is no finding). `oorzaak` is the event behind it."""

    signaal_id: UUID
    begin: UUID
    bevinding: Bevinding | None = None
    feiten: Feiten | None = None
    client: bytes | None = None
    volgorde: int = 0
    besluit: bool = False
    oorzaak: Envelope | None = None
    opgave: UUID | None = None
    bekend_shv: bool | None = None
    aanmelding: Aanmelding | None = None


@dataclass(frozen=True, slots=True)
class Uitkomst:
    """What came of one task."""

    opdracht: Opdracht
    outcomes: Sequence[Outcome]


@dataclass(slots=True)
class Werk:
    """The state of a batch under way."""

    stand: Stand
    rijen: dict[UUID, Rij]
    personen: Mapping[bytes, UUID]
    adressen: Mapping[bytes, UUID]
    afspraken: Gepubliceerd
    uitkomsten: list[Uitkomst] = field(default_factory=list)
    geraakt: set[UUID] = field(default_factory=set)
    ingetrokken: list[UUID] = field(default_factory=list)
    aanmeldingen: dict[UUID, AanmeldingRij] = field(default_factory=dict)

    def onthoud(self, rij: Rij) -> None:
        """This is how the signal is stored from now on; its place stays that of the first time, also within a batch."""
        if known := self.rijen.get(rij.signaal.signaal_id):
            rij = replace(rij, volgorde=known.volgorde)
        self.rijen[rij.signaal.signaal_id] = rij
        self.geraakt.add(rij.signaal.signaal_id)
