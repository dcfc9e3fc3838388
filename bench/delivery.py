"""A delivery of 100,000 rows through HTTP, the whole chain at work behind it: rows a second and the most memory.

The rate is that of the request: first byte to 202, which follows the last commit. Memory is the process's own
high-water mark (VmHWM), without the database server.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter

from bench.figure import Figure, at_least, at_most
from bench.signals import PARTNER, settings, signal
from libs.chassis.embedded import RunningPostgres
from tests.installation import installed

ROWS = 100_000


async def measure(postgres: RunningPostgres, folder: Path) -> list[Figure]:
    """Rate and memory."""
    file = folder / "levering.ndjson"
    with file.open("w") as opened:
        opened.writelines(json.dumps(signal(n, of=20_000)) + "\n" for n in range(ROWS))
    async with installed(folder / "data", settings(folder, 20_000)) as drempel:
        headers = {**drempel.als("partner", partner=PARTNER), "Content-Type": "application/x-ndjson"}
        begin = perf_counter()
        answer = await drempel.http.post("/intake/v1/leveringen", content=_chunks(file), headers=headers, timeout=600)
        seconds = perf_counter() - begin
        assert answer.status_code == 202, answer.text
        assert drempel.process is not None
        megabytes = _most_memory(drempel.process.pid)
        counts = (await drempel.http.get(answer.headers["Location"], headers=headers)).json()
        assert counts["aangenomen"] == ROWS, counts
    return [
        at_least("delivery of 100,000 rows", ROWS / seconds, "rows/s", 1_500),
        at_most("  most memory of the process", megabytes, "MB", 500),
    ]


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(64 * 1024):
            yield chunk


def _most_memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
