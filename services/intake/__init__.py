"""Intake: takes in what signal partners send, and tells them what they may know of it.

Decides whether a row is a signal, and whether it is new, a redelivery or a correction; hears the last words of
matching, routing and outreach about a signal; says SignalReceived, SignalCorrected and SignalWithdrawn.
"""
