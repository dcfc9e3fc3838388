"""What municipalities agreed, kept by outreach."""

from libs.chassis import migrations

revision = "outreach_0002"
down_revision = "outreach_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    migrations.afspraken("outreach")
