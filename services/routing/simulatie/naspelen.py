"""Two policies side by side over one group of signals, month by month: what was decided, and what would have been.

What follows from another decision: contact of a kind that is no longer in the route did not take place, nor did the
answer that came of it, so later signals no longer know of it. A melding that is no longer picked up stays open: its
household returns the month after with the chance ``terugkeer``, as a repeat of which the earlier report was not picked
up, and again until it is picked up; one that is sought less often returns with the chance the coefficient says. A
return does not change what others at the address see. That more attempts prevent a return is not counted. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from libs.events.ids import derived
from libs.events.values import Contactsoort
from services.routing.besluiten import Beleidskeuze, route_of
from services.routing.domain import Daad, Genomen, Koppeling, Signaal
from services.routing.feiten import bekend_van, maand
from services.routing.policy.document import Beleid
from services.routing.policy.evaluate import settled
from services.routing.policy.facts import values_of
from services.routing.policy.verdict import Verdict
from services.routing.simulatie.aannames import Aannames
from services.routing.simulatie.historie import Groep

LEAST = 0.05
"""A chance below which nobody returns."""
Contacten = dict[Contactsoort, int]


@dataclass(frozen=True, slots=True)
class Gespeeld:
    """A signal with the verdict of each policy; `was` None for a return, which history does not know. `kans` is the
    chance that it came, `klopt` whether history came out as recorded, `anders` whether it would have gone otherwise."""

    signaal_id: UUID
    link: Koppeling
    was: Verdict | None
    wordt: Verdict
    kans: float = 1.0
    klopt: bool = True
    anders: bool = False


@dataclass(frozen=True, slots=True)
class Spel:
    """What is played: the policies of history, the candidate, where, and what is assumed."""

    gemeentecode: str
    toen: Beleidskeuze
    kandidaat: Beleid
    aannames: Aannames
    _woorden: dict[tuple[Verdict, date | None], str] = field(default_factory=dict)
    _anders: dict[tuple[Verdict, Verdict], bool] = field(default_factory=dict)

    def klopt(self, beleid: Beleid, was: Verdict, signaal: Signaal, link: Koppeling) -> bool:
        """True when history comes out as it was recorded."""
        key, genomen = (was, was.due(link.signaaldatum)), signaal.genomen
        if key not in self._woorden:
            self._woorden[key] = route_of(settled(beleid, was, link.signaaldatum))
        return genomen is not None and genomen.route == self._woorden[key]

    def anders(self, was: Verdict, wordt: Verdict) -> bool:
        """True when the household would notice the difference."""
        if was is wordt:
            return False
        if (was, wordt) not in self._anders:
            self._anders[was, wordt] = _merkbaar(was) != _merkbaar(wordt)
        return self._anders[was, wordt]

    def speel(self, groep: Groep) -> Iterator[list[Gespeeld]]:
        """The signals of the group that take part, per melding, oldest month first, and the returns that follow.
        Raises NoRow where the candidate has a gap."""
        yield from _Groepspel(self, groep).maanden()


class _Groepspel:
    def __init__(self, spel: Spel, groep: Groep) -> None:
        self.spel, self.groep, self.toen = spel, groep, groep.beeld()
        self.vervallen: set[UUID] = set()
        self.anders: dict[UUID, Signaal] = {}
        self.terug: defaultdict[int, list[Gespeeld]] = defaultdict(list)
        self.nu = self.toen

    def maanden(self) -> Iterator[list[Gespeeld]]:
        eigen: defaultdict[int, list[Signaal]] = defaultdict(list)
        for one in self.groep.signalen:
            if one.open and one.koppeling and one.koppeling.gemeentecode == self.spel.gemeentecode:
                eigen[maand(one.koppeling.periode)].append(one)
        last = max(eigen, default=0)
        while waiting := eigen.keys() | {now for now in self.terug if now <= last}:
            now = min(waiting)
            gespeeld = [self._speel(one) for one in eigen.pop(now, ())]
            for melding in _per_melding(gespeeld):
                yield melding
                self._gevolgen(melding)
            for back in self.terug.pop(now, ()):
                yield [back]
                if not back.wordt.regel.dan.oppakken:
                    self._terugkeer(back, self.spel.aannames.terugkeer)

    def _speel(self, signaal: Signaal) -> Gespeeld:
        link, code = signaal.koppeling, self.spel.gemeentecode
        assert link is not None  # noqa: S101
        values = values_of(bekend_van(signaal, link, self.toen))
        beleid = self.spel.toen(code, link.signaaldatum)
        was = beleid.verdicts.on(values, code)
        if self.nu is not self.toen:
            values = values_of(bekend_van(signaal, link, self.nu))
        wordt = self.spel.kandidaat.verdicts.on(values, code)
        if wordt.regel.dan.oppakken != was.regel.dan.oppakken:
            self._besluit(signaal, wordt.regel.dan.oppakken)
        klopt, anders = self.spel.klopt(beleid, was, signaal, link), self.spel.anders(was, wordt)
        return Gespeeld(signaal.signaal_id, link, was, wordt, klopt=klopt, anders=anders)

    def _besluit(self, signaal: Signaal, oppakken: bool) -> None:
        """Later reports of the arrears see this decision instead of the recorded one."""
        link, key = signaal.koppeling, signaal.signaal_id
        assert link is not None  # noqa: S101
        genomen = signaal.genomen or Genomen(key, link.zaak_id, link.melding_id, oppakken, "")
        self.anders[key] = replace(signaal, genomen=replace(genomen, oppakken=oppakken))
        self._herzie()

    def _herzie(self) -> None:
        self.nu = self.groep.beeld(self.vervallen, self.anders.values())

    def _gevolgen(self, melding: list[Gespeeld]) -> None:
        """What no longer took place, and whether the household returns."""
        was, wordt = contacten(one.was for one in melding), contacten(one.wordt for one in melding)
        if was == wordt:
            return
        weg = {soort for soort in was if soort not in wordt}
        if weg and (vervalt := set(self._vervalt(melding[0].link, weg))):
            self.vervallen |= vervalt
            self._herzie()
        if not was:
            return
        minder = max(sum(was.values()) - sum(wordt.values()), 0)
        kans = self.spel.aannames.terugkeer_per_poging * minder if wordt else self.spel.aannames.terugkeer
        self._terugkeer(max(melding, key=lambda one: (one.link.bedrag or 0, one.signaal_id)), min(kans, 1.0))

    def _vervalt(self, link: Koppeling, weg: set[Contactsoort]) -> Iterator[UUID]:
        """The acts in the household from this month until its next melding that came of contact of these kinds."""
        begin = date.fromisoformat(f"{link.periode}-01")
        later = [its.periode for _, its in self.toen.van_huishouden(link.zaak_id) if its.periode > link.periode]
        end = date.fromisoformat(f"{min(later)}-01") if later else date.max
        acts = [act for act in self.toen.gedaan(link.zaak_id) if begin <= act.datum < end]
        reached = [act for act in acts if act.bereikt]
        yield from (act.id for act in acts if act.daad is Daad.CONTACT and act.soort in weg)
        if reached and all(act.soort in weg for act in reached):
            yield from (act.id for act in acts if act.daad in (Daad.HULP_AANVAARD, Daad.HULP_AFGEWEZEN))

    def _terugkeer(self, one: Gespeeld, kans: float) -> None:
        """The household returns the month after, unless history has it return already."""
        kans, link = one.kans * kans, one.link
        now = maand(link.periode) + 1
        chain = self.toen.van_achterstand(link.achterstand_id)
        if kans < LEAST or any(maand(its.periode) == now for _, its in chain):
            return
        new = _later(link)
        signaal = Signaal(derived(one.signaal_id, "terugkeer"), koppeling=new)
        known = bekend_van(signaal, new, self.nu) | {"eerder_opgepakt": one.wordt.regel.dan.oppakken}
        wordt = self.spel.kandidaat.verdicts.on(values_of(known), self.spel.gemeentecode)
        self.terug[now].append(Gespeeld(signaal.signaal_id, new, None, wordt, kans))


def _merkbaar(verdict: Verdict) -> tuple[Any, ...]:
    dan, term = verdict.regel.dan, verdict.termijn
    if not dan.oppakken:
        return (dan.reden,)
    return dan.stappen, verdict.behandelaar, dan.prioriteit, dan.aanwijzingen, term.dagen, term.werkdagen


def contacten(verdicts: Iterable[Verdict | None]) -> Contacten:
    """The contacts of one melding: what several signals ask for is done once, as often as one of them asks."""
    most: Contacten = {}
    for verdict in verdicts:
        for soort, times in verdict.regel.dan.pogingen.items() if verdict else ():
            most[soort] = max(most.get(soort, 0), times)
    return most


def _per_melding(gespeeld: list[Gespeeld]) -> Iterator[list[Gespeeld]]:
    meldingen: defaultdict[UUID, list[Gespeeld]] = defaultdict(list)
    for one in gespeeld:
        meldingen[one.link.melding_id].append(one)
    yield from meldingen.values()


def _later(link: Koppeling) -> Koppeling:
    """The same arrears reported a month later, not risen."""
    begin = date.fromisoformat(f"{link.periode}-01") + timedelta(days=32)
    day = begin.replace(day=min(link.signaaldatum.day, 28))
    changes = {"periode": f"{day:%Y-%m}", "signaaldatum": day, "herhaald": True, "recidive": True,
               "vorig_bedrag": link.bedrag, "melding_id": derived(link.melding_id, "terugkeer")}  # fmt: skip
    return link.model_copy(update=changes)
