"""The first version of the schema of escalation."""

from pathlib import Path

from libs.chassis import migrations

revision = "escalation_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    migrations.first("escalation", Path(__file__).parent)
