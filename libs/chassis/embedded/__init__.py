"""PostgreSQL without installing it: a small supervisor for one server in a data folder.

``EmbeddedPostgres.start(folder)`` owns the server; ``serving(folder)`` uses the one that runs beside it.
"""

from libs.chassis.embedded.errors import (
    BinariesMissing,
    DataMissing,
    EmbeddedPostgresError,
    FolderInUse,
    NoIdentity,
    StartFailed,
)
from libs.chassis.embedded.running import RunningPostgres, running, running_dsn
from libs.chassis.embedded.server import EmbeddedPostgres, default_folder, serving

__all__ = [
    "BinariesMissing",
    "DataMissing",
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "FolderInUse",
    "NoIdentity",
    "RunningPostgres",
    "StartFailed",
    "default_folder",
    "running",
    "running_dsn",
    "serving",
]
