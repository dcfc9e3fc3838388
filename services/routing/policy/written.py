"""How people write a document: what plainly means one thing is taken, what could mean two is refused with how to write
it. Whoever reads YAML with a tool of 2001 and sends JSON says "ja" where we read ja; both are good.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ConfigDict

from libs.events.values import Stap, Value

JA_NEE: Mapping[str, bool] = {"ja": True, "nee": False}
EDGES = ("vanaf", "meerDan", "minderDan", "totEnMet")
_KNOWN = frozenset({*EDGES, "meer_dan", "minder_dan", "tot_en_met"})
AMOUNT_FACTS = ("bedrag", "vorigBedrag", "bedragAndereSignalen")
_THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+(,\d*)?")
_COMMA = re.compile(r"\d+,\d{1,2}")


class Geschreven(Value):
    """Base of what a document says: a number is good where text is asked (versie: 2026.1)."""

    model_config = ConfigDict(coerce_numbers_to_str=True)


def ja_nee(value: Any) -> Any:
    """ja and nee, also as text."""
    return JA_NEE.get(value.strip().lower(), value) if isinstance(value, str) else value


def overal(value: Any) -> Any:
    """The same in all of a part of a document in which no text reads ja or nee."""
    if isinstance(value, dict):
        return {name: overal(one) for name, one in value.items()}
    return [overal(one) for one in value] if isinstance(value, list) else ja_nee(value)


def getal(value: Any) -> Any:
    """A number with a decimal point or a decimal comma; 1.000 could be one or a thousand."""
    if not isinstance(value, str):
        return value
    text = value.strip().removeprefix("€").strip()
    if _THOUSANDS.fullmatch(text):
        raise ValueError("schrijf duizendtallen zonder punt: 1000, niet 1.000")
    return text.replace(",", ".") if _COMMA.fullmatch(text) else text


def lijst(value: Any) -> Any:
    """One value is a list of one."""
    return value if value is None or isinstance(value, list | tuple) else (value,)


def grenzen(value: Any) -> Any:
    """The edges of a number, each by its name."""
    if isinstance(value, str | int | float):
        raise ValueError(f"noem de grenzen bij hun naam: {', '.join(EDGES)}")
    wrong = [str(name) for name in value if name not in _KNOWN] if isinstance(value, dict) else []
    if any(name.isdigit() for name in wrong):
        raise ValueError("schrijf een bedrag met een punt (49.99), of tussen aanhalingstekens")
    if wrong:
        raise ValueError(f"een grens heet {', '.join(EDGES)}")
    return value


def stap(value: Any) -> Any:
    """A step; the name of a kind of contact is a step of its own."""
    if isinstance(value, str):
        return {"contactsoorten": [value]}
    if not isinstance(value, dict):
        return value
    found = {name: ja_nee(one) for name, one in value.items()}
    if "contactsoorten" in found:
        found["contactsoorten"] = lijst(found["contactsoorten"])
    if found.get("keuze") in ("één van", "eenVan"):
        found["keuze"] = "een van"
    if isinstance(letter := found.get("brief"), int):
        found["brief"] = str(letter)
    return found


def feiten(value: Any) -> Any:
    """Facts, ja and nee as text, amounts with a comma."""
    if not isinstance(value, dict):
        return value
    return {name: getal(one) if name in AMOUNT_FACTS else overal(one) for name, one in value.items()}


T = TypeVar("T")
Een = Annotated[tuple[T, ...], BeforeValidator(lijst)]
"""Some of these; a single one needs no list."""
JaNee = Annotated[bool, BeforeValidator(ja_nee)]
Getal = Annotated[Decimal, BeforeValidator(getal)]
Stappen = tuple[Annotated[Stap, BeforeValidator(stap)], ...]
