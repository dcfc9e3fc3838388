"""Dutch working days: Monday to Friday, without the generally recognised holidays.

Holidays as in the Algemene termijnenwet, art. 3: New Year's Day, Good Friday (put on a par), Easter Monday,
King's Day, Liberation Day, Ascension Day, Whit Monday, Christmas and Boxing Day. Christian holidays move
with Easter; King's Day is 27 April, a day earlier when that is a Sunday.
"""

from datetime import date, timedelta
from functools import lru_cache

_SATURDAY, _SUNDAY = 5, 6


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the anonymous algorithm, also named after Meeus)."""
    golden = year % 19
    century, in_century = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon_shift + 15) % 30
    leap_years, year_rest = divmod(in_century, 4)
    to_sunday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=256)
def feestdagen(year: int) -> frozenset[date]:
    """The holidays of a year on which the civil service is closed."""
    sunday = easter(year)
    moving = (-2, 0, 1, 39, 49, 50)
    kings_day = date(year, 4, 27)
    if kings_day.weekday() == _SUNDAY:
        kings_day -= timedelta(days=1)
    fixed = (date(year, 1, 1), kings_day, date(year, 5, 5), date(year, 12, 25), date(year, 12, 26))
    return frozenset({*fixed, *(sunday + timedelta(days=shift) for shift in moving)})


def is_werkdag(day: date) -> bool:
    """True on a working day."""
    return day.weekday() < _SATURDAY and day not in feestdagen(day.year)


def plus_werkdagen(start: date, days: int) -> date:
    """The working day that is ``days`` (0 or more) working days after ``start``; ``start`` does not count."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_werkdag(day)
    return day


def op_werkdag(day: date) -> date:
    """``day`` itself, or the first working day after it: where a term of law ends (Algemene termijnenwet, art. 1)."""
    while not is_werkdag(day):
        day += timedelta(days=1)
    return day


def werkdagen_tot(start: date, last: date) -> int:
    """Working days after ``start`` up to and including ``last``; 0 when ``last`` is not after ``start``."""
    return sum(is_werkdag(start + timedelta(days=n)) for n in range(1, (last - start).days + 1))
