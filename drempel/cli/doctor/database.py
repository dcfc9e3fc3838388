"""What is in the database, and whether it fits the rest."""

from datetime import datetime, timedelta

from aiokafka.errors import KafkaError

from drempel.cli import topic
from drempel.cli.doctor.finding import Here, Wrong
from libs.chassis.clock import SystemClock
from libs.chassis.migrate import known_versions
from libs.events.errors import Transient, WrongKey
from libs.events.keyring import Kek

SKEW = timedelta(seconds=2)


async def migrations(here: Here) -> str:
    """Every schema at the newest version of this release."""
    behind, unknown, empty = [], [], 0
    for schema, conn in here.conns.items():
        known = known_versions(schema)
        if not await conn.fetchval("SELECT to_regclass($1) IS NOT NULL", f"{schema}.alembic_version"):
            empty += 1
            continue
        at = await conn.fetchval(f"SELECT version_num FROM {schema}.alembic_version")
        if at not in known:
            unknown.append(schema)
        elif at != known[-1]:
            behind.append(f"{schema} at {at} of {known[-1]}")
    if unknown:
        raise Wrong(f"made by a newer release: {', '.join(unknown)}", "run that release, or restore a backup of before")
    if empty == len(here.conns):
        return "nothing there yet: the first start makes it"
    if behind or empty:
        said = [*behind, *([f"{empty} schemas are missing"] if empty else [])]
        first = "" if here.settings.migrate else "`drempel migrate`, then "
        raise Wrong(
            f"behind: {', '.join(said)}", f"{first}start this release (`drempel up`): it migrates before it serves"
        )
    return "newest"


async def clock(here: Here) -> str:
    """The machine and the database agree what time it is."""
    apart = timedelta()
    for conn in set(here.conns.values()):
        before = SystemClock().now()
        theirs: datetime = await conn.fetchval("SELECT clock_timestamp()")
        apart = max(apart, abs(theirs - (before + (SystemClock().now() - before) / 2)))
    if apart > SKEW:
        raise Wrong(
            f"machine and database are {apart.total_seconds():.0f} seconds apart",
            "let both follow the same time (NTP): tokens and legal terms go by it",
        )
    return f"within {max(apart.total_seconds(), 0.001):.3f} seconds"


async def kek(here: Here) -> str:
    """It is there, and it is the one under which the keys were wrapped."""
    path = here.settings.kek_file or here.folder / "kek"
    wrapped, conn = None, here.conns.get("keyring")
    if conn is not None and await conn.fetchval("SELECT to_regclass('keyring.sleutel') IS NOT NULL"):
        wrapped = await conn.fetchrow("SELECT subject, sleutel FROM keyring.sleutel WHERE sleutel IS NOT NULL LIMIT 1")
    restore = "put it back from its own backup: without it nobody is readable, and no other key will do"
    if not path.exists():
        if here.settings.kek_file is None and wrapped is None:
            return "none yet: the first start makes it"
        raise Wrong("its file is missing", restore)
    try:
        found = Kek(bytes.fromhex(path.read_text().strip()))
    except ValueError:
        raise Wrong("its file does not hold 64 hex digits", restore) from None
    if wrapped is None:
        return "there; nothing was sealed yet"
    try:
        found.unwrap(wrapped["subject"], wrapped["sleutel"])
    except WrongKey:
        raise Wrong("its file does not fit the keys in the database", restore) from None
    return "fits"


async def views(here: Here) -> str:
    """They are what the logs say (only on request: it folds all of it anew)."""
    from libs.chassis.run import kek_of
    from services.monitoring import upkeep

    kek = kek_of(here.settings, here.folder, make=False) if topic.keyring_of(here.settings, here.url) else None
    if here.apart:
        try:
            found = await topic.verified(here.settings, here.url, kek)
        except (KafkaError, Transient) as error:
            raise Wrong(f"can't be judged: Kafka does not answer ({type(error).__name__})", "see kafka") from None
    else:
        url = here.settings.database_of("monitoring", here.url)
        found = await upkeep.verify(url, kek, here.settings.keyring_of(url))
    if wrong := found.get("topic", {}).get("wrong"):
        raise Wrong(f"can't be judged: {wrong[0]}", "docs/distributed.md says how a topic is published again")
    differ = [str(one["view"]) for one in found["views"] if not one["ok"]]
    if differ:
        do = "; ".join(f"`drempel rebuild {name}`" for name in differ)
        raise Wrong(f"not what the logs say: {', '.join(differ)}", f"{do} makes it again while it is read")
    return f"what the logs say ({', '.join(str(one['view']) for one in found['views'])})"
