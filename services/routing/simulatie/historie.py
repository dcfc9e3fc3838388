"""What routing recorded of a municipality, in parts that know nothing of each other. Pure."""

from collections import defaultdict
from collections.abc import AsyncIterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.routing.domain import Beeld, Handeling, Signaal


@dataclass(frozen=True, slots=True)
class Omvang:
    """How much there is to replay: so many signals that take part, on these days."""

    signalen: int = 0
    dagen: frozenset[date] = frozenset()


@dataclass
class Historie:
    """Signals as they are now known, what was done, and which household a case belongs to: whatever these see of each
    other is in it."""

    signalen: list[Signaal] = field(default_factory=list)
    handelingen: list[Handeling] = field(default_factory=list)
    huishoudens: dict[UUID, UUID] = field(default_factory=dict)

    def beeld(self) -> Beeld:
        """All that is known in it."""
        beeld = Beeld()
        for zaak_id, huishouden in self.huishoudens.items():
            beeld.hoort(zaak_id, huishouden)
        for signaal in self.signalen:
            beeld.zet(signaal)
        for act in self.handelingen:
            beeld.doe(act)
        return beeld

    def neemt(self, deel: "Historie") -> None:
        """This part belongs to it too."""
        self.signalen += deel.signalen
        self.handelingen += deel.handelingen
        self.huishoudens |= deel.huishoudens


async def samen(delen: AsyncIterable[Historie]) -> Historie:
    """All parts as one."""
    geheel = Historie()
    async for deel in delen:
        geheel.neemt(deel)
    return geheel


class Verbanden:
    """Which signals hang together, by address, arrears or household, however far (union-find over these ids)."""

    def __init__(self) -> None:
        self._boven: dict[int, int] = {}
        self._adressen: defaultdict[UUID, list[UUID]] = defaultdict(list)

    def zie(self, signaal_id: UUID, adres_id: UUID, achterstand_id: UUID, huishouden_id: UUID) -> None:
        """Take in a signal."""
        self._adressen[adres_id].append(signaal_id)
        for ander in (achterstand_id, huishouden_id):
            top, under = self._vind(adres_id), self._vind(ander)
            if top != under:
                self._boven[under] = top

    def delen(self, grootte: int) -> Iterator[list[UUID]]:
        """All signals in parts of at least so many that know nothing of each other; what was told is gone then."""
        groepen: defaultdict[int, list[UUID]] = defaultdict(list)
        while self._adressen:
            adres_id, signalen = self._adressen.popitem()
            groepen[self._vind(adres_id)] += signalen
        self._boven.clear()
        deel: list[UUID] = []
        while groepen:
            deel += groepen.popitem()[1]
            if len(deel) >= grootte or not groepen:
                yield deel
                deel = []

    def _vind(self, id_: UUID) -> int:
        """The group of an id."""
        boven, een = self._boven, id_.int
        while (hoger := boven.get(een, een)) != een:
            boven[een] = een = boven.get(hoger, hoger)
        return een
