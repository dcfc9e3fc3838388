"""The first version of the schema of monitoring."""

from pathlib import Path

from libs.chassis import migrations

revision = "monitoring_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    migrations.first("monitoring", Path(__file__).parent)
