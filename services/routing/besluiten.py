"""From what is heard to what is decided. Pure.

One rule: a decision is a function of what is known. Whenever something known changes, every signal it may touch is
decided again, also what was set aside, and that is said only where the route really differs. A signal is decided when
it is linked, also when it was withdrawn by then, so that the order in which the two are heard makes no difference;
once it is withdrawn, what others do no longer changes its decision. Where a document counts what is done in a month,
the later signals of that month are decided again too. The policy in force on the day of the signal decides: that day
never changes, whenever and in whatever order signals, corrections and withdrawals arrive.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from heapq import heapify, heappop, heappush
from typing import Any
from uuid import UUID

from libs.events.catalogue import (
    BRPMatched,
    BRPMismatched,
    CaseOpened,
    ContactAttempted,
    EscalatedToSignaleringPlus,
    EvictionAverted,
    EvictionCarriedOut,
    EvictionScheduled,
    FirstConversationHeld,
    HelpAccepted,
    HelpDeclined,
    MeldingClosed,
    SignalWithdrawn,
)
from libs.events.envelope import Envelope
from libs.events.ids import derived
from libs.events.values import Intrekkingsreden
from services.routing.domain import ONTRUIMING, Beeld, Daad, Genomen, Handeling, Koppeling, Signaal
from services.routing.feiten import WINDOW, feiten_van, maand
from services.routing.policy.document import Beleid
from services.routing.policy.evaluate import Besluit, decide, settle
from services.routing.policy.facts import Feiten
from services.routing.policy.wording import handler
from services.routing.telling import Telling, inzet_van

Beleidskeuze = Callable[[str, date], Beleid]
"""The policy of a municipality on a day."""

_DADEN: Mapping[type, Daad] = {
    ContactAttempted: Daad.CONTACT,
    FirstConversationHeld: Daad.GESPREK,
    HelpAccepted: Daad.HULP_AANVAARD,
    HelpDeclined: Daad.HULP_AFGEWEZEN,
    EscalatedToSignaleringPlus: Daad.SIGNALERING_PLUS,
    EvictionScheduled: Daad.ONTRUIMING_AANGEZEGD,
    EvictionAverted: Daad.ONTRUIMING_VOORBIJ,
    EvictionCarriedOut: Daad.ONTRUIMING_VOORBIJ,
    MeldingClosed: Daad.AFGESLOTEN,
}

EVICTION = (EvictionScheduled, EvictionAverted, EvictionCarriedOut)
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


def hear(beeld: Beeld, event: Envelope, keuze: Beleidskeuze) -> set[UUID]:
    """Take in one event; answers the signals whose facts it may have changed and that get a decision."""
    match event.data:
        case BRPMatched(signaal_id=signaal_id):
            return _linked(beeld, signaal_id, event.sequence, Koppeling.of(event.data), keuze)
        case BRPMismatched(signaal_id=signaal_id):
            return _linked(beeld, signaal_id, event.sequence, None, keuze)
        case SignalWithdrawn(signaal_id=signaal_id, reden=reden, datum=datum):
            signaal = beeld.signalen.get(signaal_id, Signaal(signaal_id))
            paid = datum if reden is Intrekkingsreden.BETAALD else None
            beeld.zet(replace(signaal, ingetrokken=True, betaald=paid))
            return _open(beeld, _touched(beeld, signaal) | _behind(beeld, signaal, keuze))
        case CaseOpened(zaak_id=zaak_id, vorige_zaak_id=vorige):
            left = {signaal.signaal_id for signaal, _ in beeld.van_huishouden(zaak_id)}
            beeld.volgt(zaak_id, vorige)
            return _open(beeld, left | {signaal.signaal_id for signaal, _ in beeld.van_huishouden(zaak_id)})
    return _open(beeld, _done(beeld, event))


def _open(beeld: Beeld, touched: set[UUID]) -> set[UUID]:
    return {one for one in touched if (signaal := beeld.signalen.get(one)) and signaal.open}


def _linked(beeld: Beeld, signaal_id: UUID, sequence: int, link: Koppeling | None, keuze: Beleidskeuze) -> set[UUID]:
    """Matching says where a signal belongs, perhaps elsewhere than before; the highest sequence is the truth, the
    lowest its place in the order."""
    old = beeld.signalen.get(signaal_id, Signaal(signaal_id))
    if link is not None and not 0 < old.volgorde <= sequence:
        old = replace(old, volgorde=sequence)
        beeld.zet(old)
    if sequence <= old.sequence:
        return _open(beeld, _behind(beeld, old, keuze) | {signaal_id})
    left = _touched(beeld, old) | _behind(beeld, old, keuze)
    new = replace(old, sequence=sequence, koppeling=link)
    beeld.zet(new)
    own = {signaal_id} if link is not None else set()
    return _open(beeld, left | _touched(beeld, new) | _behind(beeld, new, keuze)) | own


def _done(beeld: Beeld, event: Envelope) -> set[UUID]:
    """Somebody did something: it counts for the signals of the household that came on that day or later, an eviction
    for the last before it too; how a melding ended for those at its address."""
    act = _daad(event)
    beeld.doe(act)
    signaal = beeld.signalen.get(act.signaal_id) if act.signaal_id else None
    zaak_id = act.zaak_id or (signaal.koppeling.zaak_id if signaal and signaal.koppeling else None)
    if zaak_id is None:
        return set()
    household = list(beeld.van_huishouden(zaak_id))
    near = [*household]
    if act.daad in ONTRUIMING:
        return {one.signaal_id for one, _ in household}
    if act.daad is Daad.AFGESLOTEN:
        near += [one for adres in {link.adres_id for _, link in household} for one in beeld.op_adres(adres)]
    return {one.signaal_id for one, link in near if link.signaaldatum >= act.datum}


def _daad(event: Envelope) -> Handeling:
    data = event.data
    return Handeling(
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
        melding_id=data.melding_id if isinstance(data, MeldingClosed) else None,
    )


def _touched(beeld: Beeld, signaal: Signaal) -> set[UUID]:
    """The signals that look at this one: at its address from its period on, later reports of its arrears, and its
    household where something was told of the signal itself, or an eviction was announced."""
    link = signaal.koppeling
    if link is None:
        return set()
    now = maand(link.periode)
    at_address = {s.signaal_id for s, its in beeld.op_adres(link.adres_id) if 0 <= maand(its.periode) - now <= WINDOW}
    told = beeld.genoemd(signaal.signaal_id) or beeld.ontruiming(link.zaak_id)
    household = beeld.van_huishouden(link.zaak_id) if told else ()
    return at_address | _later(beeld, link) | {s.signaal_id for s, _ in household}


def _behind(beeld: Beeld, signaal: Signaal, keuze: Beleidskeuze) -> set[UUID]:
    """The signals behind this one in its month whose document counts what is done in a month."""
    link = signaal.koppeling
    if link is None:
        return set()
    place = signaal.volgorde, signaal.signaal_id
    return {
        other.signaal_id
        for other, its in beeld.van_maand(link.gemeentecode, link.periode)
        if place < (other.volgorde, other.signaal_id) and keuze(its.gemeentecode, its.signaaldatum).telt
    }


def _later(beeld: Beeld, link: Koppeling) -> set[UUID]:
    chain = beeld.van_achterstand(link.achterstand_id)
    return {signaal.signaal_id for signaal, its in chain if its.periode > link.periode}


def decide_again(beeld: Beeld, touched: set[UUID], cause: UUID, keuze: Beleidskeuze) -> Iterator[Uitspraak]:
    """Decide these signals again, oldest period first, then in the order of the log; and the later reports of an
    arrears whose decision changed, and those behind it in a month whose use changed. Answers what is to be said, and
    knows it from then on. `cause` is the event that changed something."""
    waiting = [_place(beeld, one) for one in touched]
    heapify(waiting)
    queued, standen = set(touched), Standen(beeld)
    while waiting:
        signaal = beeld.signalen[heappop(waiting)[2]]
        said = _decide(beeld, signaal, cause, keuze, standen)
        if said is None:
            continue
        yield said
        followed = _later(beeld, said.koppeling)
        was, now = signaal.genomen, beeld.signalen[signaal.signaal_id].genomen
        if was is None or now is None or (was.inzet, was.door) != (now.inzet, now.door):
            followed |= _behind(beeld, signaal, keuze)
        for later in _open(beeld, followed) - queued:
            queued.add(later)
            heappush(waiting, _place(beeld, later))


class Standen:
    """The use of the months that decisions ask for, told in order from what is decided on the signals."""

    def __init__(self, beeld: Beeld) -> None:
        self._beeld = beeld
        self._tellingen: dict[tuple[str, str], tuple[Telling, deque[tuple[int, UUID]]]] = {}

    def voor(self, signaal: Signaal, link: Koppeling, beleid: Beleid) -> dict[str, Any]:
        """The facts that a document that counts asks for; none for another."""
        if not beleid.telt:
            return {}
        key = link.gemeentecode, link.periode
        if key not in self._tellingen:
            order = deque((one.volgorde, one.signaal_id) for one, _ in self._beeld.van_maand(*key))
            self._tellingen[key] = Telling(link.gemeentecode), order
        telling, order = self._tellingen[key]
        while order and order[0] < (signaal.volgorde, signaal.signaal_id):
            before = self._beeld.signalen[order.popleft()[1]]
            taken, its = before.genomen, before.koppeling
            assert its is not None  # noqa: S101
            telling.telt(its.melding_id, taken.inzet if taken else (), taken.door if taken else "")
        return telling.voor(link.melding_id, beleid)


class Routewoord:
    """The route of a decision as one word: equal where nothing but the words and the version of the policy differ.
    Decisions that differ in their last day only share the making of it."""

    def __init__(self, besluit: Besluit) -> None:
        words = {"uitleg", "beleid_versie", "grondslag", "wijzigingen"}
        told, due = besluit.model_dump_json(exclude=words, exclude_defaults=True), besluit.uiterlijke_datum
        self._parts = told.split(f'"uiterlijke_datum":"{due}"') if due else [told]

    def op(self, day: date | None) -> str:
        """The word for this last day."""
        return sha256(f'"uiterlijke_datum":"{day}"'.join(self._parts).encode()).hexdigest()


def route_of(besluit: Besluit) -> str:
    """The route of a decision as one word."""
    return Routewoord(besluit).op(besluit.uiterlijke_datum)


def genomen_van(besluit: Besluit, besluit_id: UUID, link: Koppeling) -> Genomen:
    """A decision as it is remembered."""
    inzet = inzet_van(besluit.stappen)
    door = handler(besluit.behandelaar) if inzet else ""
    return Genomen(besluit_id, link.zaak_id, link.melding_id, besluit.oppakken, route_of(besluit), inzet, door)


def _place(beeld: Beeld, signaal_id: UUID) -> tuple[str, int, UUID]:
    """When it is a signal's turn."""
    signaal = beeld.signalen[signaal_id]
    assert signaal.koppeling is not None  # noqa: S101
    return signaal.koppeling.periode, signaal.volgorde, signaal_id


def _decide(beeld: Beeld, signaal: Signaal, cause: UUID, keuze: Beleidskeuze, standen: Standen) -> Uitspraak | None:
    """The new decision on a signal; None when its route stays as it is."""
    link, was = signaal.koppeling, signaal.genomen
    assert link is not None  # noqa: S101
    day, place = link.signaaldatum, link.gemeentecode
    beleid = keuze(place, day)
    feiten = feiten_van(signaal, link, beeld, beleid, standen.voor(signaal, link, beleid))
    bare = settle(beleid, feiten, vandaag=day, gemeentecode=place)
    now = genomen_van(bare, derived(cause, f"besluit:{signaal.signaal_id}"), link)
    if was is not None and replace(was, besluit_id=now.besluit_id) == now:
        return None
    beeld.zet(replace(signaal, genomen=now))
    besluit = decide(beleid, feiten, vandaag=day, gemeentecode=place)  # the words, only where they are said
    return Uitspraak(now.besluit_id, signaal, link, feiten, besluit, was.besluit_id if was else None)
