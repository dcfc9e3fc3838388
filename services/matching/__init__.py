"""Matching: whom a signal is about, according to the BRP, and to which household, case and melding it belongs.

Decides: person, household (a BRP address) and its kind, case, melding, and the facts match, recidive and herhaald; or
that nobody can tell yet. Hears: SignalReceived, SignalCorrected, SignalWithdrawn, SelfReported, and what ends a melding
or a case. Says: CaseOpened, BRPMatched, BRPMismatched (to the review queue), SelfReportMatched, SelfReportMismatched,
CaseTransferred.
A wrong person is far worse than a review: what is not certain is never linked, and nothing is dropped.
"""
