"""What municipalities agreed, kept by escalation."""

from libs.chassis import migrations

revision = "escalation_0002"
down_revision = "escalation_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    migrations.afspraken("escalation")
