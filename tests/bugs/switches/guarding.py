"""Who may see what, answers that are given again, and keys."""

from collections.abc import Sequence
from typing import Any

import pytest

from libs.chassis import idempotency
from libs.events.postgres import keyring
from tests.bugs.switches import after_set_up
from tests.integration import test_log

Patch = pytest.MonkeyPatch


def row_level_security_off(patch: Patch) -> None:
    """Rows of every municipality for every caller."""
    after_set_up(patch, "ALTER TABLE outreach.log DISABLE ROW LEVEL SECURITY")


def tenants_stay(patch: Patch) -> None:
    """The tenants of a caller stay with the connection when it goes to the next."""

    async def see(conn: Any, tenants: Sequence[str], partner: str | None = None) -> None:
        await conn.execute("SELECT set_config('drempel.tenants', $1, false)", ",".join(tenants))

    patch.setattr(test_log, "see", see)


def fingerprint_ignored(patch: Patch) -> None:
    """An Idempotency-Key gives the first answer, also to another question."""
    patch.setattr(idempotency.hashlib, "sha256", lambda body: _Zero())


class _Zero:
    def digest(self) -> bytes:
        """The same for everything."""
        return bytes(32)


def keys_made_anew(patch: Patch) -> None:
    """A subject that has a key, or had one, is given another."""
    overwrite = keyring._CREATE.replace("DO NOTHING", "DO UPDATE SET sleutel = excluded.sleutel")
    patch.setattr(keyring, "_CREATE", overwrite)
