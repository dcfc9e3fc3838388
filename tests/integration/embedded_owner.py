"""A process that owns an embedded server, to be killed by tests/integration/test_embedded.py.

Argument: JSON with ``folder`` and optionally ``uid`` (become this user first), ``shelter``, ``thread`` (start
outside the main thread), ``orphan`` (nothing binds the server to us) and ``rows`` (stop after so many).
Prints a JSON line about the server, then the number of every committed row.
"""

import asyncio
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import asyncpg  # before the user changes: the new one may not reach Python's own files

from libs.chassis.embedded import EmbeddedPostgres, identity, moved


async def own(wish: dict[str, Any]) -> None:
    async with await EmbeddedPostgres.start(Path(wish["folder"])) as server:
        cluster = server._cluster
        about = {"pid": server.pid, "identity": cluster.identity.argument, "data": str(cluster.data)}
        about |= {"binaries": str(cluster.binaries), "socket": str(server.running.socket_folder)}
        connection = await asyncpg.connect(server.dsn(user="drempel", database="postgres"))
        await connection.execute("CREATE TABLE IF NOT EXISTS rows (n integer PRIMARY KEY)")
        first = await connection.fetchval("SELECT coalesce(max(n), 0) FROM rows")
        print(json.dumps({**about, "found": first}), flush=True)
        n = first
        while n - first < wish.get("rows", 10**9):
            n += 1
            await connection.execute("INSERT INTO rows VALUES ($1)", n)
            print(n, flush=True)
        await connection.close()


def main(wish: dict[str, Any]) -> None:
    if "shelter" in wish:
        moved.SHELTER = Path(wish["shelter"])
    if "uid" in wish:
        os.setgroups([])
        os.setgid(wish["uid"])
        os.setuid(wish["uid"])
    command = identity.Identity.command
    if wish.get("orphan"):
        identity.Identity.command = lambda *a, death="none": command(*a, death="none")  # type: ignore[method-assign]
    if wish.get("thread"):
        worker = threading.Thread(target=lambda: asyncio.run(own(wish)))
        worker.start()
        worker.join()
    else:
        asyncio.run(own(wish))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
