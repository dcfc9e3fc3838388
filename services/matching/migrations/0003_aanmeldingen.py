"""Households that came by themselves, kept by matching."""

from pathlib import Path

from libs.chassis import migrations

revision = "matching_0003"
down_revision = "matching_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    migrations.own_tables("matching", (Path(__file__).parent / "0003_aanmeldingen.sql").read_text())
