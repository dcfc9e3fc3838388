"""What intake hears, to tell partners what they may know: the last words of matching, routing and outreach.

Each source is kept by itself, the last word by its own sequence, and the status follows from all of them
together: any interleaving of the sources ends in the same status.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any
from uuid import UUID

from libs.chassis.service import Runtime
from libs.events.catalogue import (
    BRPMatched,
    BRPMismatched,
    CaseClosed,
    HelpAccepted,
    MeldingClosed,
    RouteAssigned,
    SignalReceived,
    SignalSetAside,
)
from libs.events.consumer import Reaction
from libs.events.envelope import Envelope
from libs.events.postgres.log import Connection
from libs.events.unit import Unit
from libs.events.values import Eindresultaat, Koppelstatus, Signaalpartner
from services.intake.domain import Feiten, terugkoppeling

ONTERECHT = "onterecht"
"""Code with which the review queue judges a signal to be unjust (BRPMismatched.reden)."""

HEARS = (SignalReceived, BRPMatched, BRPMismatched, RouteAssigned, SignalSetAside, HelpAccepted, MeldingClosed,
         CaseClosed)  # fmt: skip


def reactions(runtime: Runtime) -> Sequence[Reaction]:
    """The one reaction of intake."""
    return (Reaction("intake.terugkoppeling", HEARS, koppel_terug),)


@dataclass(frozen=True, slots=True)
class _Bron:
    signaal_id: UUID
    tenant: str
    signaalpartner: str


@dataclass(frozen=True, slots=True)
class _Koppeling:
    signaal_id: UUID
    koppeling: str
    onterecht: bool
    afgedaan: bool
    zaak_id: UUID | None
    melding_id: UUID | None
    koppeling_nr: int


@dataclass(frozen=True, slots=True)
class _Besluit:
    signaal_id: UUID
    opgepakt: bool
    reden: str | None
    besluit_melding: UUID
    besluit_nr: int


@dataclass(frozen=True, slots=True)
class _Feit:
    onderwerp: UUID
    soort: str
    waarde: str | None
    nr: int


_Woord = _Bron | _Koppeling | _Besluit | _Feit


def _woord(event: Envelope) -> _Woord:
    """What one event says about a signal, a melding or a case."""
    nr = event.sequence
    found: _Woord
    match event.data:
        case SignalReceived() as e:
            found = _Bron(e.signaal_id, e.partner, e.signaalpartner)
        case BRPMatched() as e:
            found = _Koppeling(e.signaal_id, Koppelstatus.GEKOPPELD, False, False, e.zaak_id, e.melding_id, nr)
        case BRPMismatched() as e:
            found = _Koppeling(e.signaal_id, e.status, e.reden == ONTERECHT, bool(e.afgedaan), None, None, nr)
        case RouteAssigned() as e:
            found = _Besluit(e.signaal_id, e.oppakken, None, e.melding_id, nr)
        case SignalSetAside() as e:
            found = _Besluit(e.signaal_id, False, e.reden, e.melding_id, nr)
        case HelpAccepted() as e:
            found = _Feit(e.melding_id or e.zaak_id, "hulp", None, nr)
        case MeldingClosed() as e:
            found = _Feit(e.melding_id, "resultaat", e.resultaat, nr)
        case CaseClosed() as e:
            found = _Feit(e.zaak_id, "resultaat", e.resultaat, nr)
        case _:
            raise AssertionError(event.type)
    return found


async def koppel_terug(unit: Unit, events: Sequence[Envelope], prepared: None) -> None:
    """Keep the words, then tell what changed for the signals they are about; two members one after the other.

    Side by side one could keep a link and the other what was done in its case, and neither see what the other kept.
    An event that was parked comes after later ones, and may share their batch: the order in the log is what counts.
    """
    await unit.conn.execute("SELECT FROM stand FOR UPDATE")
    woorden = [_woord(event) for event in sorted(events, key=attrgetter("sequence"))]
    await _onthoud(unit.conn, "terugkoppeling", "signaal_id", _laatste(woorden, _Bron), "true")
    await _onthoud(unit.conn, "terugkoppeling", "signaal_id", _laatste(woorden, _Koppeling),
                   "t.koppeling_nr < excluded.koppeling_nr")  # fmt: skip
    await _onthoud(unit.conn, "terugkoppeling", "signaal_id", _laatste(woorden, _Besluit),
                   "t.besluit_nr < excluded.besluit_nr")  # fmt: skip
    await _onthoud(unit.conn, "feit", "onderwerp, soort", _laatste(woorden, _Feit), "t.nr < excluded.nr")
    signalen = [w.signaal_id for w in woorden if not isinstance(w, _Feit)]
    onderwerpen = [w.onderwerp for w in woorden if isinstance(w, _Feit)]
    await _meld(unit, signalen, onderwerpen)


def _laatste(woorden: Iterable[_Woord], kind: type[_Woord]) -> list[_Woord]:
    """Of each subject the last word of this kind: one statement may not touch a row twice."""
    found = {(w.onderwerp, w.soort) if isinstance(w, _Feit) else w.signaal_id: w for w in woorden if type(w) is kind}
    return list(found.values())


_TYPES = {"signaal_id": "uuid", "zaak_id": "uuid", "melding_id": "uuid", "besluit_melding": "uuid",
          "onderwerp": "uuid", "opgepakt": "boolean", "onterecht": "boolean", "afgedaan": "boolean",
          "koppeling_nr": "bigint", "besluit_nr": "bigint", "nr": "bigint"}  # fmt: skip


async def _onthoud(conn: Connection, table: str, key: str, woorden: Sequence[_Woord], newer: str) -> None:
    if not woorden:
        return
    columns = [field.name for field in fields(woorden[0])]
    arrays = ", ".join(f"${n}::{_TYPES.get(name, 'text')}[]" for n, name in enumerate(columns, 1))
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    await conn.execute(
        f"""INSERT INTO {table} AS t ({", ".join(columns)}) SELECT * FROM unnest({arrays})
            ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE {newer}""",
        *([getattr(w, name) for w in woorden] for name in columns),
    )


# A decision counts for the melding the signal is in; while no link is known, for whichever it was made in.
_FEITEN = """
SELECT t.signaal_id, t.signaalpartner, t.koppeling, t.onterecht, t.afgedaan, t.status,
       CASE WHEN t.melding_id IS NULL OR t.melding_id = t.besluit_melding THEN t.opgepakt END AS opgepakt,
       CASE WHEN t.melding_id IS NULL OR t.melding_id = t.besluit_melding THEN t.reden END AS reden,
       EXISTS (SELECT 1 FROM feit f WHERE f.soort = 'hulp' AND f.onderwerp IN (t.zaak_id, t.melding_id)) AS hulp,
       coalesce((SELECT waarde FROM feit f WHERE f.soort = 'resultaat' AND f.onderwerp = t.melding_id),
                (SELECT waarde FROM feit f WHERE f.soort = 'resultaat' AND f.onderwerp = t.zaak_id)) AS resultaat
