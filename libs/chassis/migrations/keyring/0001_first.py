"""The keyring: keys and links."""

from libs.chassis import migrations

revision = "keyring_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    migrations.keyring()
