"""Monitoring decides nothing: it shows what happened, per case and per partner, in numbers and on pages.

Hears everything, says nothing. Two views, `timeline` and `partners`; each folds to the same rows for every
interleaving of the logs, is proved by `drempel verify` and made again by `drempel rebuild`. It has no grant on
the keyring, so nothing it keeps or shows can hold a person's data.
"""
