"""Made-up histories for the tests of monitoring: what the logs of five services hold about some households."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from libs.events import catalogue as c
from libs.events.envelope import Envelope
from libs.events.keyring import Kek
from libs.events.sealed import Keys, Sealed
from libs.events.unit import Unit
from libs.events.values import Signaalpartner
from tests.examples import example
from tests.system import Running

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
GEMEENTEN = ("0505", "0642", "0590")
PARTNERS = {"woonbron": Signaalpartner.HUUR, "trivire": Signaalpartner.HUUR, "waardstroom": Signaalpartner.ENERGIE,
            "killewater": Signaalpartner.WATER}  # fmt: skip


@dataclass
class Said:
    """One event with what `emit_as` wants to know of it."""

    event: c.Event
    subject: UUID
    gemeentecode: str | None


@dataclass
class Story:
    """A history; ids come from a seed, so that another seed tells the same story under other ids."""

    seed: int = 1
    ids: Random = field(init=False)
    said: list[Said] = field(default_factory=list)
    kenmerken: dict[UUID, str] = field(default_factory=dict)
    facts: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ids = Random(self.seed)

    def id(self) -> UUID:
        """A new id."""
        return UUID(int=self.ids.getrandbits(128), version=4)

    def say(self, kind: type[c.Event], subject: UUID, gemeente: str | None = None, /, **fields: Any) -> None:
        """Something happened; fields that are not given are those of the example, optional ones empty."""
        empty = {n: f.get_default() for n, f in kind.model_fields.items() if not f.is_required()}
        event = example(kind, **(empty | fields))
        self.said.append(Said(event, subject, gemeente))

    def signal(self, partner: str, kenmerk: str, day: date, zaak: UUID | None = None, gemeente: str = "0505",
               melding: UUID | None = None, **facts: Any) -> UUID:  # fmt: skip
        """A signal arrives, and is linked when there is a case for it."""
        signaal = self.id()
        self.kenmerken[signaal] = kenmerk
        known = {"signaal_id": signaal, "partner": partner, "signaalpartner": PARTNERS[partner],
                 "periode": f"{day:%Y-%m}", "signaaldatum": day}  # fmt: skip
        self.facts[signaal] = known
        sealed: Sealed[Any] = Sealed(signaal, signaal, "AAAA")
        self.say(c.SignalReceived, signaal, kenmerk=sealed, client=sealed, bedrag="812.40", **known)
        if zaak is not None:
            self.link(signaal, zaak, gemeente, melding or zaak, **known, **facts)
        return signaal

    def link(self, signaal: UUID, zaak: UUID, gemeente: str, melding: UUID, **facts: Any) -> None:
        """Matching says where a signal belongs."""
        known = self.facts[signaal]
        self.say(c.BRPMatched, zaak, gemeente, **(known | {"signaal_id": signaal, "zaak_id": zaak,
                 "melding_id": melding, "gemeentecode": gemeente, "recidive": False} | facts))  # fmt: skip

    def case(self, gemeente: str, day: date) -> UUID:
        """A case is opened."""
        zaak = self.id()
        self.say(c.CaseOpened, zaak, gemeente, zaak_id=zaak, gemeentecode=gemeente, datum=day)
        return zaak

    def route(self, signaal: UUID, zaak: UUID, gemeente: str, replaces: UUID | None = None, melding: UUID | None = None,
              aside: bool = False) -> UUID:  # fmt: skip
        """Routing decides."""
        besluit = self.id()
        self.say(c.SignalSetAside if aside else c.RouteAssigned, zaak, gemeente, besluit_id=besluit, signaal_id=signaal,
                 zaak_id=zaak, melding_id=melding or zaak, vervangt=replaces)  # fmt: skip
        return besluit

    def about(self, kind: type[c.Event], zaak: UUID, gemeente: str, day: date, **fields: Any) -> None:
        """Something happens in a case."""
        self.say(kind, zaak, gemeente, zaak_id=zaak, datum=day, **fields)

    def logs(self) -> dict[str, list[Envelope]]:
        """The events as the logs hold them, a minute apart."""
        found: dict[str, list[Envelope]] = defaultdict(list)
        for n, said in enumerate(self.said):
            owner = said.event.owner
            unit = Unit(owner, "test", None, START + timedelta(minutes=n))
            one = unit.emit(said.event, subject=said.subject, gemeentecode=said.gemeentecode, id=self.id())
            found[owner].append(one.at(len(found[owner]) + 1))
        return found

    def per_service(self) -> Iterator[tuple[str, list[tuple[c.Event, UUID, str | None]]]]:
        """The events per service, as `emit_as` takes them."""
        for owner in ("intake", "matching", "routing", "outreach", "escalation"):
            yield owner, [(s.event, s.subject, s.gemeentecode) for s in self.said if s.event.owner == owner]

    def sealed_with(self, keys: Keys) -> None:
        """Seal the kenmerken of the signals for real; tests that open them need keys."""
        for said in self.said:
            if isinstance(said.event, c.SignalReceived):
                sealed = keys.seal(said.subject, said.subject, self.kenmerken[said.subject])
                said.event = said.event.model_copy(update={"kenmerk": sealed})


def ladder(story: Story, gemeente: str = "0505", partner: str = "woonbron", kenmerk: str = "HUUR-1") -> UUID:
    """A household from its first signal to an eviction that is averted, with everything between."""
    day = date(2026, 1, 5)
    zaak = story.case(gemeente, day)
    first = story.signal(partner, kenmerk, day, zaak, gemeente)
    aside = story.route(first, zaak, gemeente, aside=True)
    second = story.signal("waardstroom", f"E-{kenmerk}", day + timedelta(2), zaak, gemeente, match=True)
    story.route(first, zaak, gemeente, replaces=aside)
    story.route(second, zaak, gemeente)
    who = {"organisatie": "Sociale Wijkteams Dordrecht", "team": "Oost"}
    story.say(c.HandlerAssigned, zaak, gemeente, zaak_id=zaak, behandelaar=who)
    story.about(c.ContactAttempted, zaak, gemeente, day + timedelta(7), contactpoging_id=story.id(), melding_id=zaak,
                soort="Telefoon", bereikt=False, resultaat="Geen gehoor")  # fmt: skip
    story.about(c.ContactAttempted, zaak, gemeente, day + timedelta(9), contactpoging_id=story.id(), melding_id=zaak,
                soort="Huisbezoek", bereikt=True, dagdeel="Avond")  # fmt: skip
    story.about(c.HelpDeclined, zaak, gemeente, day + timedelta(9), melding_id=zaak)
    story.about(c.EscalatedToSignaleringPlus, zaak, gemeente, day + timedelta(40))
    later = story.signal(partner, kenmerk, day + timedelta(35), zaak, gemeente, melding=story.id(), recidive=True)
    for step, after in (("Overgedragen", 60), ("Dagvaarding", 75), ("Vonnis", 90)):
        story.about(c.DeurwaarderTransferred, zaak, gemeente, day + timedelta(after), signaal_id=later, fase=step,
                    deurwaarder="Kade en Dijk Gerechtsdeurwaarders")  # fmt: skip
    ontruiming = story.id()
    announced = day + timedelta(100)
    story.about(c.EvictionScheduled, zaak, gemeente, announced, ontruiming_id=ontruiming, signaal_id=later,
                aanzegdatum=announced, ontruimingsdatum=announced + timedelta(20))  # fmt: skip
    story.about(c.HelpAccepted, zaak, gemeente, announced + timedelta(3), soort="Schuldregeling")
    story.about(c.EvictionAverted, zaak, gemeente, announced + timedelta(10), ontruiming_id=ontruiming)
    return zaak


def muddle(story: Story) -> None:
    """What makes interleavings hard: a link made anew, an act on a signal without a case, a signal nobody knows."""
    day = date(2026, 2, 2)
    wrong, right = story.case("0505", day), story.case("0642", day)
    signaal = story.signal("trivire", "T-1", day, wrong)
    story.route(signaal, wrong, "0505")
    story.say(c.BRPMismatched, signaal, "0505", signaal_id=signaal, partner="trivire",
              signaalpartner=PARTNERS["trivire"], periode="2026-02", status="Uitval", gemeentecode="0505")  # fmt: skip
    story.link(signaal, right, "0642", right)
    story.route(signaal, right, "0642")
    waits = story.signal("trivire", "T-2", day)
    story.say(c.DeurwaarderTransferred, waits, None, signaal_id=waits, datum=day + timedelta(5), fase="Vonnis",
              deurwaarder="Kade en Dijk")  # fmt: skip
    story.link(waits, right, "0642", right)
    lost = story.signal("killewater", "K-9", day)
    story.say(c.SignalWithdrawn, lost, None, signaal_id=lost, partner="killewater", periode="2026-02",
              signaalpartner=PARTNERS["killewater"], reden="Betaald", datum=day + timedelta(9))  # fmt: skip
    story.say(c.BRPMismatched, lost, "regio", signaal_id=lost, partner="killewater", periode="2026-02",
              signaalpartner=PARTNERS["killewater"], status="Geen inwoner", gemeentecode="regio")  # fmt: skip
    gemeld = story.id()
    story.say(c.SelfReported, gemeld, "0505", aanmelding_id=gemeld, gemeentecode="0505", datum=day)
    for zaak, gemeente in ((wrong, "0505"), (right, "0642")):
        story.about(c.SelfReportMatched, zaak, gemeente, day, aanmelding_id=gemeld, melding_id=zaak, persoon_id=zaak,
                    adres_id=zaak, gemeentecode=gemeente, periode="2026-02",
                    persoon=Sealed(gemeld, gemeld, "AAAA"))  # fmt: skip
    other = story.case("0590", day)
    story.about(c.CaseTransferred, other, "0590", day + timedelta(30), naar_gemeentecode="0505", naar_zaak_id=wrong)


KEK = Kek(bytes(range(32)))


async def tell(drempel: Running, story: Story, *, parked: bool = False) -> None:
    """Say the story in every log, and wait until it was heard; `parked`: also when something was parked."""
    for service, events in story.per_service():
        await drempel.emit_as(service, events, tenant="woonbron" if service == "intake" else "0505")
    await drempel.rest(parked=parked)
