"""JSON as we take it: UTF-8, one value per key, real numbers, text without control characters.

What a lenient parser lets through becomes somebody's 500 later: PostgreSQL stores no NUL and no lone surrogate,
and of two equal keys two readers take different ones (RFC 8259, section 4).
"""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from libs.events.errors import Invalid

DEEPEST = 32
LONGEST_NUMBER = 40
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters and lone surrogates; tab and line ends are text."""
FIELD_NAME = re.compile(r"[a-z][A-Za-z]{0,39}")
"""What reads as the name of a field. An unknown name is only said back when it does: it may be a value that slipped."""


class BadJson(Invalid):
    """De inhoud is geen geldige JSON."""

    code = "geenJson"


def parse(body: bytes, *, exact: bool = False) -> Any:
    """The JSON value of these bytes; raises BadJson. `exact` reads fractions as Decimal. Texts are not judged."""
    try:
        text = body.decode("utf-8-sig")
        if text.count("[") + text.count("{") > DEEPEST and _depth(text) > DEEPEST:
            raise BadJson("De inhoud is te diep genest.")
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_integer,
            parse_float=Decimal if exact else _fraction,
        )  # fmt: skip
    except (ValueError, ArithmeticError, RecursionError):  # ArithmeticError: an exponent no Decimal can hold
        raise BadJson from None


def loads(body: bytes) -> Any:
    """As `parse`, and every text in it must be free of control characters; raises Invalid with its path."""
    value = parse(body)
    _judge(value, ())
    return value


def clean(text: str) -> bool:
    """Whether a text is free of control characters and lone surrogates."""
    return CONTROL.search(text) is None


def _depth(text: str) -> int:
    depth = deepest = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("Een naam komt twee keer voor in hetzelfde object.")
    return found


def _no_constant(_: str) -> NoReturn:
    raise BadJson("NaN en Infinity zijn geen JSON.")


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise BadJson("Een getal is te lang.")
    return int(text)


def _fraction(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise BadJson("Een getal is te groot.")
    return value


def _judge(value: Any, path: tuple[str, ...]) -> None:
    if isinstance(value, str):
        if not clean(value):
            raise Invalid("De tekst bevat stuurtekens.", field=".".join(path) or "body")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not clean(key):
                raise Invalid("Een veldnaam bevat stuurtekens.", field=".".join(path) or "body")
            _judge(item, (*path, key))
    elif isinstance(value, list):
        for n, item in enumerate(value):
            _judge(item, (*path, str(n)))
