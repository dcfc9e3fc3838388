"""What pydantic says about a document, in the words of who wrote it: no English, and how it should be written."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from libs.events.values import Stap
from services.routing.policy.conditions import Voorwaarden
from services.routing.policy.document import Beleid, Verwacht, Voorbeeld
from services.routing.policy.facts import EerderContact, Feiten
from services.routing.policy.maxima import Maximum
from services.routing.policy.rows import Regel, Rolbezetting, Termijn, Uitkomst, Uitwijk
from services.routing.policy.source import Path

_SAID = {
    "missing": "ontbreekt",
    "decimal_parsing": "is geen getal",
    "decimal_type": "is geen getal",
    "decimal_max_places": "heeft ten hoogste {decimal_places} cijfers achter de komma",
    "decimal_max_digits": "is een te groot getal",
    "decimal_whole_digits": "is een te groot getal",
    "finite_number": "is geen getal",
    "int_parsing": "is geen geheel getal",
    "int_parsing_size": "is een te groot getal",
    "int_type": "is geen geheel getal",
    "int_from_float": "is geen geheel getal",
    "bool_parsing": "is ja of nee",
    "bool_type": "is ja of nee",
    "string_type": "is tekst",
    "string_too_short": "is leeg",
    "string_too_long": "is langer dan {max_length} tekens",
    "too_short": "noem er ten minste {min_length}",
    "too_long": "noemt meer dan {max_length}",
    "tuple_type": "is een lijst",
    "list_type": "is een lijst",
    "dict_type": "is een groep van velden met hun waarde",
    "model_type": "is een groep van velden met hun waarde",
    "model_attributes_type": "is een groep van velden met hun waarde",
    "greater_than_equal": "is ten minste {ge}",
    "greater_than": "is meer dan {gt}",
    "less_than_equal": "is ten hoogste {le}",
    "less_than": "is minder dan {lt}",
}
_DATE = "is een datum als 2026-01-31"
_FORMATS = {
    "keuze": 'is "alle" of "een van"',
    "gemeentecodes": "is een CBS-code van vier cijfers, tussen aanhalingstekens",
    "gemeentecode": "is een CBS-code van vier cijfers, tussen aanhalingstekens",
    "perGemeente": "is een CBS-code van vier cijfers, tussen aanhalingstekens",
    "versie": "bestaat uit letters, cijfers, punten en streepjes, zonder spaties",
    "regel": "is een naam van ten hoogste 100 tekens, zonder aanhalingstekens",
    "naam": "is een naam van ten hoogste 100 tekens, zonder aanhalingstekens",
}
_NAME = "is een naam van letters, cijfers, punten en streepjes"
_MODELS = (Beleid, Regel, Voorwaarden, Uitkomst, Uitwijk, Stap, Termijn, Maximum, Rolbezetting, Voorbeeld, Verwacht,
           Feiten, EerderContact)  # fmt: skip
FIELDS = sorted({to_camel(name) for model in _MODELS for name in model.model_fields})
"""Every field a document may have somewhere."""
MOST = 200
"""Errors of one document that are told; who wrote it has enough to do."""
_TYPES = ("bool", "EerderContact", "[key]")
"""What a validator adds to a path that nobody wrote."""


def said(error: ValidationError) -> Iterator[tuple[Path, str]]:
    """Path and message of what is wrong, once each; a list is not too short where one of it is wrong."""
    every = error.errors(include_input=False, include_url=False)[:MOST]
    paths = [tuple(part for part in one["loc"] if part not in _TYPES) for one in every]
    seen = set()
    for path, one in zip(paths, every, strict=True):
        echo = one["type"] == "too_short" and any(len(other) > len(path) and _under(path, other) for other in paths)
        if not echo and path not in seen:
            seen.add(path)
            yield path, _message(one, path)


def _under(path: Path, other: Path) -> bool:
    return other[: len(path)] == path


def _message(error: Mapping[str, Any], path: Path) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind in ("enum", "literal_error"):
        return f"is een van: {context['expected']}".replace("' or '", "', '").replace("' of '", "', '")
    if kind == "extra_forbidden":
        return "dit veld bestaat niet" + _meant(path)
    if kind == "string_pattern_mismatch":
        return next((_FORMATS[part] for part in reversed(path) if part in _FORMATS), _NAME)
    if kind.startswith("date_"):
        return _DATE
    return _SAID.get(kind, "voldoet niet").format_map(context)


def _meant(path: Sequence[str | int]) -> str:
    """What it is called, where something is called nearly so."""
    name = str(path[-1]) if path else ""
    begins = [field for field in FIELDS if len(name) > 3 and field.lower().startswith(name.lower())]
    found = [one for one in begins[:3] or get_close_matches(name[:60], FIELDS, n=1) if one != name]
    return f": is {' of '.join(found)} bedoeld?" if found else ""
