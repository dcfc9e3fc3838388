"""Two policies side by side over a part of history, month by month: what was decided, and what would have been.

What follows from another decision: contact of a kind that is no longer in the route did not take place, nor did the
answer that came of it, so later signals no longer know of it. A melding that is no longer picked up stays open: its
household returns the month after with the chance ``terugkeer``, as a repeat of which the earlier report was not picked
up, and again until it is picked up; one that is sought less often returns with the chance the coefficient says. A
return does not change what others at the address see. That more attempts prevent a return is not counted. Pure.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from libs.events.ids import derived
from libs.events.values import Contactsoort
from services.routing.besluiten import Beleidskeuze, Routewoord
from services.routing.domain import Bekend, Daad, Genomen, Handeling, Koppeling, Signaal
from services.routing.feiten import bekend_van, maand
from services.routing.policy.document import Beleid
from services.routing.policy.evaluate import settled
from services.routing.policy.facts import begin, values_of
from services.routing.policy.verdict import Verdict
from services.routing.simulatie.aannames import Aannames
from services.routing.simulatie.anders import Anders
from services.routing.simulatie.historie import Historie
from services.routing.telling import Telling, inzet_van

LEAST = 0.05
"""A chance below which nobody returns."""
Contacten = dict[Contactsoort, int]


class Gespeeld(NamedTuple):
    """A signal with the verdict of each policy; `was` None for a return, which history does not know. `begin` is the
    day from which terms run, `kans` the chance that it came, `klopt` whether history came out as recorded, `anders`
    whether it would have gone otherwise."""

    signaal_id: UUID
    link: Koppeling
    was: Verdict | None
    wordt: Verdict
    begin: date
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
    telt: bool = False
    tot: int = 0
    gevraagd: frozenset[str] | None = None
    _woorden: dict[Verdict, Routewoord] = field(default_factory=dict)
    _routes: dict[tuple[Verdict, date], str] = field(default_factory=dict)
    _anders: dict[tuple[Verdict, Verdict], bool] = field(default_factory=dict)

    def over(self, dagen: Collection[date]) -> "Spel":
        """The same, knowing when a history of these days ends (`tot`), and whether a document counts what is done in a
        month."""
        every = (self.kandidaat, *(self.toen(self.gemeentecode, day) for day in dagen))
        documents = list({id(one): one for one in every}.values())
        return replace(
            self,
            telt=any(one.telt for one in documents),
            tot=maand(f"{max(dagen):%Y-%m}") if dagen else 0,
            gevraagd=frozenset(name for one in documents for name in one.domains),
        )

    def klopt(self, beleid: Beleid, was: Verdict, signaal: Signaal, start: date) -> bool:
        """True when history comes out as it was recorded, its term from this day."""
        key = was, start
        if (route := self._routes.get(key)) is None:
            if was not in self._woorden:
                self._woorden[was] = Routewoord(settled(beleid, was, start))
            route = self._routes[key] = self._woorden[was].op(was.due(start))
        return signaal.genomen is not None and signaal.genomen.route == route

    def anders(self, was: Verdict, wordt: Verdict) -> bool:
        """True when the household would notice the difference."""
        if was is wordt:
            return False
        if (was, wordt) not in self._anders:
            self._anders[was, wordt] = _merkbaar(was) != _merkbaar(wordt)
        return self._anders[was, wordt]

    def speel(self, historie: Historie) -> Iterator[list[Gespeeld]]:
        """The signals that take part, per melding, oldest month first, and the returns that follow. Raises NoRow where
        the candidate has a gap."""
        yield from _Deelspel(self, historie).maanden()


class _Deelspel:
    def __init__(self, spel: Spel, historie: Historie) -> None:
        self.spel, self.signalen, self.toen = spel, historie.signalen, historie.beeld()
        self.terug: defaultdict[int, list[tuple[Gespeeld, Koppeling]]] = defaultdict(list)
        self.nu = Anders(self.toen)
        self.stand_toen: Telling | None = None
        self.stand_nu: Telling | None = None

    def maanden(self) -> Iterator[list[Gespeeld]]:
        eigen: defaultdict[int, list[Signaal]] = defaultdict(list)
        for one in self.signalen:
            if one.open and one.koppeling and one.koppeling.gemeentecode == self.spel.gemeentecode:
                eigen[maand(one.koppeling.periode)].append(one)
        last = max(max(eigen, default=0), self.spel.tot if eigen else 0)
        while waiting := eigen.keys() | {now for now in self.terug if now <= last}:
            now = min(waiting)
            if self.spel.telt:
                self.stand_toen, self.stand_nu = Telling(self.spel.gemeentecode), Telling(self.spel.gemeentecode)
            inorder = eigen.pop(now, [])
            inorder.sort(key=lambda one: (one.volgorde, one.signaal_id))
            for melding in _per_melding([self._speel(one) for one in inorder]):
                yield melding
                self._gevolgen(melding)
            for back, link in self.terug.pop(now, ()):
                yield [self._weer(back, link)]

    def _speel(self, signaal: Signaal) -> Gespeeld:
        link, spel = signaal.koppeling, self.spel
        assert link is not None  # noqa: S101
        beleid = spel.toen(spel.gemeentecode, link.signaaldatum)
        known = self._bekend(signaal, link, self.toen, beleid)
        values = self._values(known, link, beleid, self.stand_toen)
        was, start = beleid.verdicts.on(values, spel.gemeentecode), begin(values, link.signaaldatum)
        nieuw, counts = spel.kandidaat, spel.telt
        other = self.nu.raakt(link) or beleid.terugkijkmaanden != nieuw.terugkijkmaanden
        if other:
            known = self._bekend(signaal, link, self.nu, nieuw)
        if other or counts:
            values = self._values(known, link, nieuw, self.stand_nu)
        wordt = nieuw.verdicts.on(values, spel.gemeentecode)
        for stand, verdict in ((self.stand_toen, was), (self.stand_nu, wordt)) if counts else ():
            if stand is not None:
                stand.telt(link.melding_id, inzet_van(verdict.regel.dan.stappen), verdict.handler)
        if wordt.regel.dan.oppakken != was.regel.dan.oppakken:
            self._besluit(signaal, wordt.regel.dan.oppakken)
        klopt, anders = spel.klopt(beleid, was, signaal, start), spel.anders(was, wordt)
        return Gespeeld(signaal.signaal_id, link, was, wordt, start, klopt=klopt, anders=anders)

    def _besluit(self, signaal: Signaal, oppakken: bool) -> None:
        """Later reports of the arrears see this decision instead of the recorded one."""
        link, key = signaal.koppeling, signaal.signaal_id
        assert link is not None  # noqa: S101
        genomen = signaal.genomen or Genomen(key, link.zaak_id, link.melding_id, oppakken, "")
        self.nu.zet(replace(signaal, genomen=replace(genomen, oppakken=oppakken)), link)

    def _gevolgen(self, melding: list[Gespeeld]) -> None:
        """What no longer took place, and whether the household returns."""
        if not any(one.anders or one.was is None for one in melding):
            return
        was, wordt = contacten(one.was for one in melding), contacten(one.wordt for one in melding)
        if was == wordt:
            return
        weg = {soort for soort in was if soort not in wordt}
        for act in list(self._vervalt(melding[0].link, weg)) if weg else ():
            self.nu.vergeet(act, melding[0].link)
        if not was:
            return
        minder = max(sum(was.values()) - sum(wordt.values()), 0)
        kans = self.spel.aannames.terugkeer_per_poging * minder if wordt else self.spel.aannames.terugkeer
        self._terugkeer(max(melding, key=lambda one: (one.link.bedrag or 0, one.signaal_id)), min(kans, 1.0))

    def _vervalt(self, link: Koppeling, weg: set[Contactsoort]) -> Iterator[Handeling]:
        """The acts in the household from this month until its next melding that came of contact of these kinds."""
        acts = self.toen.gedaan(link.zaak_id)
        if not acts:
            return
        begin = date.fromisoformat(f"{link.periode}-01")
        later = [its.periode for _, its in self.toen.van_huishouden(link.zaak_id) if its.periode > link.periode]
        end = date.fromisoformat(f"{min(later)}-01") if later else date.max
        acts = [act for act in acts if begin <= act.datum < end]
        reached = [act for act in acts if act.bereikt]
        yield from (act for act in acts if act.daad is Daad.CONTACT and act.soort in weg)
        if reached and all(act.soort in weg for act in reached):
            answers = (Daad.GESPREK, Daad.HULP_AANVAARD, Daad.HULP_AFGEWEZEN, Daad.AFGESLOTEN)
            yield from (act for act in acts if act.daad in answers)

    def _terugkeer(self, one: Gespeeld, kans: float) -> None:
        """The household returns the month after, unless history has it return already."""
        kans, link = one.kans * kans, one.link
        now = maand(link.periode) + 1
        chain = self.toen.van_achterstand(link.achterstand_id)
        if kans < LEAST or any(maand(its.periode) == now for _, its in chain):
            return
        self.terug[now].append((one._replace(kans=kans), _later(link)))

    def _weer(self, one: Gespeeld, link: Koppeling) -> Gespeeld:
        """A return, decided after the signals that history knows of in that month; it takes no place from others."""
        signaal, nieuw = Signaal(derived(one.signaal_id, "terugkeer"), koppeling=link), self.spel.kandidaat
        values = self._values(self._bekend(signaal, link, self.nu, nieuw), link, nieuw, self.stand_nu)
        values["eerder_opgepakt"] = one.wordt.regel.dan.oppakken
        wordt = nieuw.verdicts.on(values, self.spel.gemeentecode)
        back = Gespeeld(signaal.signaal_id, link, None, wordt, begin(values, link.signaaldatum), one.kans)
        if not wordt.regel.dan.oppakken:
            self._terugkeer(back, self.spel.aannames.terugkeer)
        return back

    def _bekend(self, signaal: Signaal, link: Koppeling, beeld: Bekend, beleid: Beleid) -> dict[str, Any]:
        return bekend_van(signaal, link, beeld, beleid.terugkijkmaanden, self.spel.gevraagd)

    def _values(self, known: dict[str, Any], link: Koppeling, beleid: Beleid, stand: Telling | None) -> dict[str, Any]:
        if beleid.telt and stand is not None:
            known = known | stand.voor(link.melding_id, beleid)
        return values_of(known)


def _merkbaar(verdict: Verdict) -> tuple[Any, ...]:
    dan, term = verdict.regel.dan, verdict.termijn
    return (*dan.merkbaar, *((verdict.behandelaar, term.dagen, term.werkdagen) if dan.oppakken else ()))


def contacten(verdicts: Iterable[Verdict | None]) -> Contacten:
    """The contacts of one melding: what several signals ask for is done once, as often as one of them asks."""
    most: Contacten = {}
    for verdict in verdicts:
        for soort, times in verdict.regel.dan.pogingen.items() if verdict else ():
            most[soort] = max(most.get(soort, 0), times)
    return most


def _per_melding(gespeeld: list[Gespeeld]) -> Iterator[list[Gespeeld]]:
    if len(gespeeld) == 1:
        yield gespeeld
        return
    meldingen: defaultdict[UUID, list[Gespeeld]] = defaultdict(list)
    for one in gespeeld:
        meldingen[one.link.melding_id].append(one)
    yield from meldingen.values()


def _later(link: Koppeling) -> Koppeling:
    """The same arrears reported a month later, not risen."""
    begin = date.fromisoformat(f"{link.periode}-01") + timedelta(days=32)
    day = begin.replace(day=min(link.signaaldatum.day, 28))
    return replace(
        link, periode=f"{day:%Y-%m}", signaaldatum=day, herhaald=True, recidive=True, vorig_bedrag=link.bedrag,
        melding_id=derived(link.melding_id, "terugkeer"),
    )  # fmt: skip
