"""Routing decides per signal whether it is picked up, along which route, by whom and before when.

Hears BRPMatched, SignalWithdrawn, ContactAttempted, FirstConversationHeld, HelpAccepted, HelpDeclined and
EscalatedToSignaleringPlus. Says RouteAssigned, SignalSetAside and PolicyPublished: of what a municipality publishes
and, at its start, of what ships. Holds no grant on personal data: it reads clear facts only.
"""
