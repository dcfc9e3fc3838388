"""Seeds of the campaigns: chosen by the day or given, and printed when something fails."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

SOAK = int(os.environ.get("DREMPEL_SOAK") or 0)
"""How many times the campaign is as long as in `make test`; 0 there."""


@contextmanager
def named(campaign: str) -> Iterator[int]:
    """A seed, from DREMPEL_SEED where a failure is run again; a failure says which it was."""
    given = os.environ.get("DREMPEL_SEED")
    seed = int(given) if given else time.time_ns() % 1_000_000
    try:
        yield seed
    except BaseException as error:
        error.add_note(f"campaign {campaign}: run it again with DREMPEL_SEED={seed}")
        raise
