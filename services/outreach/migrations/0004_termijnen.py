"""The clocks of a case, as escalation tells of them."""

from pathlib import Path

from libs.chassis import migrations

revision = "outreach_0004"
down_revision = "outreach_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    migrations.own_tables("outreach", (Path(__file__).parent / "0004_termijnen.sql").read_text())
