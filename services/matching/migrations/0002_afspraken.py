"""What municipalities agreed, kept by matching."""

from libs.chassis import migrations

revision = "matching_0002"
down_revision = "matching_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    migrations.afspraken("matching")
