"""What would be known had some decisions been others and had some acts not taken place. Pure."""

from collections.abc import Iterator
from uuid import UUID

from services.routing.domain import Beeld, Handeling, Koppeling, Signaal


class Anders:
    """What was known, but for what differs; a link that nothing of it touches sees the same."""

    def __init__(self, toen: Beeld) -> None:
        self._toen = toen
        self._signalen: dict[UUID, Signaal] = {}
        self._vergeten: set[UUID] = set()
        self._geraakt: set[UUID] = set()

    def zet(self, signaal: Signaal, link: Koppeling) -> None:
        """This was decided on a signal: later reports of the arrears see it."""
        self._signalen[signaal.signaal_id] = signaal
        self._geraakt.add(link.achterstand_id)

    def vergeet(self, act: Handeling, link: Koppeling) -> None:
        """This act in the household of a case did not take place, nor did a melding end by it."""
        self._vergeten.add(act.id)
        self._geraakt.add(self._toen.huishouden(link.zaak_id))
        self._geraakt |= {its.adres_id for _, its in self._toen.van_huishouden(link.zaak_id)}

    def raakt(self, link: Koppeling) -> bool:
        """Whether who has this link may see something else than was known."""
        keys = (link.achterstand_id, link.adres_id, self._toen.huishouden(link.zaak_id))
        return not self._geraakt.isdisjoint(keys)

    def op_adres(self, adres_id: UUID) -> Iterator[tuple[Signaal, Koppeling]]:
        """As ``Beeld`` has it: where somebody lives is not decided."""
        return self._toen.op_adres(adres_id)

    def van_achterstand(self, achterstand_id: UUID) -> Iterator[tuple[Signaal, Koppeling]]:
        """The reports of one arrears, as they would be decided."""
        for signaal, its in self._toen.van_achterstand(achterstand_id):
            yield self._signalen.get(signaal.signaal_id, signaal), its

    def van_huishouden(self, zaak_id: UUID) -> Iterator[tuple[Signaal, Koppeling]]:
        """The signals of the household of a case."""
        return self._toen.van_huishouden(zaak_id)

    def gedaan(self, zaak_id: UUID) -> list[Handeling]:
        """What would be done in the household of a case."""
        return [act for act in self._toen.gedaan(zaak_id) if act.id not in self._vergeten]

    def afgesloten(self, melding_id: UUID) -> list[Handeling]:
        """How a melding would have ended."""
        return [act for act in self._toen.afgesloten(melding_id) if act.id not in self._vergeten]
