"""The report of a simulation: per month what each policy asks, and which cases would have gone differently. Pure.

Its size is bounded: a row per month, and so many cases; the number of cases is always told in full.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from libs.events.values import Contactsoort
from services.routing.domain import Daad
from services.routing.policy.verdict import Verdict
from services.routing.simulatie.aannames import BEZOEK, GESCHREVEN, Aannames
from services.routing.simulatie.historie import Historie
from services.routing.simulatie.naspelen import Gespeeld, contacten

MAX_GEVALLEN = 1_000
DIVOSA_BEREIK = 0.20
"""Share of meldingen reached in 2024 (Divosa 2025); used where no contact was recorded at all."""
GROEPEN: Mapping[str, frozenset[Contactsoort]] = {
    "brieven": frozenset({Contactsoort.BRIEF, Contactsoort.KAARTJE}),
    "berichten": frozenset({Contactsoort.MAIL, Contactsoort.SMS_WHATSAPP}),
    "telefoontjes": frozenset({Contactsoort.TELEFOON}),
    "huisbezoeken": BEZOEK,
}
Werk = tuple[int, date, float, float]
"""Priority, last day, hours, and the chance that it came: a melding to do, of which there may be more."""


@dataclass(frozen=True, slots=True, eq=False)
class Vraag:
    """What one melding asks, for these verdicts on its signals."""

    contacten: Mapping[Contactsoort, int]
    prioriteit: int
    uren: float

    @classmethod
    def van(cls, verdicts: Sequence[Verdict], aannames: Aannames) -> "Vraag | None":
        """None when it is left alone."""
        first = [verdict.regel.dan.prioriteit for verdict in verdicts if verdict.regel.dan.oppakken]
        asked = contacten(verdicts)
        return cls(asked, min(first), aannames.uren(asked)) if first else None


@dataclass
class Maand:
    """What one policy asks in a month; numbers may be broken, because a return counts for its chance."""

    meldingen: float = 0
    terugkeer: float = 0
    gevraagd: defaultdict[Vraag, float] = field(default_factory=lambda: defaultdict(float))
    werk: Counter[Werk] = field(default_factory=Counter)

    @property
    def opgepakt(self) -> float:
        """The meldingen that are picked up."""
        return sum(self.gevraagd.values())

    @cached_property
    def contacten(self) -> Mapping[Contactsoort, float]:
        """How often each kind of contact is sought; asked when all is told."""
        found = dict.fromkeys(Contactsoort, 0.0)
        for vraag, times in self.gevraagd.items():
            for soort, each in vraag.contacten.items():
                found[soort] += each * times
        return found

    @property
    def pogingen(self) -> float:
        """All contacts."""
        return sum(self.contacten.values())

    def aandeel(self, soorten: frozenset[Contactsoort]) -> float:
        """The share of the attempts that is of these kinds."""
        return sum(self.contacten[soort] for soort in soorten) / self.pogingen if self.pogingen else 0.0


class Verslag:
    """Adds up what was played; `als_document` is the report."""

    def __init__(self, aannames: Aannames) -> None:
        self._aannames = aannames
        self._was: defaultdict[str, Maand] = defaultdict(Maand)
        self._wordt: defaultdict[str, Maand] = defaultdict(Maand)
        self._bereikt, self._opgepakt, self._contact = 0, 0, False
        self._vraagt: dict[tuple[Verdict, ...], Vraag | None] = {}
        self._gevallen: list[dict[str, Any]] = []
        self._overgangen: Counter[tuple[str, str]] = Counter()
        self.signalen, self._anders, self._afwijkend = 0, 0, 0

    def telt(self, historie: Historie, meldingen: Iterable[list[Gespeeld]]) -> Iterator[int]:
        """Add a part of history, melding by melding; answers how many signals each has. What was recorded as reached
        counts per melding and month."""
        tried = [act for act in historie.handelingen if act.daad is Daad.CONTACT]
        reached = {(act.zaak_id, f"{act.datum:%Y-%m}") for act in tried if act.bereikt}
        self._contact = self._contact or bool(tried)
        for melding in meldingen:
            self._melding(melding, reached)
            yield sum(one.was is not None for one in melding)

    def _melding(self, melding: list[Gespeeld], reached: set[tuple[UUID | None, str]]) -> None:
        link, kans = melding[0].link, melding[0].kans
        self._tel(self._wordt[link.periode], melding, tuple(one.wordt for one in melding), kans)
        was = tuple(one.was for one in melding if one.was is not None)
        if not was:
            self._wordt[link.periode].terugkeer += kans
            return
        self._tel(self._was[link.periode], melding, was, 1)
        if any(verdict.regel.dan.oppakken for verdict in was):
            self._opgepakt += 1
            self._bereikt += (link.zaak_id, link.periode) in reached
        for one in melding:
            self._vergelijk(one)

    def _tel(self, maand: Maand, melding: list[Gespeeld], verdicts: tuple[Verdict, ...], kans: float) -> None:
        maand.meldingen += kans
        if verdicts not in self._vraagt:
            self._vraagt[verdicts] = Vraag.van(verdicts, self._aannames)
        if (vraag := self._vraagt[verdicts]) is None:
            return
        maand.gevraagd[vraag] += kans
        due = min(day for one, verdict in zip(melding, verdicts, strict=True) if (day := verdict.due(one.begin)))
        maand.werk[vraag.prioriteit, due, vraag.uren, kans] += 1

    def _vergelijk(self, one: Gespeeld) -> None:
        self.signalen += 1
        self._afwijkend += not one.klopt
        if not one.anders or one.was is None:
            return
        self._anders += 1
        self._overgangen[one.was.regel.naam, one.wordt.regel.naam] += 1
        if len(self._gevallen) < MAX_GEVALLEN:
            ids = {"signaalId": str(one.signaal_id), "zaakId": str(one.link.zaak_id), "periode": one.link.periode}
            self._gevallen.append({**ids, "was": _kort(one.was), "wordt": _kort(one.wordt)})

    def als_document(self) -> dict[str, Any]:
        """The report as JSON data."""
        maanden = sorted(self._was.keys() | self._wordt.keys())
        rijen = {
            naam: list(self._rijen([tafel[maand] for maand in maanden], maanden))
            for naam, tafel in (("was", self._was), ("wordt", self._wordt))
        }
        return {
            "signalen": self.signalen,
            "afwijkendVanHistorie": self._afwijkend,
            "maanden": [
                {"maand": maand, "was": was, "wordt": wordt}
                for maand, was, wordt in zip(maanden, rijen["was"], rijen["wordt"], strict=True)
            ],
            "totaal": {naam: _totaal(rows) for naam, rows in rijen.items()},
            "anders": {
                "aantal": self._anders,
                "overgangen": [
                    {"was": was, "wordt": wordt, "aantal": aantal}
                    for (was, wordt), aantal in self._overgangen.most_common(100)
                ],
                "gevallen": self._gevallen,
            },
            "aannames": self._aannames.model_dump(mode="json", by_alias=True)
            | {"bereik": round(self._basis, 4), "bereikGemeten": self._aannames.bereik is None and self._contact},
        }

    def _rijen(self, rows: list[Maand], maanden: list[str]) -> Iterator[dict[str, Any]]:
        gevaar = in_gevaar(rows, maanden, self._capaciteit)
        for place, one in enumerate(rows):
            counts = {naam: sum(one.contacten[s] for s in soorten) for naam, soorten in GROEPEN.items()}
            counts["overig"] = one.pogingen - sum(counts.values())
            uren, share = self._aannames.uren(one.contacten), self._bereik(one)
            yield {
                "meldingen": round(one.meldingen, 1),
                "opgepakt": round(one.opgepakt, 1),
                "terugkeer": round(one.terugkeer, 1),
                **{naam: abs(round(times, 1)) for naam, times in counts.items()},
                "uren": round(uren, 1),
                "fte": round(uren / self._aannames.uren_per_fte, 2),
                "capaciteitUren": self._capaciteit,
                "bereik": round(share, 4),
                "bereikt": round(share * one.opgepakt, 1),
                "termijnenInGevaar": round(gevaar[place], 1) if self._capaciteit is not None else None,
            }

    @property
    def _capaciteit(self) -> float | None:
        fte = self._aannames.fte
        return None if fte is None else round(fte * self._aannames.uren_per_fte, 1)

    @property
    def _basis(self) -> float:
        """The share reached in history, to which the coefficients add."""
        if self._aannames.bereik is not None:
            return self._aannames.bereik
        return self._bereikt / self._opgepakt if self._contact and self._opgepakt else DIVOSA_BEREIK

    def _bereik(self, one: Maand) -> float:
        """Expected share reached of the meldingen picked up: history's, and what differs from it times Divosa's
        coefficients (attempts per melding, share written, share by phone; visits are the reference)."""
        if not one.opgepakt:
            return 0.0
        alles, aannames = self._alles, self._aannames
        phone = frozenset({Contactsoort.TELEFOON})
        more = one.pogingen / one.opgepakt - (alles.pogingen / alles.opgepakt if alles.opgepakt else 0)
        share = self._basis + aannames.bereik_per_poging * more
        share += aannames.bereik_per_geschreven * (one.aandeel(GESCHREVEN) - alles.aandeel(GESCHREVEN))
        share += aannames.bereik_per_telefoon * (one.aandeel(phone) - alles.aandeel(phone))
        return min(max(share, 0.0), 1.0)

    @cached_property
    def _alles(self) -> Maand:
        """History as one month; asked when all is told."""
        alles = Maand()
        for one in self._was.values():
            for vraag, times in one.gevraagd.items():
                alles.gevraagd[vraag] += times
        return alles


def in_gevaar(rows: list[Maand], maanden: list[str], capaciteit: float | None) -> list[float]:
    """Per month, of how many meldingen the last day passes undone: work is done in order of priority and then of last
    day, as many hours a month as there are; what is left over waits for the next month."""
    waiting: Counter[Werk] = Counter()
    found = []
    for one, maand in zip(rows, maanden, strict=True):
        waiting += one.werk
        left, begin, end = capaciteit or 0.0, date.fromisoformat(f"{maand}-01"), _laatste(maand)
        for werk in sorted(waiting):
            each = werk[2] * werk[3]
            done = min(waiting[werk], int(left / each + 1e-9)) if each else waiting[werk]
            left -= done * each
            waiting[werk] -= done
            if waiting[werk]:
                break
        found.append(sum(kans * times for (_, due, _, kans), times in waiting.items() if begin <= due <= end))
    return found


def _laatste(maand: str) -> date:
    begin = date.fromisoformat(f"{maand}-01")
    return (begin + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _kort(verdict: Verdict) -> dict[str, Any]:
    dan = verdict.regel.dan
    soorten = [str(soort) for soort in dan.contactsoorten]
    reden = {"reden": str(dan.reden)} if dan.reden else {}
    return {"oppakken": dan.oppakken, "regel": verdict.regel.naam, "contactsoorten": soorten, **reden}


def _totaal(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The sum of what can be added up; the share reached over all that was picked up."""
    names = ("meldingen", "opgepakt", "terugkeer", *GROEPEN, "overig", "uren", "bereikt")
    total: dict[str, Any] = {name: round(sum(row[name] for row in rows), 1) for name in names}
    total["bereik"] = round(total["bereikt"] / total["opgepakt"], 4) if total["opgepakt"] else 0.0
    risks = [row["termijnenInGevaar"] for row in rows]
    total["termijnenInGevaar"] = round(sum(risks), 1) if None not in risks else None
    return total
