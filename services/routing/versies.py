"""Which version of a policy is in force: the ones that ship and the ones a municipality published. Pure.

The version with the latest ``geldigVanaf`` on or before a day is in force on that day, the last published where two
begin together; before the first of them the first one is. From the day on that a version of its own begins, a
municipality follows no other that ships; one without a document follows the national default.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from libs.events.errors import Invalid, Refusal
from services.routing.beleid import meegeleverd
from services.routing.policy.document import Beleid


class VersieBestaat(Refusal):
    """Deze gemeente heeft al een versie met deze naam; een besluit verwijst naar precies een document."""

    code = "versieBestaat"


@dataclass(frozen=True, slots=True)
class Versie:
    """A version as it is kept; `gepubliceerd_op` is when it was said, None for one that ships and was not yet."""

    gemeentecode: str
    beleid: Beleid
    gepubliceerd_op: datetime | None = None
    meegeleverd: bool = False


class Versies:
    """The versions of some municipalities, in the order of publication."""

    def __init__(self, kept: Iterable[Versie] = ()) -> None:
        self._kept = list(kept)

    def van(self, gemeentecode: str) -> list[Versie]:
        """All versions of a municipality, what ships first; one that ships also where it was not said yet."""
        kept = [one for one in self._kept if one.gemeentecode == gemeentecode]
        shipped = [one for one in kept if one.meegeleverd]
        if not shipped:
            shipped = [Versie(gemeentecode, meegeleverd().voor(gemeentecode), meegeleverd=True)]
        return [*shipped, *(one for one in kept if not one.meegeleverd)]

    def op(self, gemeentecode: str, day: date) -> Beleid:
        """The policy in force on a day."""
        every = self.van(gemeentecode)
        begun = [
            (not one.meegeleverd, one.beleid.geldig_vanaf, place)
            for place, one in enumerate(every) if one.beleid.geldig_vanaf <= day
        ]  # fmt: skip
        return every[max(begun)[2] if begun else 0].beleid

    def genoemd(self, gemeentecode: str, versie: str) -> Beleid | None:
        """The version of this name."""
        return next((one.beleid for one in self.van(gemeentecode) if one.beleid.versie == versie), None)

    def te_zeggen(self, gemeentecode: str, today: date) -> Beleid | None:
        """What ships and was not said yet of this municipality. What ships in the place of another begins today or
        later: decisions already taken can't fall under it."""
        beleid = meegeleverd().voor(gemeentecode)
        kept = [one for one in self._kept if one.gemeentecode == gemeentecode]
        if any(one.beleid.versie == beleid.versie for one in kept):
            return None
        begins = beleid.geldig_vanaf
        if any(one.meegeleverd for one in kept) and begins < today:
            return beleid.model_copy(update={"geldig_vanaf": today})
        return beleid


def publish(beleid: Beleid, versies: Versies, gemeentecode: str, eerste: date) -> Beleid:
    """The document as it will hold for this municipality alone. Raises VersieBestaat, or Invalid for one that begins
    before `eerste`: decisions already taken can't fall under a policy that was not there."""
    if beleid.geldig_vanaf < eerste:
        raise Invalid("Op signalen van die dag of later is al besloten; begin vandaag of later.", field="geldigVanaf")
    if versies.genoemd(gemeentecode, beleid.versie) is not None:
        raise VersieBestaat(field="versie")
    return beleid.model_copy(update={"gemeentecodes": (gemeentecode,)})
