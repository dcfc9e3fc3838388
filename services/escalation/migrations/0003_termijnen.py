"""The clocks of law and convenant, and which signals are set aside."""

from pathlib import Path

from libs.chassis import migrations

revision = "escalation_0003"
down_revision = "escalation_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; both roles read which signals are set aside, which is no secret and has no tenant."""
    migrations.own_tables("escalation", (Path(__file__).parent / "0003_termijnen.sql").read_text())
    migrations.run("GRANT SELECT ON escalation.besluit TO escalation_api;")
