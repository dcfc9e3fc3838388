"""The report as a picture: small charts, per month what was (grey, thick) and what would be (blue, thin). Pure.

Nothing but numbers and months is drawn, so there is nothing to escape but the title.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

BREED, HOOG, LINKS, RECHTS, RIJ, BOVEN = 720, 92, 56, 12, 124, 76
GRIJS, BLAUW, ROOD = "#b3b3b3", "#154273", "#c0392b"
KAARTEN = (
    ("uren", "Uren"), ("brieven", "Brieven"), ("telefoontjes", "Telefoontjes"), ("huisbezoeken", "Huisbezoeken"),
    ("bereik", "Verwacht bereik"), ("termijnenInGevaar", "Termijnen in gevaar"),
)  # fmt: skip
BASIS = "font-family='sans-serif' font-size='12' fill='#222'"
Rijen = Sequence[Mapping[str, Any]]


def plaatje(verslag: dict[str, Any], titel: str) -> str:
    """An SVG document of at most some tens of kilobytes."""
    kaarten = [one for one in KAARTEN if verslag["totaal"]["wordt"][one[0]] is not None]
    height = BOVEN + RIJ * len(kaarten)
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {BREED} {height}' role='img' {BASIS}>",
        f"<title>{escape(titel)}</title>",
        f"<rect width='{BREED}' height='{height}' fill='white'/>",
        f"<text x='12' y='22' font-size='15' font-weight='bold'>{escape(titel)}</text>",
        *_legenda(verslag),
    ]
    for place, (naam, woord) in enumerate(kaarten):
        parts += [f"<g transform='translate(0 {BOVEN + place * RIJ})'>", *_kaart(naam, woord, verslag), "</g>"]
    return "\n".join([*parts, "</svg>"])


def _legenda(verslag: dict[str, Any]) -> Iterator[str]:
    anders = verslag["anders"]["aantal"]
    yield f"<line x1='12' y1='42' x2='36' y2='42' stroke='{GRIJS}' stroke-width='5'/><text x='42' y='46'>was</text>"
    yield f"<line x1='80' y1='42' x2='104' y2='42' stroke='{BLAUW}' stroke-width='2'/><text x='110' y='46'>wordt</text>"
    yield f"<text x='164' y='46'>{_getal(verslag['signalen'])} signalen, waarvan {_getal(anders)} anders</text>"


def _kaart(naam: str, woord: str, verslag: dict[str, Any]) -> Iterator[str]:
    maanden: Rijen = verslag["maanden"]
    was, wordt = ([one[kind][naam] for one in maanden] for kind in ("was", "wordt"))
    capaciteit = maanden[0]["was"]["capaciteitUren"] if maanden and naam == "uren" else None
    top, totaal = max([*was, *wordt, 0.1 if naam == "bereik" else 1.0]), verslag["totaal"]
    yield f"<text x='12' y='12' font-weight='bold'>{woord}</text>"
    yield (
        f"<text x='{BREED - RECHTS}' y='12' text-anchor='end'>{_waarde(naam, totaal['was'][naam])} wordt "
        f"{_waarde(naam, totaal['wordt'][naam])}</text>"
    )
    yield f"<text x='{LINKS - 6}' y='28' text-anchor='end'>{_waarde(naam, top)}</text>"
    yield f"<text x='{LINKS - 6}' y='{HOOG}' text-anchor='end'>0</text>"
    yield f"<line x1='{LINKS}' y1='{HOOG}' x2='{BREED - RECHTS}' y2='{HOOG}' stroke='#ccc'/>"
    for values, colour, width in ((was, GRIJS, 5), (wordt, BLAUW, 2)):
        points = _punten(values, top)
        yield f"<polyline fill='none' stroke='{colour}' stroke-width='{width}' points='{points}'/>"
    if capaciteit is not None:
        yield from _capaciteit(capaciteit, top)
    if maanden:
        yield f"<text x='{LINKS}' y='{HOOG + 14}' fill='#666'>{maanden[0]['maand']}</text>"
        yield f"<text x='{BREED - RECHTS}' y='{HOOG + 14}' text-anchor='end' fill='#666'>{maanden[-1]['maand']}</text>"


def _capaciteit(uren: float, top: float) -> Iterator[str]:
    """A line at the hours that there are; only said where they are more than is asked."""
    words, y = f"capaciteit {_getal(uren)} uur", _hoogte(uren, top)
    if uren <= top:
        yield f"<line x1='{LINKS}' y1='{y}' x2='{BREED - RECHTS}' y2='{y}' stroke='{ROOD}' stroke-dasharray='4 3'/>"
    yield f"<text x='{BREED / 2:.0f}' y='12' text-anchor='middle' fill='{ROOD}'>{words}</text>"


def _punten(values: Sequence[float], top: float) -> str:
    step = (BREED - LINKS - RECHTS) / max(len(values) - 1, 1)
    return " ".join(f"{LINKS + n * step:.1f},{_hoogte(value, top)}" for n, value in enumerate(values))


def _hoogte(value: float, top: float) -> str:
    return f"{HOOG - (HOOG - 22) * value / top:.1f}"


def _waarde(naam: str, value: float) -> str:
    return f"{100 * value:.1f}%".replace(".", ",") if naam == "bereik" else _getal(value)


def _getal(value: float) -> str:
    """12.345"""
    return f"{value:,.0f}".replace(",", ".")
