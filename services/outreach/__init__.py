"""Outreach: the contact with a household.

Decides: which acts may be done on a case, when a melding or a case is closed, and whether a household that returns is
given to the caseworker who had it before.
Hears: signals (intake), cases and links (matching), routes (routing), bailiffs, evictions and clocks (escalation).
Says: ContactAttempted, FirstConversationHeld, DecisionTaken, HelpAccepted, HelpDeclined, HelpEnded, AftercareDone,
HandlerAssigned, MeldingClosed, CaseClosed, SelfReported.
"""
