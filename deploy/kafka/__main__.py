"""`make kafka`: a broker for a developer without Docker, until Ctrl-C. Its data stay in the folder given."""

import argparse
import asyncio
import signal
from pathlib import Path

from deploy.kafka import jars
from deploy.kafka.broker import Kafka


async def main() -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m deploy.kafka", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".data/kafka"), help="data folder")
    parser.add_argument("--port", type=int, default=9092, help="port of the first broker; 0 takes a free one")
    parser.add_argument("--brokers", type=int, default=1, choices=(1, 3), help="how many brokers")
    chosen = parser.parse_args()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Kafka.running(chosen.data.resolve(), size=chosen.brokers, port=chosen.port) as kafka:
        print(f"Apache Kafka {jars.version()} answers. DREMPEL_KAFKA={kafka.bootstrap}", flush=True)  # noqa: T201
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
