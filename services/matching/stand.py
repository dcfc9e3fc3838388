"""What is known of signals and cases that have to do with each other. Pure; every change gives a new one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from libs.events.values import Koppelstatus
from services.matching.vlaggen import Melder


@dataclass(frozen=True, slots=True)
class Signaal:
    """What is known of a signal. `besluit` and `client`: an official decided, about the client of this fingerprint.

    `opgave` stands for the address as the partner wrote it. `afgedaan`: fall-out that nobody looks at by agreement;
    `bij_match`: unless another signal of the period has that address. `aanmelding`: no signal but a household that came
    by itself. `gesloten`: its melding has a result.
    """

    signaal_id: UUID
    achterstand_id: UUID
    periode: str
    bedrag: Decimal | None
    status: Koppelstatus = Koppelstatus.IN_BEHANDELING
    zaak_id: UUID | None = None
    persoon_id: UUID | None = None
    adres_id: UUID | None = None
    ingetrokken: bool = False
    besluit: bool = False
    client: bytes | None = None
    opgave: UUID | None = None
    afgedaan: bool = False
    bij_match: bool = False
    aanmelding: bool = False
    gesloten: bool = False

    @property
    def melder(self) -> Melder:
        """As the flags see it."""
        return Melder(self.signaal_id, self.periode, self.achterstand_id, self.bedrag, self.adres_id, self.ingetrokken)


@dataclass(frozen=True, slots=True)
class Zaak:
    """A case: `ontruimd` when it ended by an eviction, after which another household may live there."""

    zaak_id: UUID
    adres_id: UUID
    gemeentecode: str
    loopt: bool = True
    ontruimd: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """Signals and cases that have to do with each other; cases in the order in which they were opened."""

    signalen: Mapping[UUID, Signaal] = field(default_factory=dict)
    zaken: Mapping[UUID, Zaak] = field(default_factory=dict)
    bij: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)
    wachtend: Mapping[UUID, bool] = field(default_factory=dict)

    @classmethod
    def van(
        cls, signalen: Iterable[Signaal], zaken: Iterable[Zaak], wachtend: Mapping[UUID, bool] | None = None
    ) -> "Stand":
        """Put together; `wachtend` are signals with an escalation from before their case was known: whether it was an
        eviction that was carried out."""
        stand = cls(zaken={zaak.zaak_id: zaak for zaak in zaken}, wachtend=wachtend or {})
        bij: dict[UUID, set[UUID]] = {}
        gevonden = {signaal.signaal_id: signaal for signaal in signalen}
        for signaal in gevonden.values():
            for sleutel in _sleutels(signaal):
                bij.setdefault(sleutel, set()).add(signaal.signaal_id)
        return replace(stand, signalen=gevonden, bij={sleutel: frozenset(ids) for sleutel, ids in bij.items()})

    def van_sleutel(self, sleutel: UUID | None) -> list[Signaal]:
        """Signals of this address, person, case or arrears."""
        return [self.signalen[i] for i in self.bij.get(sleutel, ())] if sleutel is not None else []

    def van_opgave(self, signaal: Signaal) -> list[Signaal]:
        """The other signals of its period that were written down at its address and not taken back."""
        anderen = self.van_sleutel(signaal.opgave)
        return [
            ander for ander in anderen
            if ander.signaal_id != signaal.signaal_id and ander.periode == signaal.periode and not ander.ingetrokken
        ]  # fmt: skip

    def van_achterstand(self, signaal: Signaal) -> list[Signaal]:
        """The other reports of its arrears that were answered, oldest first. What only came in does not count yet: what
        is said depends on the order in which signals are answered alone."""
        anderen = self.van_sleutel(signaal.achterstand_id)
        return sorted(
            (een for een in anderen
             if een.signaal_id != signaal.signaal_id and een.status is not Koppelstatus.IN_BEHANDELING),
            key=lambda een: een.periode,
        )  # fmt: skip

    def met_zaak(self, zaak: Zaak) -> "Stand":
        """The same with this case as it is now; a new one is the last."""
        return replace(self, zaken={**self.zaken, zaak.zaak_id: zaak})

    def met_signaal(self, signaal: Signaal) -> "Stand":
        """The same with this signal as it is now."""
        bij = dict(self.bij)
        if (oud := self.signalen.get(signaal.signaal_id)) is not None:
            for sleutel in _sleutels(oud):
                bij[sleutel] = bij[sleutel] - {oud.signaal_id}
        for sleutel in _sleutels(signaal):
            bij[sleutel] = bij.get(sleutel, frozenset()) | {signaal.signaal_id}
        return replace(self, signalen={**self.signalen, signaal.signaal_id: signaal}, bij=bij)


def _sleutels(signaal: Signaal) -> list[UUID]:
    alle = (signaal.achterstand_id, signaal.zaak_id, signaal.persoon_id, signaal.adres_id, signaal.opgave)
    return [sleutel for sleutel in alle if sleutel is not None]
