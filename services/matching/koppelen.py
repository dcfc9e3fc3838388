"""From findings to events: identities, decisions, keys, seals and rows, for a batch of signals or for one decision.

Everything happens in the transaction of the caller, under one lock; the order of the work is the order of the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from libs.chassis import afspraken
from libs.chassis.service import Runtime
from libs.events.crash import crash_point
from libs.events.ids import derived
from libs.events.keyring import Soort
from libs.events.sealed import Keys
from libs.events.unit import Unit
from libs.events.values import Client, Koppelstatus, Signaalsoort
from services.matching import aanmeldingen, store
from services.matching.domain import Command, Koppel, TrekIn, Verwerp, huishoudens
from services.matching.gevolgen import Gekoppeld, Herzien
from services.matching.normalisatie import toevoeging
from services.matching.personen import Ingeschrevene, Treffer
from services.matching.stand import Signaal, Zaak
from services.matching.werk import Opdracht, Uitkomst, Werk
from services.matching.zeggen import zeg
from services.matching.zoeken import Bevinding

PERSOON, ADRES, CLIENT, OPGAVE = "matching/persoon", "matching/adres", "matching/client", "matching/opgave"


class Koppelaar:
    """Links signals for one running service."""

    def __init__(self, runtime: Runtime) -> None:
        self._keyring = runtime.keyring
        self._personen, self._adressen = runtime.kek.blind(PERSOON), runtime.kek.blind(ADRES)
        self._clienten, self._opgaven = runtime.kek.blind(CLIENT), runtime.kek.blind(OPGAVE)

    def vingerafdruk(self, client: Client) -> bytes:
        """What makes two versions of a signal be about the same client; telephone and e-mail do not."""
        velden = client.model_dump(mode="json", exclude={"telefoonnummer", "email"})
        return self._clienten.of(*(f"{naam}={waarde}" for naam, waarde in velden.items()))

    def opgave(self, client: Client) -> UUID:
        """What makes two signals be written down at the same address."""
        a = client
        plek = (
            a.postcode.replace(" ", "").upper(),
            str(a.huisnummer),
            toevoeging(a.huisletter, a.huisnummertoevoeging),
        )
        return UUID(bytes=self._opgaven.of(*plek)[:16])

    async def verwerk(self, unit: Unit, opdrachten: Sequence[Opdracht]) -> None:
        """Answer all of them, in order."""
        await unit.conn.execute(store.SLOT)
        werk = await self._begin(unit, opdrachten)
        for opdracht in opdrachten:
            self._besluit(werk, opdracht)
        keys = await self._sleutels(unit, werk)
        crash_point("matching.before_emit")
        for uitkomst in werk.uitkomsten:
            zeg(unit, werk, uitkomst, keys)
        await self._bewaar(unit, werk)
        crash_point("matching.after_save")

    def _persoonssleutel(self, opdracht: Opdracht) -> bytes | None:
        wie = opdracht.bevinding.wie if opdracht.bevinding else None
        if wie is None:
            return None
        return self._sleutel_van(wie)

    def _sleutel_van(self, wie: Ingeschrevene | Treffer) -> bytes:
        geboren = wie.geboorte
        return self._personen.of("bsn", wie.burgerservicenummer, f"{geboren.jaar}-{geboren.maand}-{geboren.dag}")

    def _thuis(self, bevinding: Bevinding | None) -> list[bytes]:
        return [self._sleutel_van(een) for een in bevinding.thuis] if bevinding else []

    def _adressleutel(self, opdracht: Opdracht) -> bytes | None:
        wie = opdracht.bevinding.wie if opdracht.bevinding else None
        return self._adressen.of(*wie.woont) if wie is not None and wie.woont is not None else None

    async def _begin(self, unit: Unit, opdrachten: Sequence[Opdracht]) -> Werk:
        personen = await self._levende_personen(unit, [s for o in opdrachten if (s := self._persoonssleutel(o))])
        adressen = await store.ids(unit.conn, "adres", [s for o in opdrachten if (s := self._adressleutel(o))])
        geladen = await store.laad(
            unit.conn, [o.signaal_id for o in opdrachten], list(adressen.values()), list(personen.values()),
            [o.feiten.achterstand_id for o in opdrachten if o.feiten], [o.opgave for o in opdrachten if o.opgave],
        )  # fmt: skip
        thuis = await store.bekende_personen(unit.conn, [s for o in opdrachten for s in self._thuis(o.bevinding)])
        personen = {**thuis, **personen}
        return Werk(geladen.stand, geladen.rijen, personen, adressen, await afspraken.published(unit.conn))

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
        if o.aanmelding is not None and o.bevinding is not None:
            return self._antwoord(werk, o, o.aanmelding.signaal(besluit=o.besluit), o.bevinding, o.aanmelding.datum)
        if o.bevinding is None or o.feiten is None:
            return TrekIn(o.signaal_id)
        f, bevinding = o.feiten, o.bevinding
        signaal = Signaal(
            o.signaal_id, f.achterstand_id, f.periode, f.bedrag, besluit=o.besluit, client=o.client, opgave=o.opgave
        )
        return self._antwoord(werk, o, signaal, bevinding, f.signaaldatum)

    def _antwoord(self, werk: Werk, o: Opdracht, signaal: Signaal, bevinding: Bevinding, datum: date) -> Command:
        """What the finding asks for: a link, or none."""
        persoon, adres = self._persoonssleutel(o), self._adressleutel(o)
        if bevinding.status is not Koppelstatus.GEKOPPELD or persoon is None or adres is None:
            if o.feiten is None:
                return Verwerp(signaal, bevinding.status)
            afspraak = werk.afspraken.op(bevinding.gemeentecode, datum).koppelen
            crisis = o.feiten.crisissignaal or o.feiten.soort is Signaalsoort.CRISIS
            return Verwerp(signaal, bevinding.status, afspraak, crisis)
        return Koppel(
            signaal, werk.personen[persoon], werk.adressen[adres], bevinding.gemeentecode,
            derived(o.begin, "zaak"), datum,
            frozenset(werk.personen[s] for s in self._thuis(bevinding) if s in werk.personen),
        )  # fmt: skip

    async def _sleutels(self, unit: Unit, werk: Werk) -> Keys:
        """Link signals to people and people to cases, and fetch the keys of all people."""
        van_signaal, van_persoon = list[dict[UUID, UUID]](), list[dict[UUID, UUID]]()
        herzien = set[UUID]()
        for outcome in (een for uitkomst in werk.uitkomsten for een in uitkomst.outcomes):
            if isinstance(outcome, Herzien) and outcome.signaal.persoon_id is not None:
                herzien.add(outcome.signaal.persoon_id)
            elif isinstance(outcome, Gekoppeld):
                s = outcome.signaal
                assert s.persoon_id is not None and s.zaak_id is not None  # noqa: S101
                _voeg_toe(van_signaal, s.signaal_id, s.persoon_id)
                _voeg_toe(van_persoon, s.persoon_id, s.zaak_id)
        for koppelingen in (*van_signaal, *van_persoon):
            await self._keyring.link(koppelingen)
        personen = herzien.union(*(koppelingen.values() for koppelingen in van_signaal))
        return await self._keyring.keys(list(personen)) if personen else Keys({})

    async def _bewaar(self, unit: Unit, werk: Werk) -> None:
        geraakt = [werk.rijen[signaal_id] for signaal_id in sorted(werk.geraakt)]
        nu = [replace(rij, signaal=werk.stand.signalen[rij.signaal.signaal_id]) for rij in geraakt]
        await store.bewaar_zaken(unit.conn, _geraakte_zaken(werk))
        await store.bewaar(unit.conn, nu)
        await aanmeldingen.bewaar(unit.conn, list(werk.aanmeldingen.values()))
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
