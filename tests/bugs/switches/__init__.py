"""Bugs to be planted: each switch breaks one mechanism by patching it, and production code knows nothing of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.contracts import transports


def after_set_up(patch: pytest.MonkeyPatch, sql: str) -> None:
    """Run this as the owner, where a contract test makes its tables."""
    real = transports.on_postgres

    @asynccontextmanager
    async def on_postgres(*arguments: Any) -> AsyncIterator[Any]:
        async with real(*arguments) as transport:
            await transport.admin.execute(sql)
            yield transport

    patch.setattr(transports, "on_postgres", on_postgres)
