"""What callers read: one case, an eviction, terms to come, the monthly list with a corporation, what waits."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from libs.chassis.afspraken import published
from libs.chassis.database import see
from libs.events.afspraken import Afspraken
from libs.events.catalogue import Event
from libs.events.lopend import Dossier
from libs.events.postgres.log import Connection
from services.escalation import klokken, store
from services.escalation.domain import overleg, taken
from services.escalation.domain.boek import Boek
from services.escalation.domain.klok import Klok
from services.escalation.domain.ladder import Ladder, Ontruiming, fold, op_datum, plus_maanden


async def case(conn: Connection, zaak_id: UUID, vandaag: date) -> dict[str, Any] | None:
    """Stage, history, running terms and what is still to be done; None when the caller sees no such case."""
    boek = await store.look(conn, [zaak_id])
    if zaak_id not in boek.zaken:
        return None
    ladder, feiten, tenant = boek.ladder(zaak_id), boek.gezegd(zaak_id), boek.zaken[zaak_id]
    agreed = (await published(conn, [tenant])).op(tenant, vandaag)
    clocks = (await klokken.said(conn, [zaak_id])).get(zaak_id, [])
    plus = ladder.signalering_plus
    return {
        "zaakId": zaak_id,
        "gemeentecode": tenant,
        "fase": ladder.fase,
        "spoor": ladder.spoor,
        "signaleringPlus": plus and {"sinds": plus, "verplicht": overleg.verplicht(feiten, plus, agreed.uitvoering)},
        "hulpSinds": ladder.hulp,
        "incassoGepauzeerdSinds": ladder.incassopauze,
        "einddatum": ladder.einde,
        "deurwaarders": [_file(known) for known in ladder.dossiers.values()],
        "ontruimingen": [eviction(i, known) for i, known in ladder.ontruimingen.items()],
        "bedragverloop": _amounts(ladder, None),
        "geschiedenis": _history(boek),
        "taakverdeling": taken.taakverdeling(feiten),
        "termijnen": [_term(klok, vandaag) for klok in clocks],
        "verwachting": [_term(klok, vandaag) for klok in _to_come(clocks, vandaag)],
        "open": taken.openstaand(ladder, feiten, vandaag, agreed),
    }  # fmt: skip


def _file(known: Dossier) -> dict[str, Any]:
    return {"deurwaarder": known.deurwaarder, "fase": known.fase, "datum": known.datum}


def _term(klok: Klok, vandaag: date) -> dict[str, Any]:
    """A clock, with what will be said of it if nothing happens."""
    return {
        "termijnId": klok.termijn_id, "termijn": klok.soort, "bron": klok.bron, "begin": klok.begin,
        "uiterlijk": klok.uiterlijk, "gestopt": klok.gestopt, "status": klok.status(vandaag),
        "verwachting": klok.verwachting(vandaag),
    }  # fmt: skip


def _to_come(clocks: Sequence[Klok], vandaag: date) -> list[Klok]:
    """The clocks that will be breached if nothing happens, the first to end first."""
    return sorted((klok for klok in clocks if klok.dreigt(vandaag)), key=lambda klok: klok.uiterlijk)


async def coming(conn: Connection, before: date, vandaag: date, limit: int, offset: int) -> list[dict[str, Any]]:
    """The terms that will be breached before a day if nothing happens, as far as the caller may see them."""
    found = await klokken.coming(conn, before, limit, offset)
    return [{"zaakId": klok.zaak_id, "gemeentecode": tenant, **_term(klok, vandaag)} for klok, tenant in found]


def _history(boek: Boek) -> list[dict[str, Any]]:
    """What was said of the case, in the order of the days it happened."""
    facts = sorted(boek.feiten.values(), key=lambda feit: op_datum(feit.event))
    return [{"id": feit.id, **overleg.told(feit.event)} for feit in facts]


def eviction(ontruiming_id: UUID, known: Ontruiming) -> dict[str, Any]:
    """One announced eviction."""
    return {
        "id": ontruiming_id, "ontruimingId": ontruiming_id, "aanzegdatum": known.aanzegdatum,
        "ontruimingsdatum": known.datum, "grond": known.grond, "afloop": known.afloop, "afloopdatum": known.afloopdatum,
    }  # fmt: skip


async def one_eviction(conn: Connection, ontruiming_id: UUID) -> dict[str, Any] | None:
    """An announced eviction, if the caller may see it."""
    ladder = fold({}, [feit.event for feit in await store.eviction(conn, ontruiming_id)])
    known = ladder.ontruimingen.get(ontruiming_id)
    return eviction(ontruiming_id, known) if known else None


def _amounts(ladder: Ladder, partner: str | None) -> list[dict[str, Any]]:
    """How the arrears went, oldest first; of one partner, or of all."""
    signalen = sorted(ladder.signalen.values(), key=lambda s: (s.signaaldatum, str(s.signaal_id)))
    return [
        {"signaalId": s.signaal_id, "periode": s.periode, "signaaldatum": s.signaaldatum,
         "signaalpartner": s.signaalpartner, "bedrag": None if s.bedrag is None else float(s.bedrag),
         "ingetrokkenOp": s.ingetrokken_op}
        for s in signalen
        if partner in (None, s.partner)
    ]  # fmt: skip


async def meeting(
    conn: Connection, rows: Sequence[store.Overlegrij], peildatum: date, dagen: int | None, partner: str | None
) -> list[dict[str, Any]]:
    """The monthly list: a row per case and corporation, as things stood on `peildatum`.

    A `partner` that asks reads its own facts only. Whether anything at all was heard of the household it is told as
    yes or no, and why it has to report to the Meldpunt; for that alone the municipality's facts are read. `dagen`:
    None for what the municipality agreed.
    """
    zaken = [row.zaak_id for row in rows]
    shown = whole = await store.look(conn, zaken)
    if partner is not None:
        await see(conn, sorted({row.tenant for row in rows}))
        whole = await store.look(conn, zaken)
    kept = await published(conn, {row.tenant for row in rows})
    return [
        _to_discuss(row, shown, whole, peildatum, kept.op(row.tenant, peildatum), dagen, own=partner is not None)
        for row in rows
    ]


def _to_discuss(
    row: store.Overlegrij, shown: Boek, whole: Boek, peildatum: date, agreed: Afspraken, dagen: int | None, *, own: bool
) -> dict[str, Any]:
    """One row, from what the caller sees (`shown`) and from all that is known; `own`: for the corporation itself."""
    ladder, feiten = _on(shown, row.zaak_id, peildatum)
    everything = _on(whole, row.zaak_id, peildatum)
    verloop = _amounts(ladder, row.partner)
    if own:
        todo = taken.van_corporatie(ladder, peildatum, taken.meldpunt(*everything, agreed.termijnen))
    else:
        todo = taken.openstaand(ladder, feiten, peildatum, agreed)
    return {
        "zaakId": row.zaak_id,
        "partner": row.partner,
        "signaalIds": [one["signaalId"] for one in verloop],
        "bedragverloop": verloop,
        "gedaan": [overleg.told(event) for event in feiten],
        "open": todo,
        "uitBeeld": overleg.uit_beeld(*everything, peildatum, dagen or agreed.termijnen.uit_beeld_dagen),
    }


def _on(boek: Boek, zaak_id: UUID, peildatum: date) -> tuple[Ladder, list[Event]]:
    """A case as it stood on a day: the signals and facts until then."""
    feiten = [event for event in boek.gezegd(zaak_id) if op_datum(event) <= peildatum]
    signalen = {i: s for i, s in boek.ladder(zaak_id).signalen.items() if s.signaaldatum <= peildatum}
    return fold(signalen, feiten), feiten


def bounds(maand: str) -> tuple[date, date]:
    """First and last day of a month written as `yyyy-mm`."""
    first = date.fromisoformat(f"{maand}-01")
    return first, plus_maanden(first, 1) - timedelta(days=1)
