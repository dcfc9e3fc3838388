"""The policies that come with Drempel: one document each, with its own examples, in force until a municipality
publishes another. A municipality without a document of its own follows ``landelijk.yaml``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.routing.policy.check import parse
from services.routing.policy.document import Beleid
from services.routing.policy.source import read

FOLDER = Path(__file__).parent
STANDAARD = "landelijk.yaml"


@dataclass(frozen=True, slots=True)
class Meegeleverd:
    """The documents that ship: the national default, and those of the municipalities that have one."""

    standaard: Beleid
    per_gemeente: Mapping[str, Beleid]

    def voor(self, gemeentecode: str | None) -> Beleid:
        """The document of a municipality."""
        return self.per_gemeente.get(gemeentecode or "", self.standaard)


@cache
def meegeleverd() -> Meegeleverd:
    """Read them all, once; that each is in order is proved by the tests."""
    documents = {path.name: _document(path) for path in sorted(FOLDER.glob("*.yaml"))}
    own = {code: document for document in documents.values() for code in document.gemeentecodes}
    return Meegeleverd(documents[STANDAARD], own)


def _document(path: Path) -> Beleid:
    beleid, found = parse(read(path.read_bytes()).value)
    if beleid is None or found:
        raise ValueError(f"{path.name}: {'; '.join(map(str, found))}")
    return beleid
