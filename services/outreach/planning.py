"""From a route to tasks with dates. Pure, and computed from facts each time: it follows corrections and new routes.

Decided here, where the sources leave it open:
- Which step an attempt counts for is said in `libs.events.stappen`; with `alle` a maximum holds for each kind too.
- A step is done when its minimum is met and somebody was reached, or its maximum is used. Without a maximum a written
  step is done at its minimum, for nobody is reached by it; a spoken one stays, no longer obligatory.
- A card that need not be given is offered after a visit at which nobody was reached.
- An announced eviction asks for a visit beside the route, unless the route itself still asks for one: after the
  announcement, whatever was tried before it.
- Attempts are planned one after the other. The last day brings them closer together; a rest is never shortened.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Protocol

from libs.events.afspraken import Uitvoering
from libs.events.stappen import soort_van, verdeel
from libs.events.values import Contactsoort, Dagdeel, Stap
from services.outreach.rust import Rust
from services.outreach.termijnen import BELEID

GESPROKEN = frozenset({Contactsoort.TELEFOON, Contactsoort.HUISBEZOEK, Contactsoort.AFSPRAAK_OP_LOCATIE})
AANKONDIGING = frozenset({Contactsoort.BRIEF, Contactsoort.KAARTJE})
"""What announces a visit (Divosa 2025, 3.4: by letter or card, never by message alone)."""
BEZOEK = Stap(contactsoorten=(Contactsoort.HUISBEZOEK,))
"""What an announced eviction asks for (Breda: altijd huisbezoek)."""


class Kalender(Protocol):
    """Dutch working days."""

    def is_werkdag(self, day: date, /) -> bool:
        """True on a working day."""
        ...

    def plus_werkdagen(self, start: date, days: int, /) -> date:
        """The working day so many working days later."""
        ...

    def op_werkdag(self, day: date, /) -> date:
        """This day, or the first working day after it."""
        ...


@dataclass(frozen=True, slots=True)
class Poging:
    """An attempt, as far as a plan goes by it."""

    soort: Contactsoort
    datum: date
    bereikt: bool = False
    middel: str | None = None
    dagdeel: Dagdeel | None = None
    tijdstip: str | None = None

    def buiten(self, regels: Uitvoering, kalender: Kalender) -> bool:
        """Whether it was made outside office hours."""
        werkdag = kalender.is_werkdag(self.datum)
        return regels.buiten_kantooruren(self.tijdstip, self.dagdeel, werkdag=werkdag)


@dataclass(frozen=True, slots=True)
class Werk:
    """One melding along its route: from the day of its last signal, until its last day and whose that is.

    `sinds_aanzegging`: attempts in the case since an eviction was announced, None where that asks nothing here.
    """

    stappen: tuple[Stap, ...]
    vanaf: date
    uiterlijk: date
    pogingen: tuple[Poging, ...] = ()
    dringend: bool = False
    bron: str = BELEID
    sinds_aanzegging: tuple[Poging, ...] | None = None

    @property
    def bereikt(self) -> bool:
        """Somebody was reached."""
        return any(poging.bereikt for poging in self.pogingen)

    @property
    def niet_thuis(self) -> bool:
        """A visit at which nobody was reached."""
        return any(p.soort is Contactsoort.HUISBEZOEK and not p.bereikt for p in self.pogingen)


@dataclass(frozen=True, slots=True)
class Taak:
    """A step still to do: `nummer` in its route from 1 (0: an eviction asks for it), the kinds of contact still open,
    when, and how."""

    nummer: int
    stap: Stap
    contactsoorten: tuple[Contactsoort, ...]
    gedaan: int
    verplicht: bool
    buiten_kantooruren: bool
    gepland: date = date.min
    aankondiging: date | None = None

    def als_json(self, werk: Werk, rust: Rust | None, vandaag: date) -> dict[str, Any]:
        """As shown; `rust` is there when it keeps the task waiting."""
        stap = self.stap
        return {
            "soort": "Contact",
            "stap": self.nummer or None,
            "contactsoorten": list(self.contactsoorten),
            "keuze": stap.keuze,
            "minimum": stap.minimum,
            "maximum": None if werk.dringend else stap.maximum,
            "zoVaakAlsNodig": werk.dringend,
            "gedaan": self.gedaan,
            "verplicht": self.verplicht,
            "bereikt": werk.bereikt,
            "gepland": str(self.gepland),
            "uiterlijk": str(werk.uiterlijk),
            "bron": werk.bron,
            "teLaat": werk.uiterlijk < vandaag,
            "dagdeel": stap.dagdeel,
            "buitenKantooruren": self.buiten_kantooruren,
            "aankondiging": str(self.aankondiging) if self.aankondiging else None,
            "brief": stap.brief,
            "middel": stap.middel,
            "uitvoerder": stap.uitvoerder,
            "rust": {"tot": str(rust.tot), "regel": rust.regel} if rust and rust.tot > vandaag else None,
        }


def taken(
    werk: Werk, rust: Rust | None, regels: Uitvoering, vandaag: date, kalender: Kalender, uitvoerder: str | None = None
) -> list[Taak]:
    """The steps still to do, in the order of the route, each with its day; of one `uitvoerder`, planned by themselves.

    Who carries out a step does not wait for what another has still to do, unless the step says so (`naDagen`).
    """
    open_ = [
        taak
        for nummer, (stap, gedaan) in enumerate(zip(werk.stappen, verdeel(werk.stappen, werk.pogingen), strict=True), 1)
        if (taak := _taak(nummer, stap, gedaan, werk, regels, kalender)) is not None
    ]
    if uitvoerder is not None:
        wacht = [any(eerder.verplicht for eerder in open_[:n]) for n in range(len(open_))]
        open_ = [
            taak for taak, na in zip(open_, wacht, strict=True)
            if zelfde(taak.stap.uitvoerder, uitvoerder) and not (na and taak.stap.na_dagen)
        ]  # fmt: skip
    else:
        open_ = [*_bij_ontruiming(werk, open_, regels, kalender), *open_]
    return _gepland(open_, werk, rust, regels, vandaag, kalender)


def _bij_ontruiming(werk: Werk, route: Sequence[Taak], regels: Uitvoering, kalender: Kalender) -> list[Taak]:
    """The visit that an announced eviction asks for, unless a task of the route asks for no less."""
    if werk.sinds_aanzegging is None:
        return []
    bezoeken = [poging for poging in werk.sinds_aanzegging if poging.soort in BEZOEK.contactsoorten]
    taak = _taak(0, BEZOEK, bezoeken, replace(werk, pogingen=werk.sinds_aanzegging), regels, kalender)
    if taak is None or any(t.contactsoorten == BEZOEK.contactsoorten and t.verplicht >= taak.verplicht for t in route):
        return []
    return [taak]


def zelfde(uitvoerder: str | None, naam: str) -> bool:
    """Whether these are the same name, whatever its capitals."""
    return uitvoerder is not None and uitvoerder.strip().casefold() == naam.strip().casefold()


def _taak(
    nummer: int, stap: Stap, gedaan: Sequence[Poging], werk: Werk, regels: Uitvoering, kalender: Kalender
) -> Taak | None:
    """The step as a task; None when it is done."""
    buiten = bool(stap.buiten_kantooruren) and not any(p.buiten(regels, kalender) for p in gedaan)
    open_: list[Contactsoort] = []
    verplicht = False
    for soorten in _groepen(stap):
        aantal = sum(stap.middel is not None or soort_van(p) in soorten for p in gedaan)
        mist = aantal < stap.minimum or (buiten and stap.minimum > 0)
        if _nog(stap, soorten, aantal, werk, mist=mist):
            open_ += soorten
            verplicht = verplicht or mist
    return Taak(nummer, stap, tuple(open_), len(gedaan), verplicht, buiten) if open_ else None


def _groepen(stap: Stap) -> list[tuple[Contactsoort, ...]]:
    """Kinds that are counted together: each by itself, all of `een van`, and whatever is done by one means."""
    if stap.keuze == "een van" or stap.middel is not None:
        return [stap.contactsoorten]
    return [(soort,) for soort in stap.contactsoorten]


def _nog(stap: Stap, soorten: Sequence[Contactsoort], aantal: int, werk: Werk, *, mist: bool) -> bool:
    maximum = None if werk.dringend else stap.maximum
    if maximum is not None and aantal >= maximum:
        return False
    if mist:
        return True
    if werk.bereikt or (set(soorten) == {Contactsoort.KAARTJE} and not werk.niet_thuis):
        return False
    gesproken = not GESPROKEN.isdisjoint(soorten)
    return gesproken or maximum is not None or aantal < (0 if stap.minimum else 1)


def _gepland(
    open_: Sequence[Taak], werk: Werk, rust: Rust | None, regels: Uitvoering, vandaag: date, kalender: Kalender
) -> list[Taak]:
    tussen = regels.werkdagen_tussen_pogingen
    vorige = max((p.datum for p in werk.pogingen if p.soort is not Contactsoort.ADMINISTRATIEF), default=None)
    vroegst = max([vandaag, werk.vanaf, *([rust.tot] if rust else [])])
    dag = vroegst
    if vorige is not None:
        vroegst = max(vroegst, kalender.plus_werkdagen(vorige, min(tussen, 1)))
        dag = max(dag, kalender.plus_werkdagen(vorige, tussen))
    grens = max(_laatste_werkdag(werk.uiterlijk, kalender), kalender.op_werkdag(vroegst))
    found: list[Taak] = []
    for taak in open_:
        if taak.stap.na_dagen and (eerder := found[-1].gepland if found else vorige) is not None:
            dag = max(dag, eerder + timedelta(days=taak.stap.na_dagen))
        dag = min(kalender.op_werkdag(dag), grens)
        aankondiging = None
        if _aankondigen(taak, werk):
            aankondiging = dag
            dag = max(dag, min(kalender.plus_werkdagen(dag, regels.werkdagen_aankondiging), grens))
        found.append(replace(taak, gepland=dag, aankondiging=aankondiging))
        dag = kalender.plus_werkdagen(dag, tussen)
    return found


def _aankondigen(taak: Taak, werk: Werk) -> bool:
    """A visit is announced beforehand, and no letter or card went out since the last one."""
    if not taak.stap.aangekondigd or Contactsoort.HUISBEZOEK not in taak.contactsoorten:
        return False
    bezoeken = [p.datum for p in werk.pogingen if p.soort is Contactsoort.HUISBEZOEK]
    sinds = max(bezoeken, default=date.min)
    return not any(p.soort in AANKONDIGING and p.datum > sinds for p in werk.pogingen)


def _laatste_werkdag(dag: date, kalender: Kalender) -> date:
    while not kalender.is_werkdag(dag):
        dag -= timedelta(days=1)
    return dag
