"""A year of some hundred households, made up day by day, for the tests of the clocks."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from libs.events import catalogue as c
from libs.events.values import Signaalpartner, Signaalsoort
from services.escalation.domain import opdrachten as o
from services.escalation.domain.woorden import Afloopsoort, Incassostand, Uitspraak
from tests.examples import example
from tests.ladders import matched

BEGIN = date(2026, 1, 5)
DAYS = 365
KINDS = (Signaalsoort.VROEGSIGNAAL,) * 8 + (Signaalsoort.EINDELEVERING, Signaalsoort.CRISIS)


@dataclass
class Dag:
    """What others say on a day, and what is reported to escalation itself."""

    said: list[c.Event] = field(default_factory=list)
    reported: list[o.Opdracht] = field(default_factory=list)


@dataclass
class Jaar:
    """The days of a year; the same for the same seed."""

    households: int
    seed: int = 1
    days: defaultdict[date, Dag] = field(default_factory=lambda: defaultdict(Dag))

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        for _ in range(self.households):
            self._household()

    def __iter__(self) -> Iterator[tuple[date, Dag]]:
        """All days, also those on which nothing happens."""
        for n in range(DAYS):
            yield BEGIN + timedelta(days=n), self.days[BEGIN + timedelta(days=n)]

    def _id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def _say(self, zaak: UUID, kind: type[c.Event], day: date, **more: Any) -> None:
        """Told on the day itself, or up to two weeks late."""
        late = timedelta(days=self.chance.choice((0, 0, 0, 1, 3, 14)))
        self.days[day + late].said.append(example(kind, zaak_id=zaak, datum=day, **more))

    def _report(self, kind: type[o.Opdracht], zaak: UUID, day: date, **more: Any) -> None:
        self.days[day].reported.append(kind(zaak_id=zaak, datum=day, vandaag=day, **more))

    def _household(self) -> None:
        zaak, arrears, chance = self._id(), self._id(), self.chance
        day = BEGIN + timedelta(days=chance.randrange(300))
        for month in range(chance.randrange(1, 4)):
            self._melding(zaak, arrears, day + timedelta(days=30 * month), Decimal(300 + 100 * month))
        if chance.random() < 0.2:
            self._eviction(zaak, day + timedelta(days=chance.randrange(20, 90)))
        if chance.random() < 0.1:
            self._say(zaak, c.CaseClosed, day + timedelta(days=chance.randrange(5, 200)))

    def _melding(self, zaak: UUID, arrears: UUID, day: date, amount: Decimal) -> None:
        chance, signaal, melding = self.chance, self._id(), self._id()
        soort, partner = chance.choice(KINDS), chance.choice((Signaalpartner.HUUR, Signaalpartner.ENERGIE))
        linked = matched(
            signaal, zaak, melding_id=melding, achterstand_id=arrears, signaaldatum=day, soort=soort,
            signaalpartner=partner, bedrag=amount, periode=f"{day:%Y-%m}", crisissignaal=False,
        )  # fmt: skip
        self.days[day + timedelta(days=chance.choice((0, 0, 1, 5)))].said.append(linked)

        def after(low: int, high: int) -> date:
            return day + timedelta(days=chance.randrange(low, high))

        fate = chance.random()
        if fate < 0.15:
            aside = example(c.SignalSetAside, signaal_id=signaal, zaak_id=zaak, melding_id=melding)
            self.days[day + timedelta(days=6)].said.append(aside)
        elif fate < 0.3:
            self._say(zaak, c.HelpDeclined, after(1, 40), melding_id=melding)
        elif fate < 0.65:
            self._say(zaak, c.FirstConversationHeld, after(1, 45), melding_id=melding)
            self._say(zaak, c.HelpAccepted, after(1, 45), melding_id=melding)
            self._report(o.Incasso, zaak, after(46, 60), stand=Incassostand.PAUZE)
            if chance.random() < 0.7:
                self._say(zaak, c.DecisionTaken, after(46, 130))
            if chance.random() < 0.5:
                self._report(o.Incasso, zaak, after(61, 120), stand=Incassostand.HERVAT)
        elif fate < 0.85:
            self._say(zaak, c.MeldingClosed, after(5, 40), melding_id=melding, signaal_ids=(signaal,))

    def _eviction(self, zaak: UUID, day: date) -> None:
        chance, eviction = self.chance, self._id()
        until = day + timedelta(days=14)
        self._report(o.Aanzegging, zaak, day, ontruiming_id=eviction, ontruimingsdatum=until)
        fate = chance.choice(("postponed", "averted", "carried out", "moratorium", "open"))
        if fate == "postponed":
            later = until + timedelta(days=21)
            self._report(o.Afloop, zaak, day + timedelta(days=9), ontruiming_id=eviction,
                         afloop=Afloopsoort.UITGESTELD, nieuwe_datum=later)  # fmt: skip
        elif fate == "moratorium":
            self._report(o.Moratorium, zaak, day + timedelta(days=3))
            self._report(o.Moratorium, zaak, day + timedelta(days=8), uitspraak=Uitspraak.TOEGEWEZEN)
        elif fate != "open":
            afloop = Afloopsoort.VOORKOMEN if fate == "averted" else Afloopsoort.UITGEVOERD
            self._report(o.Afloop, zaak, until, ontruiming_id=eviction, afloop=afloop)
