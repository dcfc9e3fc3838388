"""The reason of `drempel parked skip` is kept for good: short, one line, and nothing in it that looks like a person."""

import pytest
from typer.testing import CliRunner, Result

from drempel.cli import app


def skip(reden: str) -> Result:
    """The command; where the reason is fine it fails later, for there is no such consumer."""
    return CliRunner().invoke(app, ["parked", "skip", "nergens.iets", "intake", "1", "--reden", reden])


@pytest.mark.parametrize(
    "reden",
    ["", "  ", "x" * 121, "twee\nregels", "bel 0612345678", "BSN 999993653", "mail a@voorbeeld.nl",
     "woont op 3311AB 10", "woont op 3311 AB", "geboren 1985-06-15", "06 12 34 56 78"],
)  # fmt: skip
def test_a_reason_that_is_too_long_or_personal_is_refused_before_anything_is_done(reden: str) -> None:
    answer = skip(reden)
    assert answer.exit_code == 2
    assert "--reden" in answer.stderr
    assert not reden.strip() or reden not in answer.stderr, "and not said back"


@pytest.mark.parametrize("reden", ["BRP antwoordt fout, melding 4711", "verholpen in 2025 door release 12", "dubbel"])
def test_any_other_reason_is_taken_with_a_warning(reden: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = skip(reden)
    assert answer.exit_code == 1
    assert "geen namen" in answer.stderr
    assert "no such parked event" in answer.stderr
