"""The decision: the first row that fits, and everything that follows from it. Pure, and total on a checked policy."""

from datetime import date
from typing import Any

from libs.events.values import Behandelaar, Contactsoort, Stap, Value
from services.routing.policy.changes import Wijziging
from services.routing.policy.document import Beleid
from services.routing.policy.explain import explain
from services.routing.policy.facts import Feiten, begin
from services.routing.policy.rows import Reden
from services.routing.policy.verdict import Verdict


class Besluit(Value):
    """A decision on one signal, as the contract shows it; `reden` where it is not picked up."""

    oppakken: bool
    contactsoorten: tuple[Contactsoort, ...]
    stappen: tuple[Stap, ...]
    behandelaar: Behandelaar
    prioriteit: int
    uiterlijke_datum: date | None
    regel: str
    uitleg: tuple[str, ...]
    beleid_versie: str
    reden: Reden | None = None
    aanwijzingen: tuple[str, ...] = ()
    zelfde_consulent: bool | None = None
    grondslag: str
    wijzigingen: tuple[Wijziging, ...] = ()

    @property
    def route(self) -> tuple[Any, ...]:
        """What is decided and by which row: all but the words, their grounds and the version of the policy."""
        return (self.oppakken, self.reden, self.stappen, self.behandelaar, self.prioriteit, self.uiterlijke_datum,
                self.aanwijzingen, self.zelfde_consulent, self.regel)  # fmt: skip

    def same_route(self, other: "Besluit") -> bool:
        """True when only the words or the version of the policy differ."""
        return self.route == other.route


def settle(beleid: Beleid, feiten: Feiten, *, vandaag: date, gemeentecode: str | None = None) -> Besluit:
    """The decision without its words: no ``uitleg`` and no ``wijzigingen``. It costs little."""
    return settled(beleid, beleid.verdicts.on(feiten.values, gemeentecode), begin(feiten.values, vandaag))


def decide(beleid: Beleid, feiten: Feiten, *, vandaag: date, gemeentecode: str | None = None) -> Besluit:
    """Decide one signal.

    Terms run from ``begin`` of the facts. ``gemeentecode`` chooses
    the organisation in a document that serves several municipalities. Raises NoRow for a document with a gap.
    """
    start, values = begin(feiten.values, vandaag), feiten.values
    verdict = beleid.verdicts.on(values, gemeentecode)
    said = tuple(change.said(values) for change in beleid.changes.of(values, verdict, gemeentecode))
    return settled(beleid, verdict, start, explain(beleid, values, verdict, said, start), said)


def settled(
    beleid: Beleid,
    verdict: Verdict,
    start: date,
    uitleg: tuple[str, ...] = (),
    wijzigingen: tuple[Wijziging, ...] = (),
) -> Besluit:
    """A verdict as a decision, with these words."""
    dan = verdict.regel.dan
    return Besluit(
        oppakken=dan.oppakken,
        contactsoorten=dan.contactsoorten,
        stappen=beleid.steps(verdict.row),
        behandelaar=verdict.behandelaar,
        prioriteit=dan.prioriteit,
        uiterlijke_datum=verdict.due(start),
        regel=verdict.regel.naam,
        uitleg=uitleg,
        beleid_versie=beleid.versie,
        reden=dan.reden,
        aanwijzingen=dan.aanwijzingen,
        zelfde_consulent=dan.zelfde_consulent,
        grondslag=verdict.regel.grondslag or beleid.bron,
        wijzigingen=wijzigingen,
    )