FROM terugkoppeling t
WHERE t.tenant IS NOT NULL
  AND (t.signaal_id = ANY($1) OR t.zaak_id = ANY($2) OR t.melding_id = ANY($2))
ORDER BY t.signaal_id
"""


async def _meld(unit: Unit, signalen: Sequence[UUID], onderwerpen: Sequence[UUID]) -> None:
    rows = await unit.conn.fetch(_FEITEN, signalen, onderwerpen)
    statussen = [(row["signaal_id"], terugkoppeling(_feiten(row)), row["status"]) for row in rows]
    anders = [(signaal_id, status) for signaal_id, status, was in statussen if status != was]
    if not anders:
        return
    stand = await unit.conn.fetchval(
        "UPDATE stand SET wijziging = wijziging + $1 RETURNING wijziging - $1", len(anders)
    )
    await unit.conn.execute(
        """UPDATE terugkoppeling t SET status = n.status, wijziging = $1 + n.plaats, bijgewerkt_op = $2
           FROM unnest($3::uuid[], $4::text[]) WITH ORDINALITY AS n(id, status, plaats) WHERE t.signaal_id = n.id""",
        stand, unit.now, [a[0] for a in anders], [a[1] for a in anders],
    )  # fmt: skip


def _feiten(row: Any) -> Feiten:
    return Feiten(
        signaalpartner=Signaalpartner(row["signaalpartner"]),
        koppeling=Koppelstatus(row["koppeling"]) if row["koppeling"] else None,
        onterecht=row["onterecht"],
        afgedaan=row["afgedaan"],
        opgepakt=row["opgepakt"],
        reden=Eindresultaat(row["reden"]) if row["reden"] else None,
        hulp=row["hulp"],
        resultaat=Eindresultaat(row["resultaat"]) if row["resultaat"] else None,
    )
