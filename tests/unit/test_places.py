"""Where databases are: one for all, one per service, and what does not go together is said in a sentence."""

from pathlib import Path
from uuid import uuid4

import pytest
import typer
from pydantic import SecretStr
from structlog.testing import capture_logs
from typer.testing import CliRunner

from drempel.cli import app
from drempel.cli.running import with_persons
from libs.chassis.run import kek_of
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
    found = Settings.from_env({"DREMPEL_KEYRING_URL": "postgresql://een@daar/k"})
    found.check()
    assert found.keyring_of(None) == "postgresql://een@daar/k"


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


NOBODY = "postgresql://niemand@127.0.0.1:1/niets"
RETRY, SKIP = ["parked", "retry"], ["parked", "skip", "matching.koppelen", "intake", "1", "--reden", "x"]


@pytest.mark.parametrize("command", [RETRY, [*RETRY, "matching.koppelen"], SKIP])
@pytest.mark.parametrize("where", ["", "_MATCHING"])
def test_beside_a_database_that_was_given_nobody_is_invented(
    command: list[str], where: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DREMPEL_DATA", str(tmp_path))
    monkeypatch.setenv(f"DREMPEL_DATABASE_URL{where}", NOBODY)
    answer = CliRunner().invoke(app, command)
    assert answer.exit_code == 2
    assert "set DREMPEL_BRP_URL" in " ".join(answer.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_a_command_asks_the_persons_that_up_made_and_no_others(tmp_path: Path) -> None:
    with pytest.raises(typer.Exit) as ended:
        with_persons(Settings(), tmp_path, invent=False)
    assert ended.value.exit_code == 2
    made = with_persons(Settings(), tmp_path)
    assert with_persons(Settings(), tmp_path, invent=False) == made
    assert with_persons(Settings(), tmp_path / "x", ["routing"], invent=False).brp_personen is None


def test_a_start_that_invents_persons_beside_a_database_that_was_given_says_so(tmp_path: Path) -> None:
    with capture_logs() as logged:
        with_persons(Settings(database_url=SecretStr(NOBODY)), tmp_path)
    assert [(one["event"], one["log_level"]) for one in logged] == [("brp_is_the_trial_environment", "warning")]


@pytest.mark.parametrize("command", [["verify"], [*RETRY, "routing.besluiten"], ["timeline", str(uuid4())]])
def test_a_command_makes_no_key(command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DREMPEL_DATA", str(tmp_path))
    monkeypatch.setenv("DREMPEL_DATABASE_URL", NOBODY)
    answer = CliRunner().invoke(app, command)
    assert answer.exit_code == 2
    assert "set DREMPEL_KEK_FILE to that of the services" in " ".join(answer.stderr.split())
    assert not (tmp_path / "kek").exists()


def test_a_key_is_made_where_roles_get_their_passwords_from_it_only(tmp_path: Path) -> None:
    with pytest.raises(SettingsDoNotFit, match="DREMPEL_KEK_FILE"):
        kek_of(Settings(), tmp_path, make=False)
    assert kek_of(Settings(), tmp_path).derive("x") == kek_of(Settings(), tmp_path, make=False).derive("x")
    (tmp_path / "kek").write_text("geen sleutel")
    with pytest.raises(SettingsDoNotFit, match="64 hex digits"):
        kek_of(Settings(), tmp_path)


@pytest.mark.parametrize("command", [RETRY, ["parked", "show"]])
def test_a_service_whose_address_is_not_given_is_named(
    command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kek").write_text("ab" * 32)
    for name, value in {**APART, "DREMPEL_KAFKA": "hier:9092", "DREMPEL_DATA": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    answer = CliRunner().invoke(app, [*command, "routing.besluiten", *(["intake", "1"] if "show" in command else [])])
    assert answer.exit_code == 2
    assert "set DREMPEL_DATABASE_URL_ROUTING" in " ".join(answer.stderr.split())


def test_a_consumer_that_is_nobodys_is_none_of_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DREMPEL_DATA", str(tmp_path))
    monkeypatch.setenv("DREMPEL_DATABASE_URL", NOBODY)
    answer = CliRunner().invoke(app, [*RETRY, "niemand.iets"])
    assert (answer.exit_code, "CONSUMER is none" in answer.stderr) == (2, True)
