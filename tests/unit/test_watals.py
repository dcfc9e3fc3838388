"""The report of a what-if as it is printed: every line fits a terminal of eighty columns."""

from decimal import Decimal

from rich.console import Console

from drempel.cli.watals import gedrukt
from tests.matched import gekoppeld
from tests.unit.test_simulatie import SEVENTY, drempel, historie, verslag


def printed(amount: int, fte: float | None = None) -> str:
    recorded = historie(gekoppeld(1, 3, **SEVENTY), gekoppeld(2, 5, adres=2, zaak=2, bedrag=Decimal(700)))
    found = verslag(recorded, drempel(amount), fte=fte) | {"gemeentecode": "0505", "beleidVersie": f"drempel-{amount}"}
    console = Console(width=80)
    with console.capture() as said:
        for part in gedrukt(found):
            console.print(part, highlight=False, soft_wrap=isinstance(part, str))
    return said.get()


def test_a_month_that_stays_the_same_is_one_line_and_another_two() -> None:
    text = printed(100, fte=0.001)
    rows = [line.split() for line in text.splitlines()]
    assert any(row[:2] == ["2025-03", "was"] for row in rows)
    assert any(row[:1] == ["wordt"] for row in rows)
    assert "Anders gegaan: 1 van 2 signalen." in text
    assert "1 keer bericht -> drempelbedrag" in text
    assert "Brief, Mail -> niet opgepakt (onder drempelbedrag)" in text
    assert "Termijnen in gevaar bij 0,001 fte" in text
    assert all(len(line) <= 80 for line in text.splitlines() if line[:2] == " 2")


def test_the_policy_of_history_has_nothing_to_tell() -> None:
    text = printed(50)
    assert "Anders gegaan: 0 van 2 signalen." in text
    assert " was " not in text
    assert "fte" not in text
