"""Which version of a policy is in force: the ones that ship and the ones a municipality published. Pure.

The version with the latest ``geldigVanaf`` on or before a day is in force on that day, the last published where two
begin together; before the first of them the first one is. A municipality without a document follows the national
default.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from libs.events.errors import Invalid, Refusal
from services.routing.beleid import meegeleverd
from services.routing.policy.document import Beleid


class VersieBestaat(Refusal):
    """Deze gemeente heeft al een versie met deze naam; een besluit verwijst naar precies een document."""

    code = "versieBestaat"


@dataclass(frozen=True, slots=True)
class Versie:
    """A version as it is kept; `gepubliceerd_op` None for the one that ships."""

    gemeentecode: str
    beleid: Beleid
    gepubliceerd_op: datetime | None = None


class Versies:
    """The versions of some municipalities, in the order of publication."""

    def __init__(self, published: Iterable[Versie] = ()) -> None:
        self._published = list(published)

    def van(self, gemeentecode: str) -> list[Versie]:
        """All versions of a municipality, the one that ships first."""
        shipped = Versie(gemeentecode, meegeleverd().voor(gemeentecode))
        return [shipped, *(one for one in self._published if one.gemeentecode == gemeentecode)]

    def op(self, gemeentecode: str, day: date) -> Beleid:
        """The policy in force on a day."""
        every = [one.beleid for one in self.van(gemeentecode)]
        since = [one.geldig_vanaf if gemeentecode in one.gemeentecodes else date.min for one in every]
        begun = [(begin, place) for place, begin in enumerate(since) if begin <= day]
        return every[max(begun)[1]] if begun else every[0]

    def genoemd(self, gemeentecode: str, versie: str) -> Beleid | None:
        """The version of this name."""
        return next((one.beleid for one in self.van(gemeentecode) if one.beleid.versie == versie), None)


def publish(beleid: Beleid, versies: Versies, gemeentecode: str, eerste: date) -> Beleid:
    """The document as it will hold for this municipality alone. Raises VersieBestaat, or Invalid for one that begins
    before `eerste`: decisions already taken can't fall under a policy that was not there."""
    if beleid.geldig_vanaf < eerste:
        raise Invalid("Op signalen van die dag of later is al besloten; begin vandaag of later.", field="geldigVanaf")
    if versies.genoemd(gemeentecode, beleid.versie) is not None:
        raise VersieBestaat(field="versie")
    return beleid.model_copy(update={"gemeentecodes": (gemeentecode,)})


@lru_cache(maxsize=512)
def stored(document: str) -> Beleid:
    """A published document as it was stored; it never changes."""
    return Beleid.model_validate_json(document)


def named(rows: Iterable[tuple[str, str, datetime]]) -> Iterator[Versie]:
    """Versions from (municipality, document, when)."""
    return (Versie(code, stored(document), when) for code, document, when in rows)
