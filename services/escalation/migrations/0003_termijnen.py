"""The clocks of law and convenant, and which signals are set aside."""

from pathlib import Path

from libs.chassis import migrations

revision = "escalation_0003"
down_revision = "escalation_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. Which signals are set aside is no secret and has no tenant; every loop may count clocks."""
    migrations.own_tables("escalation", (Path(__file__).parent / "0003_termijnen.sql").read_text())
    migrations.run(f"""
        GRANT SELECT ON escalation.besluit TO escalation_api;
        GRANT SELECT ON escalation.termijn TO {migrations.READERS};
        CREATE POLICY readers ON escalation.termijn FOR SELECT TO {migrations.READERS} USING (true);
    """)
