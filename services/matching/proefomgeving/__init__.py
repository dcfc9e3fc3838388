"""The trial environment: a BRP that answers as Haal Centraal does, over the persons of a file.

Served in this process through ASGI, or over TCP with `drempel brp`. Its answers follow the published feature files:
what is asked, found, left out and refused. It knows nothing of matching.
"""

from functools import lru_cache
from pathlib import Path

from services.matching.proefomgeving.app import Proefomgeving
from services.matching.proefomgeving.bestand import Personen
from services.matching.proefomgeving.binnen import Binnen


def proefomgeving(bestand: Path | None) -> Proefomgeving:
    """The application over this file; without a file nobody is registered. One per version of the file."""
    return _van(bestand, bestand.stat().st_mtime_ns if bestand and bestand.exists() else 0)


@lru_cache(maxsize=4)
def _van(bestand: Path | None, versie: int) -> Proefomgeving:
    return Proefomgeving(Personen(bestand))


__all__ = ["Binnen", "Personen", "Proefomgeving", "proefomgeving"]
