"""A day as it comes in from outside: between bounds, and written as a day."""

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from libs.events.values import Datum, Geboortedatum

DATUM: TypeAdapter[date] = TypeAdapter(Datum)
GEBOORTEDATUM: TypeAdapter[date] = TypeAdapter(Geboortedatum)


@pytest.mark.parametrize("day", ["2000-01-01", "2025-02-28", "2100-12-31"])
def test_a_day_within_bounds(day: str) -> None:
    assert DATUM.validate_python(day) == DATUM.validate_json(f'"{day}"') == date.fromisoformat(day)


@pytest.mark.parametrize(
    "day", ["1999-12-31", "2101-01-01", "9999-12-31", "0001-01-01", "2025-02-30", "2025-W01-1", "20250303",
            "٢٠٢٥-٠٣-٠٣", "2025-03-03T00:00:00", 1_700_000_000, True, None, []],
)  # fmt: skip
def test_anything_else_is_none(day: Any) -> None:
    for kind in (DATUM, GEBOORTEDATUM) if day != "1999-12-31" else (DATUM,):
        with pytest.raises(ValidationError):
            kind.validate_python(day)


def test_who_is_old_was_born_before_the_first_day() -> None:
    assert GEBOORTEDATUM.validate_python("1899-05-01") == date(1899, 5, 1)
    with pytest.raises(ValidationError):
        GEBOORTEDATUM.validate_python("1879-12-31")
