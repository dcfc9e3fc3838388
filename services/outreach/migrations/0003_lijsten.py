"""Letter rounds and call lists."""

from pathlib import Path

from libs.chassis import migrations

revision = "outreach_0003"
down_revision = "outreach_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    migrations.own_tables("outreach", (Path(__file__).parent / "0003_lijsten.sql").read_text())
