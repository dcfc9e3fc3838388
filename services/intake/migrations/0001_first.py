"""The first version of the schema of intake."""

from pathlib import Path

from libs.chassis import migrations

revision = "intake_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    migrations.first("intake", Path(__file__).parent)
