"""The decision: the first row that fits, and everything that follows from it. Pure, and total on a checked policy."""

from datetime import date

from libs.events.values import Behandelaar, Contactsoort, Stap, Value
from services.routing.policy.document import Beleid, Reden
from services.routing.policy.explain import explain
from services.routing.policy.facts import Feiten
from services.routing.policy.verdict import judge


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

    def same_route(self, other: "Besluit") -> bool:
        """True when only the words or the version of the policy differ."""
        free = {"uitleg": (), "beleid_versie": ""}
        return self.model_copy(update=free) == other.model_copy(update=free)


def decide(beleid: Beleid, feiten: Feiten, *, vandaag: date, gemeentecode: str | None = None) -> Besluit:
    """Decide one signal.

    Terms run from ``feiten.signaaldatum``, or from ``vandaag`` where that is not known. ``gemeentecode`` chooses
    the organisation in a document that serves several municipalities. Raises NoRow for a document with a gap.
    """
    start = feiten.signaaldatum or vandaag
    verdict = judge(beleid, feiten.values, gemeentecode)
    dan = verdict.regel.dan
    return Besluit(
        oppakken=dan.oppakken,
        contactsoorten=dan.contactsoorten,
        stappen=dan.stappen,
        behandelaar=verdict.behandelaar,
        prioriteit=dan.prioriteit,
        uiterlijke_datum=verdict.due(start),
        regel=verdict.regel.naam,
        uitleg=explain(beleid, feiten.values, verdict, start=start, gemeentecode=gemeentecode),
        beleid_versie=beleid.versie,
        reden=dan.reden,
    )
