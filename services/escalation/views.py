"""What callers read: one case, an eviction, the monthly list with a corporation, and what waits for a link."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from libs.chassis.database import see
from libs.events.catalogue import Event
from libs.events.postgres.log import Connection
from services.escalation import store
from services.escalation.domain import overleg
from services.escalation.domain.boek import Boek
from services.escalation.domain.ladder import Ladder, Ontruiming, fold, op_datum
from services.escalation.domain.termijnen import plus_maanden, termijnen


async def case(conn: Connection, zaak_id: UUID, vandaag: date) -> dict[str, Any] | None:
    """Stage, history, running terms and what is still to be done; None when the caller sees no such case."""
    boek = await store.look(conn, [zaak_id])
    if zaak_id not in boek.zaken:
        return None
    ladder, feiten = boek.ladder(zaak_id), boek.gezegd(zaak_id)
    return {
        "zaakId": zaak_id,
        "gemeentecode": boek.zaken[zaak_id],
        "fase": ladder.fase,
        "hulpSinds": ladder.hulp,
        "incassoGepauzeerdSinds": ladder.incassopauze,
        "einddatum": ladder.einde,
        "deurwaarders": [
            {"deurwaarder": known.deurwaarder, "fase": known.fase, "datum": known.datum}
            for known in ladder.dossiers.values()
        ],
        "ontruimingen": [eviction(i, known) for i, known in ladder.ontruimingen.items()],
        "bedragverloop": _amounts(ladder, None),
        "geschiedenis": _history(boek),
        "termijnen": [
            {"termijn": t.termijn, "bron": t.bron, "begin": t.begin, "uiterlijk": t.uiterlijk, "gestopt": t.gestopt,
             "status": t.status(vandaag)}
            for t in termijnen(ladder, feiten)
        ],
        "open": overleg.openstaand(ladder, feiten, vandaag),
    }  # fmt: skip


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
    conn: Connection, rows: Sequence[store.Overlegrij], peildatum: date, dagen: int, partner: str | None
) -> list[dict[str, Any]]:
    """The monthly list: a row per case and corporation, as things stood on `peildatum`.

    A `partner` that asks reads its own facts only. Whether anything at all was heard of the household it is told as
    yes or no, and for that alone the municipality's facts are read.
    """
    zaken = [row.zaak_id for row in rows]
    shown = whole = await store.look(conn, zaken)
    if partner is not None:
        await see(conn, sorted({row.tenant for row in rows}))
        whole = await store.look(conn, zaken)
    found = []
    for row in rows:
        ladder, feiten = _on(shown, row.zaak_id, peildatum)
        verloop = _amounts(ladder, row.partner)
        found.append({
            "zaakId": row.zaak_id,
            "partner": row.partner,
            "signaalIds": [one["signaalId"] for one in verloop],
            "bedragverloop": verloop,
            "gedaan": [overleg.told(event) for event in feiten],
            "open": overleg.openstaand(ladder, feiten, peildatum, voor_partner=partner is not None),
            "uitBeeld": overleg.uit_beeld(*_on(whole, row.zaak_id, peildatum), peildatum, dagen),
        })  # fmt: skip
    return found


def _on(boek: Boek, zaak_id: UUID, peildatum: date) -> tuple[Ladder, list[Event]]:
    """A case as it stood on a day: the signals and facts until then."""
    feiten = [event for event in boek.gezegd(zaak_id) if op_datum(event) <= peildatum]
    signalen = {i: s for i, s in boek.ladder(zaak_id).signalen.items() if s.signaaldatum <= peildatum}
    return fold(signalen, feiten), feiten


def bounds(maand: str) -> tuple[date, date]:
    """First and last day of a month written as `yyyy-mm`."""
    first = date.fromisoformat(f"{maand}-01")
    return first, plus_maanden(first, 1) - timedelta(days=1)
