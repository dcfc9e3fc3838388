"""The first version of the schema of matching."""

from pathlib import Path

from libs.chassis import migrations

revision = "matching_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    migrations.first("matching", Path(__file__).parent)
