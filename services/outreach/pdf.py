"""Letters as PDF, each on a page of its own: text is put on the page as it is, never read as markup.

DejaVu Sans of the system has every letter of Dutch names; where it is not installed the font that comes with ReportLab
has most, and a letter it lacks is written without its mark.
"""

import io
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4, A5, landscape
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from services.outreach.brieven import Blad, Briefsoort

SYSTEM = tuple(
    Path(folder)
    for folder in (
        "/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu-sans-fonts", "/usr/share/fonts/dejavu",
        "/usr/share/fonts/TTF", "/Library/Fonts",
    )
)  # fmt: skip
"""Where systems keep DejaVu."""

FAMILIES = (("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"), ("Vera.ttf", "VeraBd.ttf"))
YELLOW = HexColor(0xFFE45C)
MARGIN, LEADING = 25 * mm, 1.4
WINDOW = 45 * mm
"""From the top of a letter to its address, for the window of an envelope."""


@lru_cache(1)
def _fonts(folders: Sequence[Path] = SYSTEM) -> tuple[TTFont, TTFont]:
    """The ordinary and the bold font, registered once."""
    found = next((folder for folder in folders if all((folder / name).exists() for name in FAMILIES[0])), None)
    names = [str(found / name) for name in FAMILIES[0]] if found else list(FAMILIES[1])
    try:
        return _registered(names)
    except (TTFError, OSError):
        return _registered(FAMILIES[1])


def _registered(names: Sequence[str]) -> tuple[TTFont, TTFont]:
    plain, bold = (TTFont(name, file) for name, file in zip(("Brief", "Brief-Vet"), names, strict=True))
    pdfmetrics.registerFont(plain)
    pdfmetrics.registerFont(bold)
    return plain, bold


def printable(text: str, font: TTFont) -> str:
    """The text with letters this font has; one it lacks without its mark, else as a question mark. No control signs."""
    return "".join(_letter(letter, font) for letter in unicodedata.normalize("NFC", text))


def _letter(letter: str, font: TTFont) -> str:
    if letter.isspace():
        return " "
    if not letter.isprintable():
        return ""
    if ord(letter) in font.face.charToGlyph:
        return letter
    plain = unicodedata.normalize("NFKD", letter)[0]
    return plain if ord(plain) in font.face.charToGlyph else "?"


def drukken(bladen: Iterable[Blad]) -> bytes:
    """The letters as one PDF."""
    target = io.BytesIO()
    canvas = Canvas(target, invariant=1, pageCompression=1, lang="nl-NL")
    canvas.setTitle("Brief")
    canvas.setAuthor("Drempel")
    for blad in bladen:
        _page(canvas, blad)
    canvas.save()
    return target.getvalue()


def _page(canvas: Canvas, blad: Blad) -> None:
    brief = blad.soort is Briefsoort.BRIEF
    size = A4 if brief else landscape(A5)
    canvas.setPageSize(size)
    if blad.soort is Briefsoort.GELE_KAART:
        _filled(canvas, size, YELLOW)
    pen = Pen(canvas, size)
    if brief:
        pen.y = size[1] - WINDOW
        pen.lines(blad.adres)
        pen.skip(2)
        pen.lines((blad.plaats_en_datum,))
        pen.skip(2)
    pen.lines((blad.titel,), bold=True, points=14)
    pen.skip(1)
    for alinea in blad.alineas:
        pen.lines((alinea,))
        pen.skip(0.7)
    pen.skip(0.7)
    pen.lines(("Met vriendelijke groet,",) if brief else ())
    pen.lines(blad.afzender)
    canvas.showPage()


def _filled(canvas: Canvas, size: tuple[float, float], colour: Color) -> None:
    canvas.setFillColor(colour)
    canvas.rect(0, 0, *size, stroke=0, fill=1)
    canvas.setFillColor(HexColor(0))


class Pen:
    """Writes lines from the top of the page down, broken where they do not fit; goes on on a next page when full."""

    def __init__(self, canvas: Canvas, size: tuple[float, float]) -> None:
        self._canvas, self._size = canvas, size
        self.y = size[1] - MARGIN

    def lines(self, texts: Sequence[str], *, bold: bool = False, points: float = 11) -> None:
        """Write these, each on a line of its own."""
        font = _fonts()[bold]
        for text in texts:
            for line in simpleSplit(printable(text, font), font.fontName, points, self._size[0] - 2 * MARGIN):
                if self.y < MARGIN:
                    self._canvas.showPage()
                    self.y = self._size[1] - MARGIN
                self._canvas.setFont(font.fontName, points)
                self._canvas.drawString(MARGIN, self.y, line)
                self.y -= points * LEADING

    def skip(self, lines: float) -> None:
        """Leave lines open."""
        self.y -= lines * 11 * LEADING
