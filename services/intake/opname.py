"""Taking in: rows that passed become signals, in one transaction, as if they had been sent one by one.

Ids and fingerprints are keyed hashes: the same arrears find the same signal again, and nobody without the key
can tell from an id or a fingerprint what it stands for. Keys of new signals are committed before anything is
sealed with them; a signal whose key was destroyed stays unreadable and is not made again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from libs.chassis.region import Region
from libs.events.catalogue import SignalCorrected, SignalReceived
from libs.events.errors import Invalid
from libs.events.ids import uuid7
from libs.events.keyring import Kek, Keyring, Soort
from libs.events.sealed import Keys, Sealed
from libs.events.unit import Unit
from libs.events.values import Signaalpartner
from services.intake import store
from services.intake.aanlevering import Aanlevering
from services.intake.domain import Gebeurtenis, Gecorrigeerd, Lever, Oordeel, Stand, signaal


@dataclass(frozen=True, slots=True)
class Afzender:
    """The partner in whose name signals come; `naam` only of one that is not connected."""

    partner: str
    signaalpartner: Signaalpartner
    namens: bool = False
    naam: str | None = None


class Index:
    """Ids and fingerprints from what only the partner and the key-encryption key together give."""

    def __init__(self, kek: Kek) -> None:
        self._ids = {purpose: kek.blind(purpose) for purpose in ("signaal", "achterstand", "afzender")}
        self._afdruk = kek.blind("vingerafdruk")

    def id(self, purpose: str, *parts: str) -> UUID:
        """The id of a `signaal` (partner, kenmerk, period), an `achterstand` (partner, kenmerk) or an `afzender`."""
        return UUID(bytes=self._ids[purpose].of(*parts)[:16], version=5)

    def vingerafdruk(self, signaal_id: UUID, rij: Aanlevering) -> bytes:
        """Of the content as understood, so that a file of another kind with the same content is the same."""
        return self._afdruk.of(
            str(signaal_id), rij.soort, str(rij.bedrag), str(rij.ontstaansdatum), str(rij.signaaldatum),
            f"{rij.crisissignaal}{rij.warme_overdracht}", str(rij.einddatum_levering),
            rij.client.model_dump_json(exclude_none=True),
            rij.sociale_incasso.model_dump_json(exclude_none=True) if rij.sociale_incasso else "",
        )  # fmt: skip


def namens(genoemd: str, soort: Signaalpartner | None, region: Region, index: Index) -> Afzender:
    """The partner a caseworker names: by key or name of the list, else one that is not connected, of the given type.

    The key of one that is not connected is a keyed hash of its name, for it may be a private landlord.
    """
    gevouwen = re.sub(r"\s+", " ", genoemd.strip()).casefold()
    for partner in region.partners:
        if gevouwen in (partner.key, partner.naam.casefold()):
            if soort not in (None, partner.type):
                raise Invalid("Deze partner is van een andere soort.", field="signaalpartner")
            return Afzender(partner.key, partner.type, namens=True)
    sleutel = f"namens-{index.id('afzender', gevouwen).hex[:16]}"
    return Afzender(sleutel, soort or Signaalpartner.OVERIGE, namens=True, naam=genoemd.strip())


@dataclass(frozen=True, slots=True)
class Stuk:
    """A row on its way to become an event; without a key it is about somebody who was erased."""

    regel: int
    rij: Aanlevering
    signaal_id: UUID
    event_id: UUID
    vingerafdruk: bytes
    kenmerk: Sealed[str] | None


@dataclass(slots=True)
class Opname:
    """Takes in what one sender sends."""

    afzender: Afzender
    index: Index
    keyring: Keyring
    levering_id: UUID | None = None

    async def bereid(self, rijen: Sequence[tuple[int, Aanlevering]]) -> "tuple[list[Stuk], Keys]":
        """Ids, fingerprints and keys, before the transaction; in the order of the ids, as two may come at once."""
        partner = self.afzender.partner
        ids = [self.index.id("signaal", partner, rij.kenmerk, rij.periode) for _, rij in rijen]
        keys = await self.keyring.create(sorted(set(ids)), Soort.SIGNAAL) if ids else Keys({})
        stukken = []
        for (regel, rij), signaal_id in zip(rijen, ids, strict=True):
            event_id = uuid7()
            kenmerk = keys.seal(signaal_id, event_id, rij.kenmerk) if signaal_id in keys.by_subject else None
            afdruk = self.index.vingerafdruk(signaal_id, rij)
            stukken.append(Stuk(regel, rij, signaal_id, event_id, afdruk, kenmerk))
        return stukken, keys

    async def neem(
        self, unit: Unit, stukken: Sequence[Stuk], keys: Keys
    ) -> tuple[list[store.Uitkomst], dict[UUID, store.Signaal]]:
        """Decide on each row in order, emit what happened, keep it; gives the verdicts and the signals as found."""
        leesbaar = [s for s in stukken if s.kenmerk is not None]
        eerste = {s.signaal_id: store.Nieuw(s.signaal_id, s.rij.periode, str(s.kenmerk)) for s in reversed(leesbaar)}
        gevonden = await store.signalen(
            unit.conn, self.afzender.partner, self.afzender.signaalpartner, list(eerste.values()), unit.now
        )
        standen = {signaal_id: kept.stand for signaal_id, kept in gevonden.items()}
        nieuw: list[tuple[UUID, bytes]] = []
        uitkomsten = []
        for stuk in stukken:
            if stuk.kenmerk is None:
                uitkomsten.append(store.Uitkomst(stuk.regel, Oordeel.GEWEIGERD, None, "kenmerk", "gewist"))
                continue
            gebeurtenissen = signaal.decide(Lever(stuk.vingerafdruk), standen[stuk.signaal_id])
            for gebeurtenis in gebeurtenissen:
                self._zeg(unit, stuk, gebeurtenis, keys)
                nieuw.append((stuk.signaal_id, stuk.vingerafdruk))
            standen[stuk.signaal_id] = signaal.fold(gebeurtenissen, standen[stuk.signaal_id])
            uitkomsten.append(_uitkomst(stuk, gebeurtenissen))
        await store.bewaar(unit.conn, self.afzender.partner, nieuw, _gewijzigd(gevonden, standen))
        return uitkomsten, gevonden

    def _zeg(self, unit: Unit, stuk: Stuk, gebeurtenis: Gebeurtenis, keys: Keys) -> None:
        event: SignalReceived
        if isinstance(gebeurtenis, Gecorrigeerd):
            event = SignalCorrected(**self._velden(stuk, keys), correctie=gebeurtenis.correctie)
        else:
            event = SignalReceived(**self._velden(stuk, keys))
        unit.emit(event, subject=stuk.signaal_id, tenant=self.afzender.partner, id=stuk.event_id)

    def _velden(self, stuk: Stuk, keys: Keys) -> dict[str, Any]:
        rij, afzender = stuk.rij, self.afzender
        naam = keys.seal(stuk.signaal_id, stuk.event_id, afzender.naam) if afzender.naam else None
        return {
            "signaal_id": stuk.signaal_id,
            "achterstand_id": self.index.id("achterstand", afzender.partner, rij.kenmerk),
            "partner": afzender.partner,
            "signaalpartner": afzender.signaalpartner,
            "soort": rij.soort,
            "bedrag": rij.bedrag,
            "ontstaansdatum": rij.ontstaansdatum,
            "signaaldatum": rij.signaaldatum,
            "periode": rij.periode,
            "crisissignaal": rij.crisissignaal,
            "warme_overdracht": rij.warme_overdracht,
            "einddatum_levering": rij.einddatum_levering,
            "telefoon_bruikbaar": rij.telefoon_bruikbaar,
            "email_bruikbaar": rij.email_bruikbaar,
            "sociale_incasso": rij.sociale_incasso,
            "namens": afzender.namens,
            "partner_naam": naam,
            "levering_id": self.levering_id,
            "kenmerk": stuk.kenmerk,
            "client": keys.seal(stuk.signaal_id, stuk.event_id, rij.client),
        }


def _uitkomst(stuk: Stuk, gebeurtenissen: Sequence[Gebeurtenis]) -> store.Uitkomst:
    if not gebeurtenissen:
        oordeel = Oordeel.DUBBEL
    else:
        gecorrigeerd = isinstance(gebeurtenissen[0], Gecorrigeerd)
        oordeel = Oordeel.GECORRIGEERD if gecorrigeerd else Oordeel.AANGENOMEN
    return store.Uitkomst(stuk.regel, oordeel, stuk.signaal_id, onbruikbaar=" ".join(stuk.rij.onbruikbaar) or None)


def _gewijzigd(gevonden: dict[UUID, store.Signaal], standen: dict[UUID, Stand]) -> dict[UUID, int]:
    return {
        signaal_id: stand.correcties
        for signaal_id, stand in standen.items()
        if stand.correcties != gevonden[signaal_id].stand.correcties
    }
