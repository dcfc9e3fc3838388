"""Signals, households and cases: what follows when a signal is linked, or can't be. Pure: no clock, no ids of its own.

A case belongs to one household: one BRP address in one municipality. It runs until something ends it; the next signal
opens a new one that refers to it. A melding is one period inside a case, and its id follows from both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from typing import assert_never
from uuid import UUID

from libs.events.afspraken import Koppelen, Nakijken
from libs.events.decider import Decider
from libs.events.errors import Refusal
from libs.events.ids import derived
from libs.events.values import Koppelstatus
from services.matching.gevolgen import (
    Gekoppeld,
    Heropend,
    Herzien,
    Ingetrokken,
    NietGekoppeld,
    Outcome,
    ZaakBeeindigd,
    ZaakGeopend,
    ZaakOvergedragen,
    ZaakVerhuisd,
)
from services.matching.stand import Signaal, Stand, Zaak
from services.matching.vlaggen import Vlaggen, vlaggen

ALLES_NAKIJKEN = Koppelen()

# --- commands ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Koppel:
    """Link a signal to this person and address. `thuis`: who live there too, of the people that are known."""

    signaal: Signaal
    persoon_id: UUID
    adres_id: UUID
    gemeentecode: str
    nieuwe_zaak_id: UUID
    datum: date
    thuis: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Verwerp:
    """A signal can't be linked: nobody is certain, or no resident is meant. `afspraak` says who looks at fall-out."""

    signaal: Signaal
    status: Koppelstatus
    afspraak: Koppelen = ALLES_NAKIJKEN
    crisis: bool = False


@dataclass(frozen=True, slots=True)
class TrekIn:
    """The partner took the signal back."""

    signaal_id: UUID


Command = Koppel | Verwerp | TrekIn


class NogInBehandeling(Refusal):
    """Dit signaal is nog in behandeling."""

    code = "inBehandeling"


class NietKoppelbaar(Refusal):
    """Bij dit burgerservicenummer hoort geen inwoner van de regio aan wie een signaal gekoppeld kan worden."""

    code = "nietKoppelbaar"


def melding_van(zaak_id: UUID, periode: str) -> UUID:
    """The one melding of a case in a period."""
    return derived(zaak_id, f"melding:{periode}")


def decide(command: Command, stand: Stand) -> Sequence[Outcome]:
    """What follows."""
    match command:
        case Koppel(signaal=signaal) | Verwerp(signaal=signaal):
            antwoord = _antwoord(command, stand)
            return [*antwoord, *_herzie(signaal, stand, reduce(evolve, antwoord, stand))]
        case TrekIn(signaal_id=signaal_id):
            return [Ingetrokken(signaal_id)] if signaal_id in stand.signalen else []
        case _:
            assert_never(command)


def _antwoord(c: Koppel | Verwerp, stand: Stand) -> Sequence[Outcome]:
    oud = stand.signalen.get(c.signaal.signaal_id)
    if oud is not None and _besluit_blijft(oud, c.signaal):
        return _bevestig(oud, c.signaal, stand)
    if isinstance(c, Koppel):
        return [*_koppel(c, oud, stand), *_heropen(c.signaal, stand)]
    return [NietGekoppeld(_met_intrekking(_uitval(c, stand), oud)), *_heropen(c.signaal, stand)]


def _herzie(nieuw: Signaal, stand: Stand, na: Stand) -> list[Outcome]:
    """The next report of its arrears, where this one makes another of it: no other report looks back at this one.

    What got its result, or whose case ended, is history: it stays as it was told and decided.
    """
    volgende = next((een for een in na.van_achterstand(nieuw) if een.periode > nieuw.periode), None)
    if volgende is None or volgende.zaak_id is None or volgende.gesloten or not na.zaken[volgende.zaak_id].loopt:
        return []
    zaak = na.zaken[volgende.zaak_id]
    was, wordt = _vlaggen(volgende, stand), _vlaggen(volgende, na)
    if (was.herhaald, was.vorig_bedrag) == (wordt.herhaald, wordt.vorig_bedrag):
        return []
    return [Herzien(volgende, melding_van(zaak.zaak_id, volgende.periode), zaak.gemeentecode, wordt)]


