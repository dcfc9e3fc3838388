"""The pages in a real browser, on a desk and on a phone: they load, they fit, and they are drawn."""

import asyncio
import shutil
import struct
import zlib
from pathlib import Path

import pytest

from tests.monitoring_story import Story, ladder, muddle, tell
from tests.system import running

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.needs(CHROMIUM is not None, "there is no chromium on this machine"),
]
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip


async def browse(profile: Path, url: str, *options: str) -> str:
    """One visit of a browser that keeps its cookies in `profile`; gives what it wrote."""
    assert CHROMIUM is not None
    process = await asyncio.create_subprocess_exec(
        CHROMIUM, *QUIET, f"--user-data-dir={profile}", *options, url,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        written, _ = await asyncio.wait_for(process.communicate(), 90)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return written.decode()


def colours(png: Path) -> tuple[int, int, set[bytes]]:
    """Width, height and the colours of a screenshot's pixels, filters undone by hand: no picture library is needed."""
    data, at, packed, width, height, depth = png.read_bytes(), 8, b"", 0, 0, 4
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", data[at + 8 : at + 18])
            depth = {2: 3, 6: 4}[colour]
        packed += data[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    return width, height, set(_pixels(zlib.decompress(packed), width * depth, depth))


def _pixels(raw: bytes, stride: int, depth: int) -> set[bytes]:
    found: set[bytes] = set()
    above = bytearray(stride)
    for start in range(0, len(raw), stride + 1):
        kind, line = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for n in range(stride if kind else 0):
            left = line[n - depth] if n >= depth else 0
            corner = above[n - depth] if n >= depth else 0
            line[n] = (line[n] + _guess(kind, left, above[n], corner)) & 255
        found.update(bytes(line[n : n + 3]) for n in range(0, stride, depth * 7))
        above = line
    return found


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        near = left + up - corner
        return min((left, up, corner), key=lambda value: abs(near - value))
    return (0, left, up, (left + up) // 2)[kind]


@pytest.mark.parametrize("width", [1280, 390])
async def test_the_pages_in_a_browser(postgres: Path, tmp_path: Path, width: int) -> None:
    story = Story()
    zaak = ladder(story)
    muddle(story)
    async with running(postgres, alone="monitoring") as drempel:
        await tell(drempel, story)
        assert drempel.system.links is not None
        base, size = str(drempel.http.base_url), f"--window-size={width},700"
        link = f"{base}/aanmelden?code={drempel.system.links.new()}"
        overview = await browse(tmp_path, link, "--dump-dom", size)
        assert "Partnerbeeld van de regio" in overview, overview[:300]
        again = await browse(tmp_path, link, "--dump-dom", size)
        assert "U bent niet aangemeld" in again
        case = await browse(tmp_path, f"{base}/zaken/{zaak}", "--dump-dom", size)
        assert case.count("<circle") > 10
        picture = tmp_path / "zaak.png"
        await browse(tmp_path, f"{base}/zaken/{zaak}", f"--screenshot={picture}", size)
    wide, high, seen = colours(picture)
    assert (wide, high) == (width, 700)
    for colour, what in (("0f3454", "head"), ("f3f6f8", "ground"), ("f5bf94", "phase at the bailiff")):
        assert bytes.fromhex(colour) in seen, what
