"""Outreach: the contact with a household.

Decides: which acts may be done on a case, and when a melding or a case is closed.
Hears: signals (intake), cases and links (matching), routes (routing), bailiffs and evictions (escalation).
Says: ContactAttempted, FirstConversationHeld, DecisionTaken, HelpAccepted, HelpDeclined, HelpEnded, AftercareDone,
HandlerAssigned, MeldingClosed, CaseClosed, SelfReported.
"""
