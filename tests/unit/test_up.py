"""`drempel up` where it can't: it says why in a sentence, before anything is started."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from drempel.cli import app


def up(*arguments: str) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(app, ["up", *arguments])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder; and the log of the tests again afterwards, for that of the command is closed then."""
    monkeypatch.setenv("DREMPEL_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DREMPEL_DATABASE_URL", "postgresql://niemand@127.0.0.1:1/niets")
    yield tmp_path
    structlog.reset_defaults()


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = up("--port", str(port))
    assert answer.exit_code == 3
    assert f"port {port} on 127.0.0.1" in answer.stderr


def test_no_database() -> None:
    answer = up("--port", "0")
    assert answer.exit_code == 3
    assert "no connection" in answer.stderr


@pytest.mark.parametrize("content", ["{", "[1]", '[{"key": "X!", "naam": "Kwikstaartje"}]'])
def test_a_document_that_does_not_fit(folder: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    (folder / "partners.json").write_text(content)
    monkeypatch.setenv("DREMPEL_PARTNERS", str(folder / "partners.json"))
    (folder / "lading.csv").write_text("kenmerk\n")
    answer = CliRunner().invoke(app, ["load", str(folder / "lading.csv"), "--partner", "woonbron"])
    assert answer.exit_code == 2
    assert "does not fit" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "Kwikstaartje" not in answer.stderr
