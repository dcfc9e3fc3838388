"""The documents say what the code says."""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from typer.main import get_command

from drempel.cli import app
from libs.chassis.settings import SERVICES, Settings
from libs.events import values
from libs.events.catalogue import CATALOGUE

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
GLOSSARY = (ROOT / "docs/glossary.md").read_text()


def events_table() -> list[str]:
    """A line per event: its name, who says it, and the first sentence of its docstring."""
    lines = []
    for service in SERVICES:
        for name, kind in CATALOGUE.items():
            if kind.owner == service:
                said = (kind.__doc__ or "").split(";")[0].split(".\n")[0].strip().rstrip(".")
                lines.append(f"| {name} | {service} | {' '.join(said.split())} |")
    return lines


def settings_table() -> list[str]:
    """A line per setting: its variable and what it is."""
    lines = []
    for name, field in Settings.model_fields.items():
        if name != "database_url_per_service":
            lines.append(f"| `DREMPEL_{name.upper()}` | {field.description} |")
    return lines


@pytest.mark.parametrize("line", [*events_table(), *settings_table()])
def test_the_readme_has_every_event_and_setting(line: str) -> None:
    assert line in README


def test_the_readme_names_no_event_that_is_not_there() -> None:
    named = set(re.findall(r"^\| ([A-Z][A-Za-z]+) \| (?:" + "|".join(SERVICES) + r") \|", README, re.MULTILINE))
    assert named == set(CATALOGUE)


def test_every_command_is_documented_with_its_exit_statuses() -> None:
    text = (ROOT / "docs/commands.md").read_text()
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        for path in [name, *(f"{name} {sub}" for sub in getattr(command, "commands", {}))]:
            if " " in path or not getattr(command, "commands", {}):
                assert f"`drempel {path}" in text, path


def test_links_between_documents_lead_somewhere() -> None:
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_values_of_the_field_are_in_the_glossary() -> None:
    terms = {row.split("|")[1].strip().lower() for row in GLOSSARY.splitlines() if row.startswith("| ")}
    named = {word.strip() for term in terms for word in term.split(",")}
    own = [v for v in vars(values).values() if isinstance(v, type) and v.__module__ == values.__name__]
    missing = {kind.__name__ for kind in own} - {"Value", "SocialeIncasso", "Persoon", "Intrekkingsreden",
              "Signaalsoort", "Deurwaardersfase", "Ontruimingsgrond"}  # fmt: skip
    assert {m for m in missing if m.lower() not in named} == set()


def test_publiccode_is_yaml_with_the_mandatory_keys() -> None:
    found = yaml.safe_load((ROOT / "publiccode.yml").read_text())
    assert {"publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus", "softwareType", "description",
            "legal", "maintenance", "localisation"} <= set(found)  # fmt: skip
    assert found["legal"]["license"] == "EUPL-1.2"
    assert get_args(values.Gemeentecode)
