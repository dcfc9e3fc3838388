"""What is heard becomes decisions: per batch, what is known around it is read, decided on in order, and written."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from libs.events.catalogue import BRPMatched, CaseOpened, Event, RouteAssigned, SignalSetAside
from libs.events.consumer import Reaction
from libs.events.envelope import Envelope
from libs.events.unit import Unit
from services.routing import store
from services.routing.besluiten import EVICTION, HEARD, Uitspraak, decide_again, hear
from services.routing.domain import Beeld, Koppeling
from services.routing.store import Rondom
from services.routing.versies import Versies


async def decide_batch(unit: Unit, events: Sequence[Envelope], prepared: Any) -> None:
    """Take in each event and say the decisions that follow from it."""
    await store.serialise(unit.conn)
    beeld, versies = await _known(unit, events)
    before = beeld.copy()
    told: list[Uitspraak] = []
    for event in events:
        for said in decide_again(beeld, hear(beeld, event, versies.op), event.id, versies.op):
            link = said.koppeling
            unit.emit(_event(said), subject=link.zaak_id, gemeentecode=link.gemeentecode, cause=event)
            told.append(said)
    await store.save(unit.conn, before, beeld)
    await store.tell(unit.conn, told, unit.now)


besluiten = Reaction("routing.besluiten", HEARD, decide_batch)


async def _known(unit: Unit, events: Sequence[Envelope]) -> tuple[Beeld, Versies]:
    """What is known around the events; where a document counts what is done in a month, all of the months that they
    may touch."""
    around = _around(events)
    seen: set[tuple[str, str]] = set()
    while True:
        beeld = await store.load(unit.conn, around)
        versies = await store.versies(unit.conn, _gemeenten(beeld, events))
        months = _counted(beeld, events, versies) - seen
        if not months:
            return beeld, versies
        seen |= months
        around.signalen |= await store.van_maanden(unit.conn, months)


def _counted(beeld: Beeld, events: Sequence[Envelope], versies: Versies) -> set[tuple[str, str]]:
    """The months, from the first that an event touches, in which a document counts."""
    links = [one.koppeling for one in beeld.signalen.values() if one.koppeling]
    links += [Koppeling.of(event.data) for event in events if isinstance(event.data, BRPMatched)]
    counted = {(its.gemeentecode, its.periode) for its in links if versies.op(its.gemeentecode, its.signaaldatum).telt}
    if not counted:
        return counted
    begin = min(month for event in events for month in _months(beeld, event))
    return {(place, month) for place, month in counted if month >= begin}


def _months(beeld: Beeld, event: Envelope) -> Iterator[str]:
    """The months in which an event changes something, and none before."""
    data = event.data
    yield f"{event.time:%Y-%m}"
    if isinstance(data, BRPMatched):
        yield data.periode
    if (day := getattr(data, "aanzegdatum", None) or getattr(data, "datum", None)) is not None:
        yield f"{day:%Y-%m}"
    named = beeld.signalen.get(getattr(data, "signaal_id", None) or UUID(int=0))
    if named is not None and named.koppeling is not None:
        yield named.koppeling.periode
    own = named.koppeling.zaak_id if named and named.koppeling else None
    for case in {own, getattr(data, "zaak_id", None), getattr(data, "vorige_zaak_id", None)}:
        if case is not None and (isinstance(data, (CaseOpened, *EVICTION)) or beeld.ontruiming(case)):
            yield from (its.periode for _, its in beeld.van_huishouden(case))


def _around(events: Sequence[Envelope]) -> Rondom:
    around = Rondom()
    for event in events:
        data = event.data
        if isinstance(data, BRPMatched):
            around.with_link(data.signaal_id, Koppeling.of(data))
        for name, ids in (("signaal_id", around.signalen), ("zaak_id", around.zaken), ("vorige_zaak_id", around.zaken)):
            found: UUID | None = getattr(data, name, None)
            if found is not None:
                ids.add(found)
    return around


def _gemeenten(beeld: Beeld, events: Sequence[Envelope]) -> set[str]:
    known = {one.koppeling.gemeentecode for one in beeld.signalen.values() if one.koppeling}
    return known | {event.gemeentecode for event in events if event.gemeentecode}


def _event(said: Uitspraak) -> Event:
    """The decision as an event; its facts go along, so that it can be derived again from it and the policy alone."""
    besluit, link = said.besluit, said.koppeling
    common: dict[str, Any] = {
        "besluit_id": said.besluit_id,
        "signaal_id": said.signaal.signaal_id,
        "zaak_id": link.zaak_id,
        "melding_id": link.melding_id,
        "regel": besluit.regel,
        "uitleg": besluit.uitleg,
        "beleid_versie": besluit.beleid_versie,
        "vervangt": said.vervangt,
        "feiten": said.feiten.model_dump(mode="json", by_alias=True, exclude_none=True),
    }
    if besluit.reden is not None:
        return SignalSetAside(**common, reden=besluit.reden.eindresultaat)
    return RouteAssigned(
        **common,
        contactsoorten=besluit.contactsoorten,
        stappen=besluit.stappen,
        behandelaar=besluit.behandelaar,
        prioriteit=besluit.prioriteit,
        uiterlijke_datum=besluit.uiterlijke_datum or link.signaaldatum,
        aanwijzingen=besluit.aanwijzingen or None,
        zelfde_consulent=besluit.zelfde_consulent,
    )
