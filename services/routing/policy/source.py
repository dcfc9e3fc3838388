"""A policy document as text: YAML (JSON is YAML too), with the line on which each part stands.

Everything but ja/nee, true/false and an empty value is read as text and judged by the document's own types, so that
``0546`` stays a municipality and is not taken for an octal number.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

Path = tuple[str | int, ...]
LARGEST = 1 << 20
DEEPEST, MOST_NODES = 20, 50_000
_PLAIN: Mapping[str, Any] = {"": None, "~": None, "null": None, "ja": True, "nee": False, "true": True, "false": False}


class NotADocument(ValueError):
    """The text can't be read; `line` is where."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


@dataclass(frozen=True)
class Source:
    """What a text says, and the line of each path in it."""

    value: Any
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """The line of the deepest part of the path that the text has."""
        known = [part for part in path if self._occurs(part)]
        for length in range(len(known), 0, -1):
            if (found := self.lines.get(tuple(known[:length]))) is not None:
                return found
        return 1

    def _occurs(self, part: str | int) -> bool:
        """False for what a validator adds to a path: the name of a type."""
        return isinstance(part, int) or part in self._parts

    @cached_property
    def _parts(self) -> frozenset[str | int]:
        return frozenset(part for path in self.lines for part in path)


def read(text: bytes) -> Source:
    """Read a document; raises NotADocument with its line."""
    if len(text) > LARGEST:
        raise NotADocument(1, "het document is groter dan 1 MiB")
    try:
        decoded = re.sub(r"(?m)^\t+", lambda tabs: " " * len(tabs[0]), text.decode("utf-8-sig"))
        node = yaml.compose(decoded, Loader=_Loader)
    except UnicodeDecodeError:
        raise NotADocument(1, "het document is geen UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotADocument(mark.line + 1 if mark else 1, f"geen leesbare YAML of JSON: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise NotADocument(1, "geen leesbare YAML of JSON") from None
    if node is None:
        raise NotADocument(1, "het document is leeg")
    lines: dict[Path, int] = {}
    return Source(_value(node, (), lines), lines)


class _Loader(yaml.SafeLoader):
    depth = nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """A reference would let a small text stand for an endless one."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="een verwijzing (*) mag niet", problem_mark=self.get_mark())
        self.depth, self.nodes = self.depth + 1, self.nodes + 1
        if self.depth > DEEPEST or self.nodes > MOST_NODES:
            problem = "het document is te diep genest" if self.depth > DEEPEST else "het document heeft te veel delen"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=self.get_mark())
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def _value(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, place), lines) for place, item in enumerate(node.value)]
    plain = isinstance(node, yaml.ScalarNode) and node.style is None
    return _PLAIN.get(node.value, node.value) if plain else node.value


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise NotADocument(line, "een veldnaam is tekst")
        if key.value in found:
            raise NotADocument(line, f"{key.value} komt twee keer voor")
        lines[*path, key.value] = line
        found[key.value] = _value(item, (*path, key.value), lines)
    return found
