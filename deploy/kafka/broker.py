"""Starts Apache Kafka on loopback: one broker or several, each broker and controller in one process (KRaft).

    async with Kafka.running(folder) as kafka:
        ... kafka.bootstrap ...

Every process is a child that dies with us (where the machine has `setpriv`), logs to a file in its folder, stops
within seconds and may be killed and started again on the same port with the same data.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.kafka import jars

CLUSTER_ID = "ZHJlbXBlbC1rYWZrYS0wMQ"
HEAP = "-Xmx320m"
START_SECONDS = 60.0
STOP_SECONDS = 15.0

PROPERTIES = """
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
unclean.leader.election.enable=false
default.replication.factor={replicas}
min.insync.replicas={insync}
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={insync}
share.coordinator.state.topic.replication.factor={replicas}
share.coordinator.state.topic.min.isr={insync}
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
controlled.shutdown.enable={controlled}
log.segment.bytes=67108864
num.network.threads=2
num.io.threads=4
"""


@dataclass
class Broker:
    """One process of the cluster."""

    node: int
    port: int
    controller: int
    folder: Path
    more: str = ""
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def log(self) -> Path:
        """What it has to say."""
        return self.folder / "broker.log"

    def prepare(self, voters: str, size: int, users: Sequence[str] = ()) -> Sequence[str]:
        """Write its settings; gives the command that formats its storage, with these users in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = PROPERTIES.format(
            node=self.node, voters=voters, port=self.port, controller=self.controller, data=self.folder / "data",
            replicas=min(3, size), insync=2 if size > 2 else 1, controlled=str(size > 1).lower(),
        )  # fmt: skip
        (self.folder / "server.properties").write_text(text + self.more)
        settings = str(self.folder / "server.properties")
        known = [word for user in users for word in ("--add-scram", user)]
        return _java(
            "kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", CLUSTER_ID, "-c", settings, *known
        )

    def start(self) -> None:
        """Start the process; it answers some seconds later."""
        with self.log.open("ab") as out:
            command = _java("kafka.Kafka", str(self.folder / "server.properties"))
            self.process = subprocess.Popen(  # noqa: S603
                command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
            )

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    async def stop(self) -> None:
        """An orderly stop; killed when it takes too long."""
        self._signal(signal.SIGTERM)
        if not await self._ended(STOP_SECONDS):
            await self.kill()

    async def kill(self) -> None:
        """SIGKILL, as a machine that loses power."""
        self._signal(signal.SIGKILL)
        await self._ended(STOP_SECONDS)

    def suspend(self, on: bool) -> None:
        """Stop it in its tracks, as a machine that swaps, or let it go on."""
        self._signal(signal.SIGSTOP if on else signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self.process is not None and self.alive:
            os.kill(self.process.pid, number)

    async def _ended(self, seconds: float) -> bool:
        end = asyncio.get_running_loop().time() + seconds
        while self.alive and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return not self.alive


@dataclass
class Kafka:
    """A cluster of one or more brokers."""

    brokers: Sequence[Broker]

    @property
    def bootstrap(self) -> str:
        """The addresses, for `DREMPEL_KAFKA`."""
        return ",".join(f"127.0.0.1:{broker.port}" for broker in self.brokers)

    @classmethod
    async def start(
        cls, folder: Path, *, size: int = 1, port: int = 0, more: str = "", users: Sequence[str] = ()
    ) -> "Kafka":
        """Format what is new, start all brokers and wait until they answer. `port` 0 takes free ports.

        `more` are settings that come after ours and so win; `users` are those of SCRAM as Kafka's tool wants them.
        """
        ports = free_ports([port, *[0] * (2 * size - 1)])
        brokers = [Broker(n + 1, ports[n], ports[size + n], folder / f"broker-{n + 1}", more) for n in range(size)]
        voters = ",".join(f"{b.node}@127.0.0.1:{b.controller}" for b in brokers)
        commands = [broker.prepare(voters, size, users) for broker in brokers]
        await asyncio.gather(*(_run(command, b.log) for command, b in zip(commands, brokers, strict=True)))
        kafka = cls(brokers)
        for broker in brokers:
            broker.start()
        try:
            await kafka.ready()
        except BaseException:
            await kafka.stop()
            raise
        return kafka

    @classmethod
    @asynccontextmanager
    async def running(
        cls, folder: Path, *, size: int = 1, port: int = 0, more: str = "", users: Sequence[str] = ()
    ) -> AsyncIterator["Kafka"]:
        """A cluster for as long as the block."""
        kafka = await cls.start(folder, size=size, port=port, more=more, users=users)
        try:
            yield kafka
        finally:
            await kafka.stop()

    async def ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until every living broker is known to the cluster. Raises NoKafka when one ended or time is over."""
        end = asyncio.get_running_loop().time() + seconds
        living = [broker for broker in self.brokers if broker.alive]
        while not living or await self._answering() < len(living):
            if not living or not all(b.alive for b in living) or asyncio.get_running_loop().time() > end:
                logs = ", ".join(str(broker.log) for broker in self.brokers)
                raise jars.NoKafka(f"the broker does not answer; see {logs}")
            await asyncio.sleep(0.1)

    async def _answering(self) -> int:
        living = [broker for broker in self.brokers if broker.alive]
        if not living or not all(_listens(broker.port) for broker in living):
            return 0
        admin = AIOKafkaAdminClient(bootstrap_servers=f"127.0.0.1:{living[0].port}", request_timeout_ms=3000)
        try:
            await admin.start()
            return len((await admin.describe_cluster())["brokers"])
        except (KafkaError, OSError):
            return 0
        finally:
            await admin.close()

    async def stop(self) -> None:
        """Stop all brokers."""
        await asyncio.gather(*(broker.stop() for broker in self.brokers))


def _java(main: str, *arguments: str) -> list[str]:
    """The command that runs a class of Kafka; on Linux it ends when we do, however we end."""
    bound = shutil.which("setpriv")
    return [
        *([bound, "--pdeathsig", "KILL"] if bound else []),
        jars.java(), HEAP, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{jars.folder()}/*", main, *arguments,
    ]  # fmt: skip


async def _run(command: Sequence[str], log: Path) -> None:
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out)
    if await process.wait():
        raise jars.NoKafka(f"the storage could not be formatted; see {log}")


def free_ports(wanted: Sequence[int]) -> list[int]:
    """These ports, with a free one for each 0; all held at once, so that no two are the same."""
    with contextlib.ExitStack() as stack:
        found = []
        for port in wanted:
            held = stack.enter_context(socket.socket())
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(("127.0.0.1", port))
            found.append(held.getsockname()[1])
        return found


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
