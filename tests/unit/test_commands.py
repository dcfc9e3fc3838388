"""A command begins quickly: it imports what it needs and no more."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["token", "delivery"])
def test_a_command_that_only_calls_drempel_imports_no_service_and_no_server(module: str) -> None:
    told = f"import sys, drempel.cli.{module}; print(sorted({{name.partition('.')[0] for name in sys.modules}}))"
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "'typer'" in loaded
    assert not [name for name in ("services", "fastapi", "sqlalchemy", "alembic", "uvicorn") if f"'{name}'" in loaded]
