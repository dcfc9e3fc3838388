"""The report as a picture: four small charts, per month what was (grey) and what would be (blue). Pure.

Nothing but numbers and months is drawn, so there is nothing to escape but the title.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

BREED, HOOG, LINKS, RIJ = 720, 96, 64, 132
GRIJS, BLAUW, ROOD = "#767676", "#154273", "#c0392b"
KAARTEN = (("uren", "Uren"), ("brieven", "Brieven"), ("telefoontjes", "Telefoontjes"), ("huisbezoeken", "Huisbezoeken"))
BASIS = "font-family='sans-serif' font-size='12' fill='#222'"


def plaatje(verslag: dict[str, Any], titel: str) -> str:
    """An SVG document of at most some tens of kilobytes."""
    maanden = verslag["maanden"]
    height = 64 + RIJ * len(KAARTEN)
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {BREED} {height}' role='img' {BASIS}>",
        f"<title>{escape(titel)}</title>",
        f"<rect width='{BREED}' height='{height}' fill='white'/>",
        f"<text x='12' y='22' font-size='15' font-weight='bold'>{escape(titel)}</text>",
        f"<text x='12' y='42'>{escape(_kop(verslag))}</text>",
    ]
    for place, (naam, woord) in enumerate(KAARTEN):
        parts.append(f"<g transform='translate(0 {64 + place * RIJ})'>")
        parts += _kaart(woord, [m["was"][naam] for m in maanden], [m["wordt"][naam] for m in maanden], maanden)
        if naam == "uren" and maanden and (capaciteit := maanden[0]["was"]["capaciteitUren"]) is not None:
            top = _top([m[kind][naam] for m in maanden for kind in ("was", "wordt")])
            if capaciteit <= top:
                parts.append(_streep(HOOG - (HOOG - 20) * capaciteit / top))
        parts.append("</g>")
    return "\n".join([*parts, "</svg>"])


def _kop(verslag: dict[str, Any]) -> str:
    was, wordt = verslag["totaal"]["was"], verslag["totaal"]["wordt"]
    anders = verslag["anders"]["aantal"]
    return (
        f"grijs: was, blauw: wordt; {verslag['signalen']} signalen, {anders} anders; uren {_getal(was['uren'])} wordt "
        f"{_getal(wordt['uren'])}; verwacht bereik {was['bereik']:.1%} wordt {wordt['bereik']:.1%}"
    )


def _kaart(woord: str, was: Sequence[float], wordt: Sequence[float], maanden: Sequence[Any]) -> Iterator[str]:
    top = _top([*was, *wordt])
    yield f"<text x='12' y='12' font-weight='bold'>{woord}</text>"
    yield f"<text x='{LINKS - 6}' y='28' text-anchor='end'>{_getal(top)}</text>"
    yield f"<text x='{LINKS - 6}' y='{HOOG}' text-anchor='end'>0</text>"
    yield f"<line x1='{LINKS}' y1='{HOOG}' x2='{BREED - 12}' y2='{HOOG}' stroke='#bbb'/>"
    for values, colour in ((was, GRIJS), (wordt, BLAUW)):
        yield f"<polyline fill='none' stroke='{colour}' stroke-width='2' points='{_punten(values, top)}'/>"
    if maanden:
        yield f"<text x='{LINKS}' y='{HOOG + 16}'>{maanden[0]['maand']}</text>"
        yield f"<text x='{BREED - 12}' y='{HOOG + 16}' text-anchor='end'>{maanden[-1]['maand']}</text>"


def _punten(values: Sequence[float], top: float) -> str:
    step = (BREED - LINKS - 12) / max(len(values) - 1, 1)
    return " ".join(f"{LINKS + n * step:.1f},{HOOG - (HOOG - 20) * value / top:.1f}" for n, value in enumerate(values))


def _streep(y: float) -> str:
    return f"<line x1='{LINKS}' y1='{y:.1f}' x2='{BREED - 12}' y2='{y:.1f}' stroke='{ROOD}' stroke-dasharray='4 3'/>"


def _top(values: Sequence[float]) -> float:
    return max(*values, 1.0) if values else 1.0


def _getal(value: float) -> str:
    """12.345"""
    return f"{value:,.0f}".replace(",", ".")
