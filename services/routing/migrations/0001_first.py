"""The first version of the schema of routing."""

from pathlib import Path

from libs.chassis import migrations

revision = "routing_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    migrations.first("routing", Path(__file__).parent)
