"""What routing knows of the signals at an address, of their households and of what was done there. Pure.

It is kept by date and by the order of the logs it came from, never by the moment it was heard, so that what is finally
known is the same whichever way the logs of the other services interleave.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from operator import attrgetter
from typing import Any, Protocol
from uuid import UUID

from libs.events.catalogue import BRPMatched
from libs.events.values import (
    Bedrag,
    Contactsoort,
    Gemeentecode,
    Huishouden,
    Periode,
    Signaalpartner,
    Signaalsoort,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Koppeling:
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
    huishouden: Huishouden | None = None
    gebied: str | None = None
    bekend_bij_schuldhulpverlening: bool | None = None

    @classmethod
    def of(cls, event: BRPMatched) -> "Koppeling":
        """What the event says in clear; what it does not know of stays unknown."""
        said: dict[str, Any] = {one.name: getattr(event, one.name, one.default) for one in fields(cls)}
        return cls(**said)


@dataclass(frozen=True, slots=True)
class Genomen:
    """The decision in force on a signal: where it was taken, and its route as one word to compare by."""

    besluit_id: UUID
    zaak_id: UUID
    melding_id: UUID
    oppakken: bool
    route: str
    inzet: tuple[tuple[str, int], ...] = ()
    """How often each kind of contact is sought at least."""
    door: str = ""
    """Who does it."""


@dataclass(frozen=True, slots=True)
class Signaal:
    """A signal as matching last linked it (`sequence` in its log) and first told of it (`volgorde`); no `koppeling`
    when it is linked to nobody. `betaald` is the day it was withdrawn because it was paid."""

    signaal_id: UUID
    sequence: int = 0
    ingetrokken: bool = False
    koppeling: Koppeling | None = None
    genomen: Genomen | None = None
    volgorde: int = 0
    betaald: date | None = None

    @property
    def open(self) -> bool:
        """True when it takes part in its melding."""
        return self.koppeling is not None and not self.ingetrokken


class Daad(StrEnum):
    """What happened to a household, as far as a policy may ask for it."""

    CONTACT = "contact"
    GESPREK = "gesprek"
    HULP_AANVAARD = "hulp aanvaard"
    HULP_AFGEWEZEN = "hulp afgewezen"
    SIGNALERING_PLUS = "signalering+"
    ONTRUIMING_AANGEZEGD = "ontruiming aangezegd"
    ONTRUIMING_VOORBIJ = "ontruiming voorbij"
    AFGESLOTEN = "afgesloten"


ONTRUIMING = frozenset({Daad.ONTRUIMING_AANGEZEGD, Daad.ONTRUIMING_VOORBIJ})


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
    melding_id: UUID | None = None


_IN_ORDER = attrgetter("datum", "sequence")
Index = defaultdict[Any, dict[UUID, Signaal]]
"""The signals of a place, by id."""


def _index() -> Index:
    return defaultdict(dict)


@dataclass
class Beeld:
    """All that is known around some signals. A case that follows on an ended one belongs to the same household, named
    after its first case, and shares its past.
    """

    signalen: dict[UUID, Signaal] = field(default_factory=dict)
    handelingen: dict[UUID, Handeling] = field(default_factory=dict)
    huishoudens: dict[UUID, UUID] = field(default_factory=dict)
    _families: defaultdict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    _adressen: Index = field(default_factory=_index)
    _ketens: Index = field(default_factory=_index)
    _zaken: Index = field(default_factory=_index)
    _maanden: Index = field(default_factory=_index)
    _daden: defaultdict[UUID, list[Handeling]] = field(default_factory=lambda: defaultdict(list))
    _afgesloten: defaultdict[UUID, list[Handeling]] = field(default_factory=lambda: defaultdict(list))
    _genoemd: set[UUID] = field(default_factory=set)

    def zet(self, signaal: Signaal) -> None:
        """Know this of a signal from now on."""
        signaal_id = signaal.signaal_id
        if (old := self.signalen.get(signaal_id)) is not None:
            for index, key in self._places(old):
                index[key].pop(signaal_id, None)
        for index, key in self._places(signaal):
            index[key][signaal_id] = signaal
        self.signalen[signaal_id] = signaal

    def doe(self, handeling: Handeling) -> None:
        """Know this act from now on."""
        if handeling.id in self.handelingen:
            return
        self.handelingen[handeling.id] = handeling
        if handeling.melding_id is not None and handeling.daad is Daad.AFGESLOTEN:
            self._afgesloten[handeling.melding_id].append(handeling)
        if handeling.signaal_id is not None:
            self._genoemd.add(handeling.signaal_id)
        for key in (handeling.zaak_id, handeling.signaal_id):
            if key is not None:
                self._daden[key].append(handeling)

    def afgesloten(self, melding_id: UUID) -> Sequence[Handeling]:
        """By what a melding ended; what was said last of it holds."""
        return self._afgesloten.get(melding_id, ())

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
        return _linked(self._adressen.get(adres_id))

    def van_achterstand(self, achterstand_id: UUID) -> Iterator[tuple[Signaal, Koppeling]]:
        """The reports of one arrears."""
        return _linked(self._ketens.get(achterstand_id))

    def van_huishouden(self, zaak_id: UUID) -> Iterator[tuple[Signaal, Koppeling]]:
        """The signals of the household of a case."""
        for zaak in self.familie(zaak_id):
            yield from _linked(self._zaken.get(zaak))

    def van_maand(self, gemeentecode: str, periode: str) -> list[tuple[Signaal, Koppeling]]:
        """The signals that take part in a month of a municipality, as far as they are known here, in order."""
        every = [(s, its) for s, its in _linked(self._maanden.get((gemeentecode, periode))) if s.open]
        return sorted(every, key=lambda one: (one[0].volgorde, one[0].signaal_id))

    def gedaan(self, zaak_id: UUID) -> list[Handeling]:
        """What was done in the household of a case, by day and then by the log."""
        if not self.handelingen:
            return []
        keys = self.familie(zaak_id)
        if self._genoemd:
            keys |= {signaal.signaal_id for signaal, _ in self.van_huishouden(zaak_id)} & self._genoemd
        acts = {act.id: act for key in keys for act in self._daden.get(key, ())}
        return sorted(acts.values(), key=_IN_ORDER)

    def ontruiming(self, zaak_id: UUID) -> bool:
        """True when an eviction of the household of a case was ever announced."""
        return any(act.daad in ONTRUIMING for act in self.gedaan(zaak_id))

    def genoemd(self, signaal_id: UUID) -> bool:
        """True when an act was told of the signal itself instead of its case."""
        return signaal_id in self._genoemd

    def familie(self, zaak_id: UUID) -> set[UUID]:
        """The cases of the household of a case."""
        own = self.huishoudens.get(zaak_id, zaak_id)
        return {zaak_id, own, *self._families.get(own, ())}

    def _places(self, signaal: Signaal) -> tuple[tuple[Index, Any], ...]:
        if (link := signaal.koppeling) is None:
            return ()
        return (
            (self._adressen, link.adres_id),
            (self._ketens, link.achterstand_id),
            (self._zaken, link.zaak_id),
            (self._maanden, (link.gemeentecode, link.periode)),
        )


class Bekend(Protocol):
    """What the facts of a signal follow from: a ``Beeld``, or what would be known."""

    def op_adres(self, adres_id: UUID) -> Iterator[tuple[Signaal, Koppeling]]:
        """The linked signals at an address."""

    def van_achterstand(self, achterstand_id: UUID) -> Iterator[tuple[Signaal, Koppeling]]:
        """The reports of one arrears."""

    def van_huishouden(self, zaak_id: UUID) -> Iterator[tuple[Signaal, Koppeling]]:
        """The signals of the household of a case."""

    def gedaan(self, zaak_id: UUID) -> Sequence[Handeling]:
        """What was done in the household of a case, by day and then by the log."""

    def afgesloten(self, melding_id: UUID) -> Sequence[Handeling]:
        """By what a melding ended."""


def _linked(found: Mapping[UUID, Signaal] | None) -> Iterator[tuple[Signaal, Koppeling]]:
    for signaal in (found or {}).values():
        if signaal.koppeling is not None:
            yield signaal, signaal.koppeling
