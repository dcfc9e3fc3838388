"""Who is who: the ids a run made, and the arrears of the synthetic region they stand for."""

from collections import defaultdict
from collections.abc import Iterable

from drempel.region.achterstanden import Achterstand
from drempel.region.signalen import Signaalstroom


class Register:
    """Ids lead to arrears and back; nothing that anybody decides depends on an id."""

    def __init__(self, stroom: Signaalstroom) -> None:
        self._stroom = stroom
        self._signalen: dict[tuple[str, str, str], str] = {}
        self._terug: dict[str, tuple[str, str, str]] = {}
        self._zaken: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._zaak_van: dict[str, tuple[str, str]] = {}

    def bekend(self, signaal_id: str, partner: str, kenmerk: str, periode: str) -> None:
        """A signal was accepted under this id."""
        self._signalen[partner, kenmerk, periode] = signaal_id
        self._terug[signaal_id] = partner, kenmerk, periode

    def signaal(self, partner: str, kenmerk: str, periode: str) -> str:
        """The id of a signal; KeyError when it was never accepted."""
        return self._signalen[partner, kenmerk, periode]

    def periode(self, signaal_id: str) -> str:
        """The period of a signal."""
        return self._terug[signaal_id][2]

    def achterstand(self, signaal_id: str) -> Achterstand:
        """The arrears a signal is about."""
        partner, kenmerk, _ = self._terug[signaal_id]
        return self._stroom.achterstanden[partner, kenmerk]

    def in_zaak(self, zaak_id: str, gemeentecode: str, signaal_ids: Iterable[str]) -> None:
        """These signals belong to this case of this municipality."""
        for een in signaal_ids:
            self._zaken[zaak_id].add(self._terug[een][:2])
            self._zaak_van[een] = zaak_id, gemeentecode

    def zaak(self, signaal_id: str) -> tuple[str, str] | None:
        """Case and municipality of a signal; None while nobody has looked."""
        return self._zaak_van.get(signaal_id)

    def geholpen(self, zaak_id: str) -> None:
        """Help was accepted in this case: its partners hear of it."""
        for partner, kenmerk in self._zaken[zaak_id]:
            self._stroom.geholpen(partner, kenmerk)

    def vast(self, afloop: str) -> list[str]:
        """The signals, in order of period, of the arrears whose eviction was fixed to end so."""
        return [
            een
            for (partner, kenmerk, _), een in sorted(self._signalen.items(), key=lambda paar: paar[0][2])
            if self._stroom.achterstanden[partner, kenmerk].vast == afloop
        ]
