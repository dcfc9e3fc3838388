"""Escalation follows a case up the ladder: Signalering+, bailiff, eviction, and what is done to come down again.

Decides whether a case goes to Signalering+ and whether a reported step fits what is known; everything else is a
fact somebody reports. Hears what intake, matching, routing and outreach say of signals and cases. Says
EscalatedToSignaleringPlus, ActionTaken, ReportedToMPZO, CollectionPaused, CollectionResumed, MoratoriumRequested,
MoratoriumDecided, DeurwaarderTransferred, the Eviction events, and of the clocks of law and convenant TermStarted,
TermMet and, by the time alone, TermBreached. Holds no grant on personal data: it reads clear
facts only, and keeps no reference by which a bailiff's file could be found.
"""
