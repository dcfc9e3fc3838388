"""One case as a caseworker sees it: personal data opened, and every person in it written in the log of reads.

The lines go in the transaction that reads; when they can't be written, nothing leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from libs.chassis.auth import Caller
from libs.chassis.clock import today
from libs.chassis.logboek import record
from libs.chassis.service import Runtime
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
)
from libs.events.errors import Erased, NotFound
from libs.events.postgres.log import read_stream
from libs.events.sealed import Keys, Sealed
from libs.events.values import Client, Persoon
from services.outreach import store, takenlijst, termijnen
from services.outreach.domain import AFGESLOTEN
from services.outreach.dossier import Dossier, Signaal

VERWERKING = "outreach: zaak inzien"
T = TypeVar("T")

_SEALED: TypeAdapter[Sealed[Any]] = TypeAdapter(Sealed[Any])
_LIJSTEN: Mapping[str, tuple[type[Event], ...]] = {
    "pogingen": (ContactAttempted,),
    "hulp": (HelpAccepted, HelpDeclined, HelpEnded),
    "gesprekken": (FirstConversationHeld,),
    "beschikkingen": (DecisionTaken,),
    "nazorg": (AftercareDone,),
}
"""Which of outreach's own events are shown under which name."""


async def zaak(runtime: Runtime, caller: Caller, zaak_id: UUID) -> dict[str, Any] | None:
    """The case with everything opened that can be; None where the caller may not see it."""
    begin = runtime.clock.now()
    async with runtime.reading(caller) as conn:
        dossier = await store.dossier(conn, zaak_id)
        if dossier is None:
            return None
        keys = await runtime.keyring.keys([sealed.subject for sealed in sealed_in(dossier)])
        await record(conn, runtime.service, VERWERKING, dossier.personen, door=caller.rol, begin=begin)
        taken = await takenlijst.van_zaak(conn, dossier, today(runtime.clock))
        return Inzage(dossier, keys).antwoord() | {"taken": taken}


async def handeling(runtime: Runtime, caller: Caller, zaak_id: UUID, id: UUID) -> dict[str, Any]:
    """One act as it was recorded, what is sealed in it left out; raises NotFound."""
    async with runtime.reading(caller) as conn:
        for delivery in await read_stream(conn, runtime.service, str(zaak_id)):
            envelope = delivery.envelope()
            if envelope.id == id:
                zonder = {"toelichting", "medewerker", "client"}
                said = envelope.data.model_dump(mode="json", by_alias=True, exclude=zonder, exclude_none=True)
                return {"id": str(id), "type": envelope.type, "vastgelegdOp": envelope.time.isoformat()} | said
    raise NotFound


def sealed_in(dossier: Dossier) -> list[Sealed[Any]]:
    """All that is sealed in a case."""
    parts = [part for s in dossier.signalen for part in (s.gekoppeld.get("persoon"), *_of_partner(s)) if part]
    found = [_SEALED.validate_python(part) for part in parts]
    for event in dossier.eigen:
        found += [part for name in ("toelichting", "medewerker") if (part := getattr(event, name, None))]
    return found


def _of_partner(signaal: Signaal) -> tuple[Any, Any]:
    return signaal.aangeleverd.get("client"), signaal.aangeleverd.get("kenmerk")


