"""Which signals caseworkers typed in, for the municipalities they stand for."""

from libs.chassis import migrations

revision = "intake_0002"
down_revision = "intake_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table: a row per municipality that may read the signal and take it back."""
    migrations.own_tables(
        "intake",
        """CREATE TABLE getypt (
            signaal_id uuid NOT NULL, tenant text NOT NULL, afzender text NOT NULL, PRIMARY KEY (signaal_id, tenant));
        """,
    )
