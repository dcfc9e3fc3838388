"""Escalation follows a case up the ladder: Signalering+, bailiff, eviction, and what is done to come down again.

Decides whether a case goes to Signalering+ and whether a reported step fits what is known; everything else is a
fact somebody reports. Hears what intake, matching and outreach say of signals and cases. Says
EscalatedToSignaleringPlus, ActionTaken, ReportedToMPZO, CollectionPaused, CollectionResumed, MoratoriumRequested,
MoratoriumDecided, DeurwaarderTransferred and the Eviction events. Holds no grant on personal data: it reads clear
facts only, and keeps no reference by which a bailiff's file could be found.
"""
