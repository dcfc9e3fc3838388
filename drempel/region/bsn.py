"""Citizen service numbers that belong to nobody and pass the eleven test.

The ranges 9999xxxxx and 0000xxxxx are those of BRP test data; together they hold some 18,000 numbers. A region
with more people takes more from 99xxxxxxx (assumption: not issued in life).
"""

from array import array
from collections.abc import Iterator
from itertools import chain, islice
from random import Random

TESTRUIMTE = (99_990_000, 0)
"""First eight digits at which the two test ranges of 10,000 prefixes begin."""


def elfproef(burgerservicenummer: str) -> bool:
    """Whether nine digits pass the eleven test: 9a + 8b + ... + 2h - i is a multiple of 11 and not zero."""
    if len(burgerservicenummer) != 9 or not burgerservicenummer.isascii() or not burgerservicenummer.isdigit():
        return False
    cijfers = [int(cijfer) for cijfer in burgerservicenummer]
    som = sum(gewicht * cijfer for gewicht, cijfer in zip(range(9, 1, -1), cijfers, strict=False)) - cijfers[8]
    return som % 11 == 0 and any(cijfers)


def _geldige(begin: int, aantal: int) -> Iterator[int]:
    for stam in range(begin, begin + aantal):
        som, rest = 0, stam
        for gewicht in range(2, 10):
            rest, cijfer = divmod(rest, 10)
            som += gewicht * cijfer
        if som % 11 < 10 and stam:
            yield stam * 10 + som % 11


def nummers(rng: Random, aantal: int) -> "array[int]":
    """`aantal` different numbers in random order, as integers of at most nine digits; OverflowError when too many."""
    testruimte = list(chain.from_iterable(_geldige(begin, 10_000) for begin in TESTRUIMTE))
    rng.shuffle(testruimte)
    gekozen = array("I", testruimte[:aantal])
    gekozen.extend(islice(_geldige(99_000_000, 990_000), max(0, aantal - len(gekozen))))
    if len(gekozen) < aantal:
        raise OverflowError("the region has more people than there are numbers")
    return gekozen