@dataclass(frozen=True, slots=True)
class Inzage:
    """A case and the keys to what is sealed in it."""

    dossier: Dossier
    keys: Keys

    def antwoord(self) -> dict[str, Any]:
        """All of it, as JSON."""
        d = self.dossier
        rijen = [rij for rij in d.rijen() if not rij["gesloten"]]
        return {
            "zaakId": str(d.zaak_id),
            "gemeentecode": d.gemeentecode,
            **d.stand,
            "einde": d.stand["einde"] or self._afgesloten(),
            "behandelaar": self._behandelaar(rijen),
            "clienten": [self.client(persoon_id) for persoon_id in d.personen],
            "meldingen": self._meldingen(rijen),
            "signalen": [
                {**s.rij(), "meldingId": str(s.melding_id), "kenmerk": self._open(s.aangeleverd.get("kenmerk"), str)}
                for s in d.signalen
            ],
            **{naam: [self._gezegd(e) for e in d.eigen if isinstance(e, kinds)] for naam, kinds in _LIJSTEN.items()},
            "termijnen": termijnen.lopend(d.termijnen, rijen),
        }

    def _open(self, part: Any, kind: type[T]) -> T | None:
        """What is in a sealed part; None when it is absent or its key was destroyed."""
        try:
            return self.keys.open(_SEALED.validate_python(part), kind) if part else None
        except Erased:
            return None

    def persoon(self, persoon_id: UUID) -> Persoon | None:
        """The person as the BRP had him last; None once erased."""
        return self._open(self._signalen(persoon_id)[0].gekoppeld.get("persoon"), Persoon)

    def _signalen(self, persoon_id: UUID) -> list[Signaal]:
        found = [s for s in self.dossier.signalen if s.gekoppeld["persoonId"] == str(persoon_id)]
        return sorted(found, key=lambda s: (s.gekoppeld["signaaldatum"], s.signaal_id), reverse=True)

    def client(self, persoon_id: UUID) -> dict[str, Any]:
        """The person as the BRP has him, reached as the partners say; `{"gewist": true}` once erased."""
        persoon, signalen = self.persoon(persoon_id), self._signalen(persoon_id)
        if persoon is None:
            return {"gewist": True}
        opgaven = [opgave for s in signalen if (opgave := self._open(s.aangeleverd.get("client"), Client))]
        return {
            "persoonId": str(persoon_id),
            **persoon.model_dump(mode="json", by_alias=True),
            "telefoonnummer": next((o.telefoonnummer for o in opgaven if o.telefoonnummer), None),
            "email": next((o.email for o in opgaven if o.email), None),
        }

    def _gezegd(self, event: Event) -> dict[str, Any]:
        """One of outreach's own events: its free text laid over the fields it was posted in."""
        found = event.model_dump(mode="json", by_alias=True, exclude={"zaak_id", "toelichting"})
        part = getattr(event, "toelichting", None)
        vrij = self._open(part, dict[str, str])
        if part is not None and vrij is None:
            found["toelichting"] = {"gewist": True}
        return {"type": event.name(), **found, **(vrij or {})}

    def _behandelaar(self, rijen: list[dict[str, Any]]) -> dict[str, Any] | None:
        toegewezen = [e for e in self.dossier.eigen if isinstance(e, HandlerAssigned)]
        if toegewezen:
            medewerker = self._open(toegewezen[-1].medewerker, str)
            grond = {"grond": toegewezen[-1].grond} if toegewezen[-1].grond else {}
            return {**(self.dossier.behandelaar() or {}), "medewerker": medewerker, **grond}
        return next((rij["behandelaar"] for rij in reversed(rijen) if rij["behandelaar"]), None)

    def _meldingen(self, rijen: list[dict[str, Any]]) -> list[dict[str, Any]]:
        zaak = self.dossier.zaak()
        gesloten = {e.melding_id: e for e in self.dossier.eigen if isinstance(e, MeldingClosed)}
        op_lijst = {rij["meldingId"]: rij for rij in rijen}
        found = []
        for melding_id, melding in sorted(zaak.meldingen.items(), key=lambda one: (one[1].periode, one[0])):
            einde = gesloten.get(melding_id) if not zaak.is_open(melding_id) else None
            rij = op_lijst.get(str(melding_id), {})
            found.append(
                {"meldingId": str(melding_id), "periode": melding.periode, "open": zaak.is_open(melding_id),
                 "resultaat": einde.resultaat if einde else None, "afgesloten": str(einde.datum) if einde else None,
                 **{name: rij.get(name) for name in ("status", "ingetrokken", "prioriteit", "uiterlijkeDatum",
                                                     "termijnbron", "contactsoorten", "stappen")}}
            )  # fmt: skip
        return found

    def _afgesloten(self) -> dict[str, str] | None:
        closed = [e for e in self.dossier.eigen if isinstance(e, CaseClosed)]
        return (
            {"reden": AFGESLOTEN, "resultaat": closed[0].resultaat, "datum": str(closed[0].datum)} if closed else None
        )
