"""What can go wrong with the embedded PostgreSQL, as one tree.

EmbeddedPostgresError
├── BinariesMissing  no PostgreSQL programs were found
├── FolderInUse      another process owns the data folder: attach to its server or stop it
├── NoIdentity       no user was found that PostgreSQL may run as and that reaches programs and data
├── DataMissing      the folder says its data were moved elsewhere, and they are not there
└── StartFailed      the server ended or was not ready in time; the message names its log
"""


class EmbeddedPostgresError(Exception):
    """Root of the embedded server's own failures."""


class BinariesMissing(EmbeddedPostgresError):
    """No PostgreSQL programs were found."""


class FolderInUse(EmbeddedPostgresError):
    """Another process owns the data folder."""


class NoIdentity(EmbeddedPostgresError):
    """No user that PostgreSQL may run as reaches the programs and the data."""


class DataMissing(EmbeddedPostgresError):
    """The data were moved and are gone; a new empty database in their place would hide the loss."""


class StartFailed(EmbeddedPostgresError):
    """The server ended or was not ready in time."""
