"""Acts on a case: what may be done, and what is true afterwards. Pure.

Decided where the sources leave it open:
- An act may be dated before the case was opened (a warm handover tells of contact before the signal; deliveries
  arrive out of order), but not before the Wgs, and never in the future.
- A closed melding still gets attempts and help, and they open nothing. A signal that is linked to it after the
  closing does: that household would be out of sight otherwise.
- Closing the case closes every open melding in it, with the same result. Not while an announced eviction has no
  outcome: nothing could be told of the household that is about to be evicted. A melding may be closed then.
- What was done is recorded, rest or no rest; only an attempt of today of which nothing is told but that it is made is
  refused within a rest, until a reason is given (docs/decisions/0010).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any, assert_never
from uuid import UUID

from libs.events.catalogue import (
    AftercareDone,
    CaseClosed,
    ContactAttempted,
    DecisionTaken,
    Event,
    FirstConversationHeld,
    HandlerAssigned,
    HelpAccepted,
    HelpDeclined,
    HelpEnded,
    MeldingClosed,
    SelfReported,
)
from libs.events.decider import Decider
from libs.events.lopend import Trede, lopend
from libs.events.sealed import Sealed
from libs.events.values import Client, Contactsoort, Dagdeel
from services.outreach.handelingen import (
    AanvaardHulp,
    AnderDagdeel,
    BeeindigHulp,
    Command,
    GeenHulp,
    GeenHulpvraag,
    Handeling,
    InDeToekomst,
    InRustperiode,
    MeldAan,
    MeldingGesloten,
    NeeGerespecteerd,
    NeemBesluit,
    OnbekendeMelding,
    OntruimingDreigt,
    ProbeerContact,
    SluitAf,
    TeVroeg,
    VerleenNazorg,
    VoerGesprek,
    WijsAf,
    WijsToe,
    ZaakBeeindigd,
)
from services.outreach.rust import NEE

BEGIN_WGS = date(2012, 7, 1)
"""The Wet gemeentelijke schuldhulpverlening came into force: no act under it is older."""

AFGESLOTEN = "Afgesloten"


@dataclass(frozen=True, slots=True)
class Melding:
    """One matching period of a case and the signals in it."""

    periode: str
    signalen: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Zaak:
    """What decides about acts: meldingen and end as heard, closings and help as said by outreach itself.

    `gevraagd`: the household asked for help, or accepted it. `dreigt`: an announced eviction has no outcome.
    """

    zaak_id: UUID
    gemeentecode: str
    meldingen: Mapping[UUID, Melding] = field(default_factory=dict)
    einde: str | None = None
    gesloten: Mapping[UUID, frozenset[UUID] | None] = field(default_factory=dict)
    treden: tuple[Trede, ...] = ()
    gesprek_op: date | None = None
    gevraagd: bool = False
    dreigt: bool = False

    @property
    def hulp_sinds(self) -> date | None:
        """Since when help runs, in the order of the days on which it was taken, declined and ended."""
        return lopend(self.treden).hulp

    def is_open(self, melding_id: UUID) -> bool:
        """Not closed, or with a signal that the closing did not know."""
        if self.einde is not None or melding_id not in self.meldingen:
            return False
        if melding_id not in self.gesloten:
            return True
        bekend = self.gesloten[melding_id]
        return bekend is not None and not self.meldingen[melding_id].signalen <= bekend

    def open_meldingen(self) -> list[UUID]:
        """From the first period to the last."""
        return sorted(filter(self.is_open, self.meldingen), key=self._volgorde)

    def bedoeld(self, melding_id: UUID | None) -> UUID | None:
        """The melding that was asked for, else the latest open one, else the latest."""
        if melding_id is not None:
            if melding_id not in self.meldingen:
                raise OnbekendeMelding(field="meldingId")
            return melding_id
        return next(reversed(self.open_meldingen()), None) or max(self.meldingen, key=self._volgorde, default=None)

    def _volgorde(self, melding_id: UUID) -> tuple[str, UUID]:
        return self.meldingen[melding_id].periode, melding_id


# --- decide -----------------------------------------------------------------------------------------


def decide(command: Command, zaak: Zaak) -> Sequence[Event]:
    """The events that follow; raises a Refusal that names the rule."""
    if zaak.einde is not None:
        raise ZaakBeeindigd
    op_tijd(command)
    melding_id = zaak.bedoeld(command.melding_id)
    in_melding: dict[str, Any] = {
        "zaak_id": zaak.zaak_id, "melding_id": melding_id, "datum": command.datum, "toelichting": command.toelichting,
    }  # fmt: skip
    match command:
        case ProbeerContact():
            return [_poging(command, in_melding)]
        case AanvaardHulp():
            return [HelpAccepted(soort=command.soort, **in_melding)]
        case WijsAf():
            return [HelpDeclined(reden=command.reden, **in_melding)]
        case SluitAf():
            return _afsluiting(command, zaak)
        case WijsToe() | MeldAan():
            return [_over_de_zaak(command, zaak)]
        case VoerGesprek() | NeemBesluit() | BeeindigHulp() | VerleenNazorg():
            return [_vervolg(command, zaak, in_melding)]
        case _:
            assert_never(command)


def _over_de_zaak(command: WijsToe | MeldAan, zaak: Zaak) -> Event:
    if isinstance(command, MeldAan):
        return aanmelding(command, zaak.gemeentecode, zaak_id=zaak.zaak_id)
    return HandlerAssigned(
        zaak_id=zaak.zaak_id, behandelaar=command.behandelaar, medewerker=command.medewerker,
        medewerker_id=command.medewerker_id,
    )  # fmt: skip


def op_tijd(command: Handeling) -> None:
    """Acts may be dated in the past, never in the future and not before the law they are done under."""
    if command.datum > command.vandaag:
        raise InDeToekomst(field="datum")
    if command.datum < BEGIN_WGS:
        raise TeVroeg("De datum ligt voor de Wet gemeentelijke schuldhulpverlening.", field="datum")


def aanmelding(
    command: MeldAan, gemeentecode: str, *, zaak_id: UUID | None = None, client: Sealed[Client] | None = None
) -> SelfReported:
    """A household that came by itself, in a running case or for matching to find."""
    op_tijd(command)
    return SelfReported(
        aanmelding_id=command.id, zaak_id=zaak_id, gemeentecode=gemeentecode, datum=command.datum, client=client,
        toelichting=command.toelichting,
    )  # fmt: skip


def spaar(command: ProbeerContact) -> None:
    """Refuses a new attempt within a rest, unless a reason is given."""
    rust, gedaan = command.rust, command.verricht or command.bereikt or command.datum < command.vandaag
    if rust is None or rust.tot <= command.vandaag or gedaan or command.ondanks:
        return
    if command.soort is Contactsoort.ADMINISTRATIEF:
        return
    raise (NeeGerespecteerd if rust.regel == NEE else InRustperiode)(field="reden")


def _poging(command: ProbeerContact, in_melding: dict[str, Any]) -> ContactAttempted:
    spaar(command)
    dagdeel = command.dagdeel
    if command.tijdstip is not None:
        _al_begonnen(command, command.tijdstip, "tijdstip")
        dagdeel = dagdeel or Dagdeel.van(command.tijdstip)
        if dagdeel is not Dagdeel.van(command.tijdstip):
            raise AnderDagdeel(field="dagdeel")
    elif dagdeel is not None:
        _al_begonnen(command, dagdeel.begin, "dagdeel")
    return ContactAttempted(
        contactpoging_id=command.id, soort=command.soort, dagdeel=dagdeel, bereikt=command.bereikt,
        resultaat=command.resultaat, middel=command.middel, tijdstip=command.tijdstip, brief=command.brief,
        reden=command.reden, **in_melding,
    )  # fmt: skip


def _al_begonnen(command: ProbeerContact, tijdstip: str, field: str) -> None:
    """Of today only what lies behind can have been tried."""
    if command.datum == command.vandaag and time.fromisoformat(tijdstip) > command.nu:
        raise InDeToekomst(field=field)


def _afsluiting(command: SluitAf, zaak: Zaak) -> list[Event]:
    te_sluiten = zaak.open_meldingen()
    if command.zaak and zaak.dreigt:
        raise OntruimingDreigt(field="zaak")
    if not command.zaak:
        te_sluiten = [m for m in te_sluiten if m == zaak.bedoeld(command.melding_id)]
        if not te_sluiten:
            raise MeldingGesloten
    found: list[Event] = [
        MeldingClosed(
            zaak_id=zaak.zaak_id, melding_id=melding_id, resultaat=command.resultaat, datum=command.datum,
            signaal_ids=tuple(sorted(zaak.meldingen[melding_id].signalen)),
        )
        for melding_id in te_sluiten
    ]  # fmt: skip
    if command.zaak:
        found.append(CaseClosed(zaak_id=zaak.zaak_id, resultaat=command.resultaat, datum=command.datum))
    return found


def _vervolg(
    command: VoerGesprek | NeemBesluit | BeeindigHulp | VerleenNazorg, zaak: Zaak, in_melding: dict[str, Any]
) -> Event:
    gevuld = in_melding | {"soort": command.soort, "resultaat": command.resultaat}
    if isinstance(command, VoerGesprek):
        return FirstConversationHeld(**gevuld)
    del gevuld["melding_id"]
    match command:
        case NeemBesluit():
            if zaak.gesprek_op is None and not zaak.gevraagd:
                raise GeenHulpvraag
            if zaak.gesprek_op is not None and command.datum < zaak.gesprek_op:
                raise TeVroeg("Het besluit volgt op het eerste gesprek (Wgs art. 4a).", field="datum")
            return DecisionTaken(**gevuld)
        case BeeindigHulp():
            if zaak.hulp_sinds is None:
                raise GeenHulp
            if command.datum < zaak.hulp_sinds:
                raise TeVroeg("De hulp kan niet eindigen voordat zij is aanvaard.", field="datum")
            return HelpEnded(**gevuld)
        case VerleenNazorg():
            return AftercareDone(**gevuld)


# --- evolve -----------------------------------------------------------------------------------------


def evolve(zaak: Zaak, event: Event) -> Zaak:
    """What is true after one of outreach's own events."""
    match event:
        case MeldingClosed(melding_id=melding_id, signaal_ids=signalen):
            bekend = None if signalen is None else frozenset(signalen)
            return replace(zaak, gesloten={**zaak.gesloten, melding_id: bekend})
        case CaseClosed():
            return replace(zaak, einde=zaak.einde or AFGESLOTEN)
        case SelfReported():
            return replace(zaak, gevraagd=True)
        case HelpAccepted() | HelpDeclined() | HelpEnded():
            gevraagd = zaak.gevraagd or isinstance(event, HelpAccepted)
            return replace(zaak, treden=(*zaak.treden, Trede.van(event)), gevraagd=gevraagd)
        case FirstConversationHeld(datum=datum):
            return replace(zaak, gesprek_op=min(datum, zaak.gesprek_op or datum))
        case _:
            return zaak


def decider(zaak: Zaak) -> Decider[Command, Zaak, Event]:
    """Decides about this case, as far as others told of it."""
    return Decider(zaak, decide, evolve)
