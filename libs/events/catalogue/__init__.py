"""The domain events: what is now true, and who says so.

One frozen class each; the docstring's first sentence is the summary in the published documents. A stored
name never changes; a new shape raises `version` and adds one step in `upcasting.py`. Every case event may
carry `zaakId` None with a `signaalId` only where the case of a known signal is not known yet: whoever keeps
cases joins it when the signal is linked.
"""

from libs.events.catalogue.escalation import (
    ActionTaken,
    CollectionPaused,
    CollectionResumed,
    DeurwaarderTransferred,
    EscalatedToSignaleringPlus,
    EscalationEvent,
    EvictionAverted,
    EvictionCarriedOut,
    EvictionPostponed,
    EvictionScheduled,
    MoratoriumDecided,
    MoratoriumRequested,
    ReportedToMPZO,
    TermBreached,
    TermEvent,
    TermMet,
    TermStarted,
)
from libs.events.catalogue.event import Event
from libs.events.catalogue.intake import SignalCorrected, SignalReceived, SignalWithdrawn
from libs.events.catalogue.matching import (
    BRPMatched,
    BRPMismatched,
    CaseOpened,
    CaseTransferred,
    SelfReportMatched,
    SelfReportMismatched,
)
from libs.events.catalogue.outreach import (
    AftercareDone,
    CaseClosed,
    ContactAttempted,
    DecisionTaken,
    FirstConversationHeld,
    HandlerAssigned,
    HelpAccepted,
    HelpDeclined,
    HelpEnded,
    MeldingClosed,
    OutreachEvent,
    SelfReported,
)
from libs.events.catalogue.routing import PolicyPublished, RouteAssigned, SignalSetAside

__all__ = [
    "CATALOGUE",
    "ActionTaken",
    "AftercareDone",
    "BRPMatched",
    "BRPMismatched",
    "CaseClosed",
    "CaseOpened",
    "CaseTransferred",
    "CollectionPaused",
    "CollectionResumed",
    "ContactAttempted",
    "DecisionTaken",
    "DeurwaarderTransferred",
    "EscalatedToSignaleringPlus",
    "EscalationEvent",
    "Event",
    "EvictionAverted",
    "EvictionCarriedOut",
    "EvictionPostponed",
    "EvictionScheduled",
    "FirstConversationHeld",
    "HandlerAssigned",
    "HelpAccepted",
    "HelpDeclined",
    "HelpEnded",
    "MeldingClosed",
    "MoratoriumDecided",
    "MoratoriumRequested",
    "OutreachEvent",
    "PolicyPublished",
    "ReportedToMPZO",
    "RouteAssigned",
    "SelfReportMatched",
    "SelfReportMismatched",
    "SelfReported",
    "SignalCorrected",
    "SignalReceived",
    "SignalSetAside",
    "SignalWithdrawn",
    "TermBreached",
    "TermEvent",
    "TermMet",
    "TermStarted",
]


_BASES = (EscalationEvent, OutreachEvent, TermEvent)


def _all(base: type[Event]) -> list[type[Event]]:
    found: list[type[Event]] = []
    for kind in base.__subclasses__():
        if kind not in _BASES:
            found.append(kind)
        found += _all(kind)
    return found


CATALOGUE: dict[str, type[Event]] = {kind.name(): kind for kind in _all(Event)}
"""Every event by its stored name."""
