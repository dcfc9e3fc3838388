"""What routing knows of the signals at an address, of their households and of what was done there. Pure.

It is kept by date and by the order of the logs it came from, never by the moment it was heard, so that what is finally
known is the same whichever way the logs of the other services interleave.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from libs.events.catalogue import BRPMatched
from libs.events.values import Bedrag, Contactsoort, Gemeentecode, Periode, Signaalpartner, Signaalsoort, Value


class Koppeling(Value):
    """The clear facts of a link between a signal and a household: those of BRPMatched, without the person."""

    zaak_id: UUID
    melding_id: UUID
    adres_id: UUID
    achterstand_id: UUID
    gemeentecode: Gemeentecode
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
    recidive: bool = False
    herhaald: bool = False
    vorig_bedrag: Bedrag | None = None
    leeftijd: int | None = None
    minderjarige_kinderen: bool = False
    bekend_bij_schuldhulpverlening: bool | None = None

    @classmethod
    def of(cls, event: BRPMatched) -> "Koppeling":
        """What the event says in clear."""
        return cls.model_construct(**{name: getattr(event, name) for name in cls.model_fields})


@dataclass(frozen=True, slots=True)
class Genomen:
    """The decision in force on a signal: where it was taken, and its route as one word to compare by."""

    besluit_id: UUID
    zaak_id: UUID
    melding_id: UUID
    oppakken: bool
    route: str


@dataclass(frozen=True, slots=True)
class Signaal:
    """A signal as matching last linked it (`sequence` in its log); no `koppeling` when it is linked to nobody."""

    signaal_id: UUID
    sequence: int = 0
    ingetrokken: bool = False
    koppeling: Koppeling | None = None
    genomen: Genomen | None = None

    @property
    def open(self) -> bool:
        """True when it takes part in its melding."""
        return self.koppeling is not None and not self.ingetrokken


class Daad(StrEnum):
    """What happened to a household, as far as a policy may ask for it."""

    CONTACT = "contact"
    HULP_AANVAARD = "hulp aanvaard"
    HULP_AFGEWEZEN = "hulp afgewezen"
    ONTRUIMING_AANGEZEGD = "ontruiming aangezegd"
    ONTRUIMING_VOORBIJ = "ontruiming voorbij"


@dataclass(frozen=True, slots=True)
class Handeling:
    """Something that happened on a day, in a case or about a signal; `sequence` is its place in its source's log."""

    id: UUID
    daad: Daad
    datum: date
    sequence: int
    zaak_id: UUID | None = None
    signaal_id: UUID | None = None
    bereikt: bool | None = None
    soort: Contactsoort | None = None
    resultaat: str | None = None
    ontruiming_id: UUID | None = None


@dataclass
class Beeld:
    """All that is known around some signals. A case that follows on an ended one belongs to the same household, named
    after its first case, and shares its past.
    """

    signalen: dict[UUID, Signaal] = field(default_factory=dict)
    handelingen: dict[UUID, Handeling] = field(default_factory=dict)
    huishoudens: dict[UUID, UUID] = field(default_factory=dict)
    _families: defaultdict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    _adressen: defaultdict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    _ketens: defaultdict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    _zaken: defaultdict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    _daden: defaultdict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))

    def zet(self, signaal: Signaal) -> None:
        """Know this of a signal from now on."""
        old = self.signalen.get(signaal.signaal_id)
        for index, key in self._places(old):
            index[key].discard(signaal.signaal_id)
        for index, key in self._places(signaal):
            index[key].add(signaal.signaal_id)
        self.signalen[signaal.signaal_id] = signaal

    def doe(self, handeling: Handeling) -> None:
        """Know this act from now on."""
        self.handelingen[handeling.id] = handeling
        for key in (handeling.zaak_id, handeling.signaal_id):
            if key is not None:
                self._daden[key].add(handeling.id)

    def copy(self) -> "Beeld":
        """What is known now, to compare with later; it answers no questions."""
        return Beeld(dict(self.signalen), dict(self.handelingen), dict(self.huishoudens))

    def hoort(self, zaak_id: UUID, huishouden_id: UUID) -> None:
        """Know that a case belongs to this household."""
        self._families[self.huishouden(zaak_id)].discard(zaak_id)
        self.huishoudens[zaak_id] = huishouden_id
        self._families[huishouden_id].add(zaak_id)

    def volgt(self, zaak_id: UUID, vorige: UUID | None) -> None:
        """A case follows on another, or on none; cases that follow on it go along, in whatever order they are told."""
        first = self.huishouden(vorige) if vorige else zaak_id
        for one in {zaak_id, *self._families[zaak_id]}:
            self.hoort(one, first)

    def huishouden(self, zaak_id: UUID) -> UUID:
        """The household of a case."""
        return self.huishoudens.get(zaak_id, zaak_id)

    def op_adres(self, adres_id: UUID) -> Iterator[tuple[Signaal, Koppeling]]:
        """The linked signals at an address, withdrawn ones included."""
        return self._linked(self._adressen[adres_id])

    def van_achterstand(self, achterstand_id: UUID) -> Iterator[tuple[Signaal, Koppeling]]:
        """The reports of one arrears."""
        return self._linked(self._ketens[achterstand_id])

    def van_huishouden(self, zaak_id: UUID) -> Iterator[tuple[Signaal, Koppeling]]:
        """The signals of the household of a case."""
        return self._linked({one for zaak in self._familie(zaak_id) for one in self._zaken[zaak]})

    def gedaan(self, zaak_id: UUID) -> list[Handeling]:
        """What was done in the household of a case, by day and then by the log."""
        keys = [*self._familie(zaak_id), *(signaal.signaal_id for signaal, _ in self.van_huishouden(zaak_id))]
        acts = {one for key in keys for one in self._daden[key]}
        return sorted((self.handelingen[one] for one in acts), key=lambda act: (act.datum, act.sequence))

    def genoemd(self, signaal_id: UUID) -> bool:
        """True when an act was told of the signal itself instead of its case."""
        return bool(self._daden[signaal_id])

    def _familie(self, zaak_id: UUID) -> set[UUID]:
        own = self.huishouden(zaak_id)
        return {zaak_id, own} | self._families[own]

    def _linked(self, ids: set[UUID]) -> Iterator[tuple[Signaal, Koppeling]]:
        for one in sorted(ids):
            signaal = self.signalen[one]
            if signaal.koppeling is not None:
                yield signaal, signaal.koppeling

    def _places(self, signaal: Signaal | None) -> Iterator[tuple[defaultdict[UUID, set[UUID]], UUID]]:
        if signaal is not None and (link := signaal.koppeling) is not None:
            yield self._adressen, link.adres_id
            yield self._ketens, link.achterstand_id
            yield self._zaken, link.zaak_id