def _uitval(c: Verwerp, stand: Stand) -> Signaal:
    """Fall-out, to be looked at or closed: as the municipality agreed. An escalation is always looked at."""
    leeg = replace(c.signaal, status=c.status, zaak_id=None, persoon_id=None, adres_id=None)
    if c.status is not Koppelstatus.UITVAL or c.signaal.besluit or c.signaal.signaal_id in stand.wachtend:
        return leeg
    bij_match = c.afspraak.nakijken is Nakijken.CRISIS_EN_MATCH
    hoog = c.afspraak.nakijken_vanaf is not None and (c.signaal.bedrag or 0) >= c.afspraak.nakijken_vanaf
    kijkt = bij_match and (c.crisis or bool(stand.van_opgave(leeg)))
    return replace(leeg, afgedaan=not (c.afspraak.nakijken is Nakijken.ALLES or hoog or kijkt), bij_match=bij_match)


def _heropen(nieuw: Signaal, stand: Stand) -> list[Outcome]:
    """A signal makes a match of what was closed because it was none."""
    dicht = [ander for ander in stand.van_opgave(nieuw) if ander.afgedaan and ander.bij_match]
    return [Heropend(replace(ander, afgedaan=False)) for ander in sorted(dicht, key=lambda s: s.signaal_id)]


def _besluit_blijft(oud: Signaal, nieuw: Signaal) -> bool:
    """What an official decided about this client stands against what the BRP search says, until the client changes."""
    return oud.besluit and not nieuw.besluit and oud.client is not None and oud.client == nieuw.client


def _bevestig(oud: Signaal, nieuw: Signaal, stand: Stand) -> Sequence[Outcome]:
    blijft = replace(
        nieuw, status=oud.status, zaak_id=oud.zaak_id, persoon_id=oud.persoon_id, adres_id=oud.adres_id,
        ingetrokken=oud.ingetrokken, besluit=True,
    )  # fmt: skip
    if blijft.zaak_id is None:
        return [NietGekoppeld(blijft)]
    return [_gekoppeld(blijft, stand.zaken[blijft.zaak_id].gemeentecode, stand, bevestigd=True)]


def _koppel(c: Koppel, oud: Signaal | None, stand: Stand) -> Sequence[Outcome]:
    uit: list[Outcome] = []
    zaak = _dezelfde(c, oud, stand) or _lopende(c.adres_id, stand)
    eigen = _eigen_zaak(c, stand)
    if zaak is None and eigen is not None and eigen.gemeentecode == c.gemeentecode:
        uit.append(ZaakVerhuisd(eigen.zaak_id, c.adres_id))
        zaak = eigen
    geopend = zaak is None
    zaak = zaak or Zaak(c.nieuwe_zaak_id, c.adres_id, c.gemeentecode)
    if eigen is not None and eigen.gemeentecode != c.gemeentecode:
        uit.append(ZaakOvergedragen(eigen.zaak_id, eigen.gemeentecode, c.gemeentecode, zaak.zaak_id, c.datum))
    if geopend:
        uit.append(ZaakGeopend(zaak, c.datum, eigen.zaak_id if eigen else _vorige(c, stand)))
    signaal = replace(
        c.signaal, status=Koppelstatus.GEKOPPELD, zaak_id=zaak.zaak_id, persoon_id=c.persoon_id, adres_id=c.adres_id
    )
    uit.append(_gekoppeld(_met_intrekking(signaal, oud), zaak.gemeentecode, stand))
    if stand.wachtend.get(c.signaal.signaal_id):
        uit.append(ZaakBeeindigd(zaak.zaak_id))
    return uit


