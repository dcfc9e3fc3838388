"""Which case of a household comes before which, and where the same caseworker was asked for."""

from pathlib import Path

from libs.chassis import migrations

revision = "outreach_0005"
down_revision = "outreach_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    migrations.own_tables("outreach", (Path(__file__).parent / "0005_zaakketen.sql").read_text())
