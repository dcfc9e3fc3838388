"""From findings to events: identities, decisions, keys, seals and rows, for a batch of signals or for one decision.

Everything happens in the transaction of the caller, under one lock; the order of the work is the order of the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from libs.chassis.service import Runtime
from libs.events.catalogue import BRPMatched, BRPMismatched, CaseOpened, CaseTransferred
from libs.events.crash import crash_point
from libs.events.envelope import Envelope
from libs.events.errors import Erased
from libs.events.ids import derived
from libs.events.keyring import Soort
from libs.events.sealed import Keys, Sealed
from libs.events.unit import Unit
from libs.events.values import REGIOBALIE, Client, Koppelstatus, Persoon
from services.matching import store
from services.matching.domain import (
    Command,
    Gekoppeld,
    Koppel,
    NietGekoppeld,
    Outcome,
    TrekIn,
    Verwerp,
    ZaakGeopend,
    ZaakOvergedragen,
    huishoudens,
)
from services.matching.feiten import Feiten
from services.matching.stand import Signaal, Stand, Zaak
from services.matching.store import Rij
from services.matching.zoeken import Bevinding

PERSOON, ADRES, CLIENT = "matching/persoon", "matching/adres", "matching/client"


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
    uitkomsten: list[Uitkomst] = field(default_factory=list)
    geraakt: set[UUID] = field(default_factory=set)
    ingetrokken: list[UUID] = field(default_factory=list)


class Koppelaar:
    """Links signals for one running service."""

    def __init__(self, runtime: Runtime) -> None:
        self._keyring = runtime.keyring
        self._personen, self._adressen = runtime.kek.blind(PERSOON), runtime.kek.blind(ADRES)
        self._clienten = runtime.kek.blind(CLIENT)

    def vingerafdruk(self, client: Client) -> bytes:
        """What makes two versions of a signal be about the same client; telephone and e-mail do not."""
        velden = client.model_dump(mode="json", exclude={"telefoonnummer", "email"})
        return self._clienten.of(*(f"{naam}={waarde}" for naam, waarde in velden.items()))

    async def verwerk(self, unit: Unit, opdrachten: Sequence[Opdracht]) -> None:
        """Answer all of them, in order."""
        await unit.conn.execute(store.SLOT)
        werk = await self._begin(unit, opdrachten)
        for opdracht in opdrachten:
            self._besluit(werk, opdracht)
        keys = await self._sleutels(unit, werk)
        crash_point("matching.before_emit")
        for uitkomst in werk.uitkomsten:
            self._zeg(unit, werk, uitkomst, keys)
        await self._bewaar(unit, werk)
        crash_point("matching.after_save")

    def _persoonssleutel(self, opdracht: Opdracht) -> bytes | None:
        wie = opdracht.bevinding.wie if opdracht.bevinding else None
        if wie is None:
            return None
        geboren = wie.geboorte
        return self._personen.of("bsn", wie.burgerservicenummer, f"{geboren.jaar}-{geboren.maand}-{geboren.dag}")

    def _adressleutel(self, opdracht: Opdracht) -> bytes | None:
        wie = opdracht.bevinding.wie if opdracht.bevinding else None
        return self._adressen.of(*wie.woont) if wie is not None and wie.woont is not None else None

    async def _begin(self, unit: Unit, opdrachten: Sequence[Opdracht]) -> Werk:
        personen = await self._levende_personen(unit, [s for o in opdrachten if (s := self._persoonssleutel(o))])
        adressen = await store.ids(unit.conn, "adres", [s for o in opdrachten if (s := self._adressleutel(o))])
        geladen = await store.laad(
            unit.conn, [o.signaal_id for o in opdrachten], list(adressen.values()), list(personen.values()),
            [o.feiten.achterstand_id for o in opdrachten if o.feiten],
        )  # fmt: skip
        return Werk(geladen.stand, geladen.rijen, personen, adressen)

    async def _levende_personen(self, unit: Unit, sleutels: Sequence[bytes]) -> Mapping[bytes, UUID]:
        """Ids of these people, each with a key; who was erased is somebody new from now on."""
        personen = await store.ids(unit.conn, "persoon", sleutels)
        keys = await self._keyring.create(list(personen.values()), Soort.PERSOON)
        gewist = [een for een in personen.values() if een not in keys.by_subject]
        if gewist:
            await store.vergeet_persoon(unit.conn, gewist)
            personen = await store.ids(unit.conn, "persoon", sleutels)
            await self._keyring.create(list(personen.values()), Soort.PERSOON)
        return personen

    def _besluit(self, werk: Werk, opdracht: Opdracht) -> None:
        command = self._command(werk, opdracht)
        outcomes = huishoudens.decide(command, werk.stand)
        werk.stand = huishoudens.fold(outcomes, werk.stand)
        werk.uitkomsten.append(Uitkomst(opdracht, outcomes))
        if isinstance(command, TrekIn):
            werk.ingetrokken.append(opdracht.signaal_id)

    def _command(self, werk: Werk, o: Opdracht) -> Command:
        if o.bevinding is None or o.feiten is None:
            return TrekIn(o.signaal_id)
        f, bevinding = o.feiten, o.bevinding
        signaal = Signaal(o.signaal_id, f.achterstand_id, f.periode, f.bedrag, besluit=o.besluit, client=o.client)
        persoon, adres = self._persoonssleutel(o), self._adressleutel(o)
        if bevinding.status is not Koppelstatus.GEKOPPELD or persoon is None or adres is None:
            return Verwerp(signaal, bevinding.status)
        return Koppel(
            signaal, werk.personen[persoon], werk.adressen[adres], bevinding.gemeentecode,
            derived(o.begin, "zaak"), f.signaaldatum,
        )  # fmt: skip

    async def _sleutels(self, unit: Unit, werk: Werk) -> Keys:
        """Link signals to people and people to cases, and fetch the keys of all people."""
        van_signaal, van_persoon = list[dict[UUID, UUID]](), list[dict[UUID, UUID]]()
        for outcome in (een for uitkomst in werk.uitkomsten for een in uitkomst.outcomes):
            if isinstance(outcome, Gekoppeld):
                s = outcome.signaal
                assert s.persoon_id is not None and s.zaak_id is not None  # noqa: S101
                _voeg_toe(van_signaal, s.signaal_id, s.persoon_id)
                _voeg_toe(van_persoon, s.persoon_id, s.zaak_id)
        for koppelingen in (*van_signaal, *van_persoon):
            await self._keyring.link(koppelingen)
        personen = {persoon for koppelingen in van_signaal for persoon in koppelingen.values()}
        return await self._keyring.keys(list(personen)) if personen else Keys({})

    def _zeg(self, unit: Unit, werk: Werk, uitkomst: Uitkomst, keys: Keys) -> None:
        oorzaak = uitkomst.opdracht.oorzaak
        for outcome in uitkomst.outcomes:
            if isinstance(outcome, ZaakGeopend):
                zaak = outcome.zaak
                opened = CaseOpened(
                    zaak_id=zaak.zaak_id, adres_id=zaak.adres_id, gemeentecode=zaak.gemeentecode,
                    vorige_zaak_id=outcome.vorige_zaak_id, datum=outcome.datum,
                )  # fmt: skip
                unit.emit(opened, subject=zaak.zaak_id, gemeentecode=zaak.gemeentecode, cause=oorzaak)
            elif isinstance(outcome, ZaakOvergedragen):
                moved = CaseTransferred(
                    zaak_id=outcome.zaak_id, naar_gemeentecode=outcome.naar_gemeentecode,
                    naar_zaak_id=outcome.naar_zaak_id, datum=outcome.datum,
                )  # fmt: skip
                unit.emit(moved, subject=outcome.zaak_id, gemeentecode=outcome.gemeentecode, cause=oorzaak)
            elif isinstance(outcome, Gekoppeld):
                self._zeg_gekoppeld(unit, werk, uitkomst.opdracht, outcome, keys)
            elif isinstance(outcome, NietGekoppeld):
                self._zeg_niet_gekoppeld(unit, werk, uitkomst.opdracht, outcome)

    def _zeg_gekoppeld(self, unit: Unit, werk: Werk, o: Opdracht, outcome: Gekoppeld, keys: Keys) -> None:
        signaal, feiten, bevinding = outcome.signaal, o.feiten, o.bevinding
        assert feiten and bevinding and signaal.zaak_id and signaal.persoon_id and signaal.adres_id  # noqa: S101
        rij = Rij(
            signaal, feiten, outcome.gemeentecode, o.volgorde, bewijs=bevinding.bewijs, melding_id=outcome.melding_id,
            leeftijd=bevinding.leeftijd, minderjarigen=bevinding.minderjarigen,
        )  # fmt: skip
        event_id = unit.next_id(o.oorzaak)
        try:
            persoon, rij = self._persoon(werk, outcome, bevinding, rij, keys)
            verzegeld: Sealed[Persoon] = keys.seal(signaal.persoon_id, event_id, persoon)
        except Erased:
            if not outcome.bevestigd:
                raise
            return  # an official linked it, and the person was erased since: the link stays as it was
        unit.emit(
            BRPMatched(
                signaal_id=signaal.signaal_id, zaak_id=signaal.zaak_id, melding_id=outcome.melding_id,
                persoon_id=signaal.persoon_id, adres_id=signaal.adres_id, gemeentecode=outcome.gemeentecode,
                match=outcome.vlaggen.match, recidive=outcome.vlaggen.recidive, herhaald=outcome.vlaggen.herhaald,
                vorig_bedrag=outcome.vlaggen.vorig_bedrag, leeftijd=rij.leeftijd,
                minderjarige_kinderen=rij.minderjarigen, bewijs=rij.bewijs, persoon=verzegeld, **feiten.velden(),
            ),
            subject=signaal.zaak_id, gemeentecode=outcome.gemeentecode, cause=o.oorzaak, id=event_id,
        )  # fmt: skip
        self._onthoud(werk, replace(rij, persoon=str(verzegeld)))

    def _persoon(
        self, werk: Werk, outcome: Gekoppeld, bevinding: Bevinding, rij: Rij, keys: Keys
    ) -> tuple[Persoon, Rij]:
        """Whom to seal: as the BRP gave it now, or as it was when an official decided."""
        if not outcome.bevestigd:
            assert bevinding.wie is not None  # noqa: S101
            return bevinding.wie.persoon(), rij
        eerder = werk.rijen[outcome.signaal.signaal_id]
        blok: Sealed[Persoon] = Sealed.parse(eerder.persoon or "")
        blijft = replace(rij, bewijs=eerder.bewijs, leeftijd=eerder.leeftijd, minderjarigen=eerder.minderjarigen)
        return keys.open(blok, Persoon), blijft

    def _zeg_niet_gekoppeld(self, unit: Unit, werk: Werk, o: Opdracht, outcome: NietGekoppeld) -> None:
        signaal, feiten, bevinding = outcome.signaal, o.feiten, o.bevinding
        assert feiten and bevinding  # noqa: S101
        eerder = werk.rijen.get(signaal.signaal_id)
        if signaal.besluit and not o.besluit and eerder is not None:  # an official's answer stands: nothing new to say
            self._onthoud(werk, replace(eerder, signaal=signaal, feiten=feiten))
            return
        code = bevinding.gemeentecode or REGIOBALIE
        unit.emit(
            BRPMismatched(
                signaal_id=signaal.signaal_id, partner=feiten.partner, signaalpartner=feiten.signaalpartner,
                periode=feiten.periode, status=signaal.status, reden=bevinding.reden, gemeentecode=code,
                kandidaten=bevinding.kandidaten, bewijs=bevinding.bewijs,
            ),
            subject=signaal.signaal_id, gemeentecode=code, cause=o.oorzaak,
        )  # fmt: skip
        rij = Rij(signaal, feiten, code, o.volgorde, bevinding.reden, bevinding.kandidaten, bevinding.bewijs)
        self._onthoud(werk, rij)

    def _onthoud(self, werk: Werk, rij: Rij) -> None:
        werk.rijen[rij.signaal.signaal_id] = rij
        werk.geraakt.add(rij.signaal.signaal_id)

    async def _bewaar(self, unit: Unit, werk: Werk) -> None:
        geraakt = [werk.rijen[signaal_id] for signaal_id in sorted(werk.geraakt)]
        nu = [replace(rij, signaal=werk.stand.signalen[rij.signaal.signaal_id]) for rij in geraakt]
        await store.bewaar_zaken(unit.conn, _geraakte_zaken(werk))
        await store.bewaar(unit.conn, nu)
        if werk.ingetrokken:
            await store.trek_in(unit.conn, werk.ingetrokken)


def _geraakte_zaken(werk: Werk) -> list[Zaak]:
    """The cases of the signals of this batch and those that moved or ended, as they are now."""
    anders = {
        zaak_id
        for uitkomst in werk.uitkomsten
        for outcome in uitkomst.outcomes
        if (zaak_id := getattr(outcome, "zaak_id", None) or getattr(getattr(outcome, "zaak", None), "zaak_id", None))
    }
    return [zaak for zaak_id, zaak in werk.stand.zaken.items() if zaak_id in anders]


def _voeg_toe(lijst: list[dict[UUID, UUID]], kind: UUID, ouder: UUID) -> None:
    """A child may have several parents in one batch: one mapping holds one of them."""
    for koppelingen in lijst:
        if koppelingen.get(kind, ouder) == ouder:
            koppelingen[kind] = ouder
            return
    lijst.append({kind: ouder})
