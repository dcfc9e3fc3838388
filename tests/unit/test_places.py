"""Where databases are: one for all, one per service, and what does not go together is said in a sentence."""

from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from drempel.cli import app
from libs.chassis.settings import Settings, SettingsDoNotFit

APART = {"DREMPEL_DATABASE_URL_INTAKE": "postgresql://een@hier/intake"}


def test_a_service_with_a_database_of_its_own_is_found_there() -> None:
    found = Settings.from_env({**APART, "DREMPEL_KAFKA": "hier:9092", "DREMPEL_KEYRING_URL": "postgresql://een@daar/k"})
    found.check()
    assert found.database_of("intake", "postgresql://een@hier/alles") == "postgresql://een@hier/intake"
    assert found.database_of("routing", "postgresql://een@hier/alles") == "postgresql://een@hier/alles"
    assert found.keyring_of("postgresql://een@hier/alles") == "postgresql://een@daar/k"


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda s: s.database_of("routing", None), "DREMPEL_DATABASE_URL_ROUTING"),
        (lambda s: s.keyring_of(None), "DREMPEL_KEYRING_URL"),
    ],
)
def test_what_is_nowhere_is_named(ask: object, says: str) -> None:
    with pytest.raises(SettingsDoNotFit, match=says):
        ask(Settings.from_env(APART))  # type: ignore[operator]


def test_without_kafka_databases_apart_are_refused() -> None:
    with pytest.raises(SettingsDoNotFit, match="without Kafka"):
        Settings.from_env(APART).check()


def test_a_keyring_apart_needs_no_kafka() -> None:
    Settings.from_env({"DREMPEL_KEYRING_URL": "postgresql://een@daar/k"}).check()


def test_what_puts_all_services_together_says_that_they_are_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DREMPEL_DATA", str(tmp_path))
    monkeypatch.setenv("DREMPEL_DATABASE_URL_INTAKE", "postgresql://een@hier/intake")
    answer = CliRunner().invoke(app, ["timeline", str(uuid4())])
    assert answer.exit_code == 2
    assert "docs/distributed.md" in " ".join(answer.stderr.split())


@pytest.mark.parametrize("command", [["verify"], ["rebuild", "timeline"]])
@pytest.mark.parametrize(
    ("service", "says"), [("INTAKE", "set DREMPEL_DATABASE_URL_MONITORING"), ("MONITORING", "set DREMPEL_KAFKA")]
)
def test_what_reads_the_topic_says_what_it_needs(
    command: list[str], service: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DREMPEL_DATA", str(tmp_path))
    monkeypatch.setenv(f"DREMPEL_DATABASE_URL_{service}", "postgresql://een@hier/een")
    answer = CliRunner().invoke(app, command)
    assert answer.exit_code == 2
    assert says in " ".join(answer.stderr.split())
