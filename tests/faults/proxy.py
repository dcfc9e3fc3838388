"""A way to PostgreSQL that breaks while something is being committed.

It stands before the server's Unix socket and reads the client's messages (the protocol's own framing, so that it never
mistakes data for a command). At each one that commits, `COMMIT` or the Sync of a statement that writes outside a
transaction, it asks whether to break the connection: before the server gets it, after, or when the server has answered
and the client does not know yet. Both ends see a connection that is gone.
"""

import asyncio
import random
import struct
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

SOCKET = ".s.PGSQL.5432"
WRITES = (b"INSERT", b"UPDATE", b"DELETE")


class Moment(StrEnum):
    """When the connection breaks, seen from the server."""

    BEFORE = "before the commit"
    DURING = "commit under way"
    AFTER = "committed, not told"


@dataclass
class Cuts:
    """Which connections break, and how many did. `chances` is per kind of connection: how its name ends."""

    chance: random.Random
    chances: dict[str, float]
    most: int = 10**9
    armed: bool = False
    made: Counter[tuple[str, Moment]] = field(default_factory=Counter)

    def next(self, name: str) -> Moment | None:
        """Whether to break the connection of this name at this commit."""
        kind = next((kind for kind in self.chances if name.endswith(kind)), "")
        if not self.armed or self.made.total() >= self.most or self.chance.random() >= self.chances.get(kind, 0):
            return None
        moment = self.chance.choice(list(Moment))
        self.made[kind, moment] += 1
        return moment


@dataclass
class Connection:
    """One connection and what is known of it."""

    cuts: Cuts
    name: str = ""
    statements: dict[bytes, bytes] = field(default_factory=dict)
    within: bool = False
    writing: bool = False
    deaf: bool = False

    def commits(self, kind: bytes, body: bytes) -> bool:
        """Whether this message makes the server commit something that was written, or ends a transaction."""
        if kind == b"Q":
            said = body.rstrip(b"\0; \n").upper()
            ends = self.within and said == b"COMMIT"
            self.within = said.startswith(b"BEGIN") or (self.within and said not in (b"COMMIT", b"ROLLBACK"))
            return ends
        if kind == b"P":
            name, _, rest = body.partition(b"\0")
            self.statements[name] = rest.lstrip().upper()
        elif kind == b"B":
            name = body.split(b"\0", 2)[1]
            self.writing = self.statements.get(name, b"").startswith(WRITES)
        elif kind == b"S":
            ends, self.writing = self.writing and not self.within, False
            return ends
        return False

    async def up(self, client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        """From client to server, message by message, until it breaks or ends."""
        (size,) = struct.unpack("!i", head := await client.readexactly(4))
        body = await client.readexactly(size - 4)
        self.name = body.partition(b"application_name\0")[2].partition(b"\0")[0].decode()
        server.write(head + body)
        while True:
            head = await client.readexactly(5)
            body = await client.readexactly(struct.unpack("!i", head[1:])[0] - 4)
            moment = self.cuts.next(self.name) if self.commits(head[:1], body) else None
            if moment is Moment.BEFORE:
                return
            self.deaf = moment is Moment.AFTER
            server.write(head + body)
            await server.drain()
            if moment is Moment.DURING:
                return

    async def down(self, server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        """From server to client; a client that is not to know hears nothing of it."""
        while answer := await server.read(65536):
            if self.deaf:
                return
            client.write(answer)
            await client.drain()


async def _carry(cuts: Cuts, target: str, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    server, to = await asyncio.open_unix_connection(target)
    connection = Connection(cuts)
    ways = [asyncio.create_task(connection.up(client, to)), asyncio.create_task(connection.down(server, back))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        to.transport.abort()
        back.transport.abort()
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


@asynccontextmanager
async def cutting(url: str, cuts: Cuts) -> AsyncIterator[str]:
    """The address of the same database by way of the proxy."""
    parts = urlsplit(url)
    (beside,) = parse_qs(parts.query)["host"]
    with TemporaryDirectory(prefix="cut-") as folder:
        carrying: set[asyncio.Task[None]] = set()

        def accept(client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(_carry(cuts, f"{beside}/{SOCKET}", client, back))
            carrying.add(task)
            task.add_done_callback(lambda done: (carrying.discard(done), back.transport.abort()))

        async with await asyncio.start_unix_server(accept, Path(folder) / SOCKET):
            try:
                yield urlunsplit(parts._replace(query=f"host={quote(folder)}&port=5432"))
            finally:
                cuts.armed = False
                for task in list(carrying):
                    task.cancel()
                await asyncio.gather(*carrying, return_exceptions=True)
                await asyncio.sleep(0.01)  # the loop closes what was broken off
