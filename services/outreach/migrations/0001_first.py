"""The first version of the schema of outreach."""

from pathlib import Path

from libs.chassis import migrations

revision = "outreach_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    migrations.first("outreach", Path(__file__).parent)
