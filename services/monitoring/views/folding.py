"""How both views begin to fold a batch."""

from typing import Any

_BEGIN = """
SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.' || $1)),
       set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true)
"""


async def begin(conn: Any, view: str) -> None:
    """One member folds a view at a time: what a signal's rows need of its link, and the other way round, is visible.

    Rows are looked up by index until the end of the transaction: a table that has just grown has no statistics
    yet, and a plan made while it was empty reads all of it for every row (measured: 20 times slower).
    """
    await conn.execute(_BEGIN, view)
