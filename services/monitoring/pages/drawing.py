"""Where things stand in the pictures: a funnel, and a case from left to right. Pure; templates write the SVG."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from libs.chassis.clock import AMSTERDAM
from services.monitoring.fase import MARKS, Fase, fase_of
from services.monitoring.tijdlijn import RECORDED, Gebeurtenis, Tijdlijn
from services.monitoring.trechter import Funnel

LANES = {
    "Signalen": ("SignalReceived", "SignalCorrected", "SignalWithdrawn", "SelfReported", "SelfReportMatched",
                 "SelfReportMismatched"),
    "Beoordeling": ("CaseOpened", "BRPMatched", "BRPMismatched", "RouteAssigned", "SignalSetAside", "CaseTransferred"),
    "Contact": ("ContactAttempted", "HandlerAssigned", "FirstConversationHeld", "AftercareDone"),
    "Hulp": ("HelpAccepted", "HelpDeclined", "HelpEnded", "DecisionTaken", "MeldingClosed", "CaseClosed"),
    "Deurwaarder en ontruiming": ("DeurwaarderTransferred", "EvictionScheduled", "EvictionPostponed",
                                  "EvictionAverted", "EvictionCarriedOut"),
    "Termijnen": ("TermStarted", "TermMet", "TermBreached"),
}  # fmt: skip
"""The lanes of the picture; what is in none of them stands with Signalering+ and the corporation."""
OTHER = "Signalering+ en corporatie"
ORDER = ("Signalen", "Beoordeling", "Contact", "Hulp", OTHER, "Deurwaarder en ontruiming", "Termijnen")

X = Callable[[datetime], float]

MARGIN, BAND, LANE, FOOT, NEAR = 14, 34, 44, 30, 15
SHORTEST = 14
"""Days that a picture spans at least."""

SHORT = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a funnel, centred; in units of a box that is 300 wide."""

    label: str
    count: int
    share: float | None
    of: str
    x: float
    width: float


def funnel(found: Funnel) -> list[Bar]:
    """Meldingen, reached, help accepted: each bar as wide as its part of the meldingen."""

    def bar(label: str, count: int, share: float | None = None, of: str = "") -> Bar:
        width = 300 * count / found.meldingen if found.meldingen else 0
        return Bar(label, count, share, of, (300 - width) / 2, width)

    return [
        bar("Meldingen", found.meldingen),
        bar("Bereikt", found.bereikt, found.bereik, "van de meldingen"),
        bar("Hulp aanvaard", found.hulp, found.acceptatie, "van wie bereikt is"),
    ]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A phase for as long as it lasted."""

    fase: Fase
    vanaf: date
    x: float
    width: float

    @property
    def fits(self) -> bool:
        """Whether its name fits inside."""
        return self.width > 7.6 * len(self.fase) + 8


@dataclass(frozen=True, slots=True)
class Dot:
    """One or more events of a lane that are too near to stand apart."""

    x: float
    events: tuple[Gebeurtenis, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A month on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A case from left to right, in a box of `width` by `height`."""

    width: int
    height: int
    stretches: list[Stretch]
    lanes: list[tuple[str, float, list[Dot]]]
    ticks: list[Tick]


def picture(found: Tijdlijn, width: int) -> Picture | None:
    """The picture of a timeline, None when nothing happened.

    It ends with the last event that has a date of its own: a history that was entered much later would otherwise be
    squeezed together by the day on which that was done. The list has all of it.
    """
    events = [event for event in found.gebeurtenissen if event.id not in found.vervallen]
    if not events:
        return None
    first = events[0].op
    last = max([first + timedelta(days=SHORTEST), *(event.op for event in events if event.type not in RECORDED)])
    events = [event for event in events if event.op <= last]
    last += (last - first) / 20  # so that the last phase can be seen
    scale = (width - 2 * MARGIN) / (last - first).total_seconds()

    def x(moment: datetime) -> float:
        return round(MARGIN + scale * (moment - first).total_seconds(), 1)

    by_lane: dict[str, list[Gebeurtenis]] = {}
    for event in events:
        by_lane.setdefault(_lane(event.type), []).append(event)
    lanes = [(name, by_lane[name]) for name in ORDER if name in by_lane]
    return Picture(
        width, BAND + LANE * len(lanes) + FOOT, list(_stretches(events, x, width - MARGIN)),
        [(name, BAND + LANE * n, list(_dots(found, x))) for n, (name, found) in enumerate(lanes)],
        list(_ticks(events[0].dag, last.date(), x, width)),
    )  # fmt: skip


def _lane(kind: str) -> str:
    return next((name for name, kinds in LANES.items() if kind in kinds), OTHER)


def stretches(found: Tijdlijn) -> list[tuple[Fase, Gebeurtenis]]:
    """The phases of a case in order, each with the event that began it."""
    return list(_phases(found.gebeurtenissen))


def _phases(events: Sequence[Gebeurtenis]) -> Iterator[tuple[Fase, Gebeurtenis]]:
    now: Fase | None = None
    for n, event in enumerate(events):
        if now is None or event.type in MARKS:
            fase = fase_of(events[: n + 1])
            if fase is not now:
                yield fase, event
            now = fase


def _stretches(events: Sequence[Gebeurtenis], x: X, end: float) -> Iterator[Stretch]:
    phases = [(fase, event.dag, x(event.op)) for fase, event in _phases(events)]
    for n, (fase, day, begin) in enumerate(phases):
        until = phases[n + 1][2] if n + 1 < len(phases) else end
        yield Stretch(fase, day, begin, round(until - begin, 1))


def _dots(events: Sequence[Gebeurtenis], x: X) -> Iterator[Dot]:
    near: list[Gebeurtenis] = []
    for event in events:
        if near and x(event.op) - x(near[0].op) > NEAR:
            yield Dot(x(near[0].op), tuple(near))
            near = []
        near.append(event)
    yield Dot(x(near[0].op), tuple(near))


def _ticks(first: date, last: date, x: X, width: int) -> Iterator[Tick]:
    months = (last.year - first.year) * 12 + last.month - first.month
    step = max(1, -(-months // max(1, width // 90)))
    for n in range(step if first.day > 1 else 0, months + 1, step):
        year, month = divmod(first.month - 1 + n, 12)
        place = x(datetime(first.year + year, month + 1, 1, tzinfo=AMSTERDAM))
        if place < width - 40:
            yield Tick(place, f"{SHORT[month]} {first.year + year}")
