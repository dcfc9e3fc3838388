"""What was said of the clocks of a case, what has to be said now, and what will be said if nothing happens. Pure.

A clock is said to have started once, met or void at most once, and breached at most once. A day that is past its last
one is met only after the breach was said, and only the time says a breach: the order of the log never does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from libs.chassis.werkdagen import werkdagen_tot
from libs.events import catalogue as c
from libs.events.ids import derived
from services.escalation.domain.termijnen import Stop, Termijn
from services.escalation.domain.woorden import Termijnsoort

Sleutel = tuple[str, UUID, date]


@dataclass(frozen=True, slots=True)
class Klok:
    """A term as it was said. `verlopen`: its breach was said; `gestopt`: the day it was met or (`vervallen`) void."""

    termijn_id: UUID
    zaak_id: UUID
    soort: str
    bron: str
    oorzaak: UUID
    begin: date
    uiterlijk: date
    loopt_af: bool = False
    gestopt: date | None = None
    vervallen: bool = False
    verlopen: bool = False

    @property
    def sleutel(self) -> Sleutel:
        """What it is the clock of."""
        return self.soort, self.oorzaak, self.begin

    def status(self, vandaag: date) -> str:
        """`Loopt`, `Gehaald` (in time), `Vervallen` (need not be met any more) or `Verlopen` (its last day passed)."""
        if self.gestopt is not None and self.gestopt <= self.uiterlijk:
            return "Vervallen" if self.vervallen else "Gehaald"
        return "Verlopen" if (self.gestopt or vandaag) > self.uiterlijk else "Loopt"

    def dreigt(self, vandaag: date) -> bool:
        """It will be breached if nothing happens."""
        return self.gestopt is None and not self.loopt_af and vandaag <= self.uiterlijk

    def verwachting(self, vandaag: date) -> dict[str, Any] | None:
        """What will be said of a running clock if nothing happens: on which day, and what prevents it."""
        if not self.dreigt(vandaag):
            return None
        return {
            "verlooptOp": self.uiterlijk + timedelta(days=1),
            "werkdagenOver": werkdagen_tot(vandaag, self.uiterlijk),
            "nodig": _NODIG[Termijnsoort(self.soort)],
        }


_NODIG = {
    Termijnsoort.EERSTE_GESPREK: "eerste gesprek voeren",
    Termijnsoort.BEDREIGEND: "eerste gesprek voeren",
    Termijnsoort.BESLUIT: "besluit nemen",
    Termijnsoort.INCASSOPAUZE: "besluit nemen, of de incasso hervatten",
    Termijnsoort.EINDELEVERING: "hulp starten of eerste gesprek voeren",
    Termijnsoort.MORATORIUM: "oplossing vinden voor de ontruiming",
}


def evolve(klok: Klok, event: c.Event) -> Klok:
    """What is true of a clock after this was said of it."""
    if isinstance(event, c.TermMet):
        return replace(klok, gestopt=event.datum, vervallen=event.vervallen)
    return replace(klok, verlopen=True) if isinstance(event, c.TermBreached) else klok


def begonnen(zaak_id: UUID, termijn: Termijn, eerdere: int, oorzaken: tuple[UUID, ...]) -> tuple[Klok, c.TermStarted]:
    """A clock that begins to run now; `eerdere` is how often the same one ran before and became void."""
    termijn_id = derived(zaak_id, f"{termijn.soort}:{termijn.oorzaak}:{termijn.begin}:{eerdere}")
    klok = Klok(termijn_id, zaak_id, termijn.soort, termijn.bron, termijn.oorzaak, termijn.begin, termijn.uiterlijk,
                termijn.loopt_af)  # fmt: skip
    started = c.TermStarted(
        zaak_id=zaak_id, datum=klok.begin, termijn_id=termijn_id, soort=klok.soort, bron=klok.bron,
        begin_datum=klok.begin, uiterlijke_datum=klok.uiterlijk, oorzaak=klok.oorzaak, oorzaken=oorzaken,
    )  # fmt: skip
    return klok, started


def bijgewerkt(
    zaak_id: UUID, gewenst: Iterable[Termijn], bekend: Sequence[Klok], dag: date, oorzaken: tuple[UUID, ...]
) -> tuple[list[Klok], list[c.Event]]:
    """The clocks as they are after a fact of day `dag`, and what has to be said of them.

    `gewenst` is what follows from all facts, `bekend` what was said until now.
    """
    wanted: dict[Sleutel, Termijn] = {(t.soort, t.oorzaak, t.begin): t for t in gewenst}
    klokken, said = [], []
    for klok in bekend:
        if event := _stopped(klok, wanted.get(klok.sleutel), dag, oorzaken):
            klok = evolve(klok, event)
            said.append(event)
        klokken.append(klok)
    for sleutel, termijn in wanted.items():
        same = [klok for klok in klokken if klok.sleutel == sleutel]
        if same and (termijn.stop is not None or not all(klok.vervallen for klok in same)):
            continue
        klok, started = begonnen(zaak_id, termijn, len(same), oorzaken)
        said.append(started)
        if event := _stopped(klok, termijn, dag, oorzaken):
            klok = evolve(klok, event)
            said.append(event)
        klokken.append(klok)
    return klokken, said


def _stopped(klok: Klok, termijn: Termijn | None, dag: date, oorzaken: tuple[UUID, ...]) -> c.Event | None:
    """That it is met, or void because nothing wants it any more; not past its last day while no breach was said."""
    if klok.gestopt is not None:
        return None
    stop = Stop(max(dag, klok.begin), vervallen=True) if termijn is None else termijn.stop
    if stop is None or (stop.datum > klok.uiterlijk and not klok.verlopen):
        return None
    return c.TermMet(
        zaak_id=klok.zaak_id, datum=stop.datum, termijn_id=klok.termijn_id, soort=klok.soort,
        uiterlijke_datum=klok.uiterlijk, vervallen=stop.vervallen, oorzaken=oorzaken,
    )  # fmt: skip


def afgelopen(klok: Klok, vandaag: date) -> c.Event | None:
    """What the time says of a clock whose last day has passed."""
    if klok.gestopt is not None or klok.verlopen or vandaag <= klok.uiterlijk:
        return None
    known: dict[str, Any] = {
        "zaak_id": klok.zaak_id, "datum": klok.uiterlijk, "termijn_id": klok.termijn_id, "soort": klok.soort,
    }  # fmt: skip
    return c.TermMet(**known, uiterlijke_datum=klok.uiterlijk) if klok.loopt_af else c.TermBreached(**known)