def _gekoppeld(signaal: Signaal, gemeentecode: str, stand: Stand, *, bevestigd: bool = False) -> Gekoppeld:
    assert signaal.zaak_id is not None  # noqa: S101
    feiten = _vlaggen(signaal, stand)
    return Gekoppeld(signaal, melding_van(signaal.zaak_id, signaal.periode), gemeentecode, feiten, bevestigd)


def _vlaggen(signaal: Signaal, stand: Stand) -> Vlaggen:
    if signaal.aanmelding:
        return Vlaggen()
    buren = [ander.melder for ander in stand.van_sleutel(signaal.adres_id) if not ander.aanmelding]
    return vlaggen(signaal.melder, buren, [ander.melder for ander in stand.van_achterstand(signaal)])


def _met_intrekking(signaal: Signaal, oud: Signaal | None) -> Signaal:
    return replace(signaal, ingetrokken=signaal.ingetrokken or (oud is not None and oud.ingetrokken))


def _dezelfde(c: Koppel, oud: Signaal | None, stand: Stand) -> Zaak | None:
    """A signal that was already linked to this person stays in its case, also when that has ended."""
    if oud is None or oud.zaak_id is None or oud.persoon_id != c.persoon_id:
        return None
    zaak = stand.zaken[oud.zaak_id]
    return zaak if zaak.gemeentecode == c.gemeentecode else None


def _lopende(adres_id: UUID, stand: Stand) -> Zaak | None:
    return next((zaak for zaak in stand.zaken.values() if zaak.loopt and zaak.adres_id == adres_id), None)


def _eigen_zaak(c: Koppel, stand: Stand) -> Zaak | None:
    """The running case elsewhere of which everybody lives here now: only then did the household move."""
    hier = c.thuis | {c.persoon_id}
    for zaak_id in dict.fromkeys(s.zaak_id for s in stand.van_sleutel(c.persoon_id) if s.zaak_id):
        zaak = stand.zaken[zaak_id]
        allen = all(s.persoon_id in hier for s in stand.van_sleutel(zaak_id))
        if zaak.loopt and zaak.adres_id != c.adres_id and allen:
            return zaak
    return None


def _vorige(c: Koppel, stand: Stand) -> UUID | None:
    """The last ended case of the person, else of the address, unless that household was evicted."""
    van_persoon = {s.zaak_id for s in stand.van_sleutel(c.persoon_id)}
    eigen = [zaak for zaak in stand.zaken.values() if zaak.zaak_id in van_persoon and not zaak.loopt]
    hier = [zaak for zaak in stand.zaken.values() if zaak.adres_id == c.adres_id and not zaak.loopt]
    if eigen:
        return eigen[-1].zaak_id
    return hier[-1].zaak_id if hier and not hier[-1].ontruimd else None


def evolve(stand: Stand, outcome: Outcome) -> Stand:
    """What is true afterwards."""
    match outcome:
        case ZaakGeopend(zaak=zaak):
            return stand.met_zaak(zaak)
        case ZaakOvergedragen(zaak_id=zaak_id):
            return stand.met_zaak(replace(stand.zaken[zaak_id], loopt=False))
        case ZaakVerhuisd(zaak_id=zaak_id, adres_id=adres_id):
            return stand.met_zaak(replace(stand.zaken[zaak_id], adres_id=adres_id))
        case ZaakBeeindigd(zaak_id=zaak_id):
            return stand.met_zaak(replace(stand.zaken[zaak_id], loopt=False, ontruimd=True))
        case Gekoppeld() | Herzien() | NietGekoppeld() | Heropend():
            return stand.met_signaal(outcome.signaal)
        case Ingetrokken(signaal_id=signaal_id):
            return stand.met_signaal(replace(stand.signalen[signaal_id], ingetrokken=True))
        case _:
            assert_never(outcome)


huishoudens: Decider[Command, Stand, Outcome] = Decider(Stand(), decide, evolve)
