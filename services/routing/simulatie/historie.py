"""What routing recorded of a municipality, in groups of signals that know nothing of each other. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from services.routing.domain import Beeld, Handeling, Signaal


@dataclass
class Historie:
    """Signals as they are now known, what was done, and which household a case belongs to; of the municipality and of
    the households that were once elsewhere."""

    signalen: list[Signaal] = field(default_factory=list)
    handelingen: list[Handeling] = field(default_factory=list)
    huishoudens: Mapping[UUID, UUID] = field(default_factory=dict)

    def groepen(self) -> Iterator["Groep"]:
        """The groups: connected by address, arrears or household."""
        vind, verbind = _verbonden()
        for signaal in self.signalen:
            if (link := signaal.koppeling) is not None:
                for key in (signaal.signaal_id, link.achterstand_id, self.huishoudens.get(link.zaak_id, link.zaak_id)):
                    verbind(link.adres_id, key)
        groepen: defaultdict[int, Groep] = defaultdict(Groep)
        for signaal in self.signalen:
            groepen[vind(signaal.signaal_id)].signalen.append(signaal)
        for act in self.handelingen:
            place = self.huishoudens.get(act.zaak_id, act.zaak_id) if act.zaak_id else act.signaal_id
            if place is not None and (groep := groepen.get(vind(place))) is not None:
                groep.handelingen.append(act)
        for zaak_id, huishouden in self.huishoudens.items():
            if (groep := groepen.get(vind(huishouden))) is not None:
                groep.huishoudens[zaak_id] = huishouden
        yield from groepen.values()

    def geheel(self) -> "Groep":
        """All of it as one group."""
        return Groep(self.signalen, self.handelingen, dict(self.huishoudens))


@dataclass
class Groep:
    """Signals that may see each other, with what was done in their households."""

    signalen: list[Signaal] = field(default_factory=list)
    handelingen: list[Handeling] = field(default_factory=list)
    huishoudens: dict[UUID, UUID] = field(default_factory=dict)

    def beeld(self) -> Beeld:
        """All that is known in the group."""
        beeld = Beeld()
        for zaak_id, huishouden in self.huishoudens.items():
            beeld.hoort(zaak_id, huishouden)
        for signaal in self.signalen:
            beeld.zet(signaal)
        for act in self.handelingen:
            beeld.doe(act)
        return beeld


def _verbonden() -> tuple[Callable[[UUID], int], Callable[[UUID, UUID], None]]:
    """Which ids hang together (union-find): one function that names the group of an id, one that joins two ids."""
    boven: dict[int, int] = {}

    def vind(id_: UUID) -> int:
        een = id_.int
        while (hoger := boven.get(een, een)) != een:
            boven[een] = een = boven.get(hoger, hoger)
        return een

    def verbind(een: UUID, ander: UUID) -> None:
        top, under = vind(een), vind(ander)
        if top != under:
            boven[under] = top

    return vind, verbind
