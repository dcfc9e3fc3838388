"""When a household is left alone."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from libs.events.afspraken import Uitvoering
from libs.events.catalogue import ContactAttempted, Event, HelpAccepted, HelpDeclined, SelfReported
from libs.events.values import Contactsoort
from services.outreach.rust import Contacten, Rust, rust
from tests.examples import example

MAART, APRIL = UUID(int=3), UUID(int=4)


def contact(melding: UUID, dag: date, **fields: Any) -> Event:
    return example(
        ContactAttempted, melding_id=melding, datum=dag, **{"soort": Contactsoort.TELEFOON, "bereikt": False} | fields
    )


def rests(*eigen: Event, melding: UUID = APRIL, dringend: bool = False, **regels: Any) -> Rust | None:
    return rust(Contacten.van(eigen), str(melding), Uitvoering(**regels), dringend=dringend)


DAY = date(2025, 3, 20)


@pytest.mark.parametrize(
    ("eigen", "expected"),
    [
        ([], None),
        ([contact(MAART, DAY)], Rust(date(2025, 3, 27), "rustperiode")),
        ([contact(APRIL, DAY)], None),
        ([contact(APRIL, DAY, bereikt=True)], Rust(date(2025, 3, 27), "rustperiode")),
        ([contact(MAART, DAY, soort=Contactsoort.ADMINISTRATIEF)], None),
        ([example(HelpDeclined, datum=DAY)], Rust(date(2025, 4, 19), "nee")),
        ([example(HelpDeclined, datum=DAY), contact(MAART, date(2025, 4, 17))], Rust(date(2025, 4, 24), "rustperiode")),
        ([example(HelpDeclined, datum=DAY), example(HelpAccepted, datum=DAY)], None),
        ([example(SelfReported, datum=DAY), example(HelpDeclined, datum=DAY - timedelta(days=1))], None),
        ([example(HelpDeclined, datum=DAY), example(SelfReported, datum=DAY - timedelta(days=1))],
         Rust(date(2025, 4, 19), "nee")),
    ],
)  # fmt: skip
def test_when_a_household_is_left_alone(eigen: list[Event], expected: Rust | None) -> None:
    assert rests(*eigen) == expected
    assert rests(*eigen, dringend=True) is None


def test_the_length_of_a_rest_is_the_municipalitys_and_nought_is_none() -> None:
    assert rests(contact(MAART, DAY), rustperiode_dagen=0) is None
    assert rests(example(HelpDeclined, datum=DAY), nee_respecteren_dagen=100) == Rust(date(2025, 6, 28), "nee")


def test_what_is_kept_of_several_cases_adds_up() -> None:
    first = Contacten.van([contact(MAART, DAY), example(HelpDeclined, datum=DAY)])
    second = Contacten.van([contact(APRIL, date(2025, 4, 2), bereikt=True)])
    found = Contacten.uit([first.bewaard(), second.bewaard()])
    assert found == Contacten({str(MAART): DAY, str(APRIL): date(2025, 4, 2)}, date(2025, 4, 2), DAY)


@pytest.mark.parametrize(
    "wrong",
    [{"rustperiodeDagen": 93}, {"rustperiodeDagen": -1}, {"kantoorurenVan": "18:00"}, {"kantoorurenTot": "24:00"},
     {"brieven": {"Met Hoofdletter": ["x"]}}, {"brieven": {"lang": ["x"] * 21}}, {"werkdagenTussenPogingen": 21},
     {"callcenterPogingen": 0}, {"contactregels": ["x"] * 7}, {"onbekend": 1}],
)  # fmt: skip
def test_settings_are_bounded(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Uitvoering.model_validate(wrong)
