"""From what is heard to what is decided. Pure.

One rule: a decision is a function of what is known. Whenever something known changes, every signal it may touch is
decided again, also what was set aside, and that is said only where the route really differs. A withdrawn signal gets
no new decision. The policy in force on the day of the signal decides: that day never changes, whenever and in whatever
order signals, corrections and withdrawals arrive.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from heapq import heapify, heappop, heappush
from uuid import UUID

from libs.events.catalogue import (
    BRPMatched,
    BRPMismatched,
    CaseOpened,
    ContactAttempted,
    EvictionAverted,
    EvictionCarriedOut,
    EvictionScheduled,
    HelpAccepted,
    HelpDeclined,
    SignalWithdrawn,
)
from libs.events.envelope import Envelope
from libs.events.ids import derived
from services.routing.domain import Beeld, Daad, Genomen, Handeling, Koppeling, Signaal
from services.routing.feiten import WINDOW, feiten_van, maand
from services.routing.policy.document import Beleid
from services.routing.policy.evaluate import Besluit, decide, settle
from services.routing.policy.facts import Feiten

Beleidskeuze = Callable[[str, date], Beleid]
"""The policy of a municipality on a day."""

_DADEN: Mapping[type, Daad] = {
    ContactAttempted: Daad.CONTACT,
    HelpAccepted: Daad.HULP_AANVAARD,
    HelpDeclined: Daad.HULP_AFGEWEZEN,
    EvictionScheduled: Daad.ONTRUIMING_AANGEZEGD,
    EvictionAverted: Daad.ONTRUIMING_VOORBIJ,
    EvictionCarriedOut: Daad.ONTRUIMING_VOORBIJ,
}

HEARD = (SignalWithdrawn, CaseOpened, BRPMatched, BRPMismatched, *_DADEN)
"""The events from which decisions follow."""


@dataclass(frozen=True, slots=True)
class Uitspraak:
    """A decision to be said: under this id, on this signal, on these facts, instead of `vervangt`."""

    besluit_id: UUID
    signaal: Signaal
    koppeling: Koppeling
    feiten: Feiten
    besluit: Besluit
    vervangt: UUID | None


def hear(beeld: Beeld, event: Envelope) -> set[UUID]:
    """Take in one event; answers the signals whose facts it may have changed."""
    match event.data:
        case BRPMatched(signaal_id=signaal_id):
            return _linked(beeld, signaal_id, event.sequence, Koppeling.of(event.data))
        case BRPMismatched(signaal_id=signaal_id):
            return _linked(beeld, signaal_id, event.sequence, None)
        case SignalWithdrawn(signaal_id=signaal_id):
            signaal = beeld.signalen.get(signaal_id, Signaal(signaal_id))
            beeld.zet(replace(signaal, ingetrokken=True))
            return _touched(beeld, signaal)
        case CaseOpened(zaak_id=zaak_id, vorige_zaak_id=vorige):
            beeld.volgt(zaak_id, vorige)
            return {signaal.signaal_id for signaal, _ in beeld.van_huishouden(zaak_id)}
    return _done(beeld, event)


def _linked(beeld: Beeld, signaal_id: UUID, sequence: int, link: Koppeling | None) -> set[UUID]:
    """Matching says where a signal belongs, perhaps elsewhere than before; the highest sequence is the truth."""
    old = beeld.signalen.get(signaal_id, Signaal(signaal_id))
    if sequence <= old.sequence:
        return set()
    left = _touched(beeld, old)
    new = replace(old, sequence=sequence, koppeling=link)
    beeld.zet(new)
    return left | _touched(beeld, new) | {signaal_id}


def _done(beeld: Beeld, event: Envelope) -> set[UUID]:
    """Somebody did something: it counts for the signals of the household that came on that day or later."""
    data = event.data
    act = Handeling(
        event.id,
        _DADEN[type(data)],
        getattr(data, "aanzegdatum", None) or data.datum,  # type: ignore[attr-defined]
        event.sequence,
        zaak_id=getattr(data, "zaak_id", None),
        signaal_id=getattr(data, "signaal_id", None),
        bereikt=getattr(data, "bereikt", None),
        soort=data.soort if isinstance(data, ContactAttempted) else None,
        resultaat=getattr(data, "resultaat", None),
        ontruiming_id=getattr(data, "ontruiming_id", None),
    )
    beeld.doe(act)
    signaal = beeld.signalen.get(act.signaal_id) if act.signaal_id else None
    zaak_id = act.zaak_id or (signaal.koppeling.zaak_id if signaal and signaal.koppeling else None)
    if zaak_id is None:
        return set()
    return {one.signaal_id for one, link in beeld.van_huishouden(zaak_id) if link.signaaldatum >= act.datum}


def _touched(beeld: Beeld, signaal: Signaal) -> set[UUID]:
    """The signals that look at this one: at its address from its period on, later reports of its arrears, and its
    household where something was told of the signal itself."""
    link = signaal.koppeling
    if link is None:
        return set()
    now = maand(link.periode)
    at_address = {s.signaal_id for s, its in beeld.op_adres(link.adres_id) if 0 <= maand(its.periode) - now <= WINDOW}
    household = beeld.van_huishouden(link.zaak_id) if beeld.genoemd(signaal.signaal_id) else ()
    return at_address | _later(beeld, link) | {s.signaal_id for s, _ in household}


def _later(beeld: Beeld, link: Koppeling) -> set[UUID]:
    chain = beeld.van_achterstand(link.achterstand_id)
    return {signaal.signaal_id for signaal, its in chain if its.periode > link.periode}


def decide_again(beeld: Beeld, touched: set[UUID], cause: UUID, keuze: Beleidskeuze) -> Iterator[Uitspraak]:
    """Decide these signals again, oldest period first, and the later reports of an arrears whose decision changed;
    answers what is to be said, and knows it from then on. `cause` is the event that changed something."""
    waiting = [place for one in touched if (place := _place(beeld, one))]
    heapify(waiting)
    queued = set(touched)
    while waiting:
        said = _decide(beeld, heappop(waiting)[2], cause, keuze)
        if said is None:
            continue
        yield said
        for later in sorted(_later(beeld, said.koppeling) - queued):
            queued.add(later)
            if (place := _place(beeld, later)) is not None:
                heappush(waiting, place)


def route_of(besluit: Besluit) -> str:
    """The route of a decision as one word: equal where nothing but the words and the version of the policy differ."""
    words = {"uitleg", "beleid_versie", "grondslag", "wijzigingen"}
    return sha256(besluit.model_dump_json(exclude=words, exclude_defaults=True).encode()).hexdigest()


def _place(beeld: Beeld, signaal_id: UUID) -> tuple[str, int, UUID] | None:
    """When it is a signal's turn; None when it gets no decision."""
    signaal = beeld.signalen.get(signaal_id)
    if signaal is None or not signaal.open or signaal.koppeling is None:
        return None
    return signaal.koppeling.periode, signaal.sequence, signaal_id


def _decide(beeld: Beeld, signaal_id: UUID, cause: UUID, keuze: Beleidskeuze) -> Uitspraak | None:
    """The new decision on a signal; None when its route stays as it is."""
    signaal = beeld.signalen[signaal_id]
    link, was = signaal.koppeling, signaal.genomen
    assert link is not None  # noqa: S101
    feiten = feiten_van(signaal, link, beeld)
    beleid, day, place = keuze(link.gemeentecode, link.signaaldatum), link.signaaldatum, link.gemeentecode
    bare = settle(beleid, feiten, vandaag=day, gemeentecode=place)
    now = Genomen(derived(cause, f"besluit:{signaal_id}"), link.zaak_id, link.melding_id, bare.oppakken, route_of(bare))
    if was is not None and replace(was, besluit_id=now.besluit_id) == now:
        return None
    beeld.zet(replace(signaal, genomen=now))
    besluit = decide(beleid, feiten, vandaag=day, gemeentecode=place)  # the words, only where they are said
    return Uitspraak(now.besluit_id, signaal, link, feiten, besluit, was.besluit_id if was else None)
