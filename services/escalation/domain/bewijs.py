"""The proof over the whole log that no term passed unseen. Pure: it hears every event and looks at nothing else.

Two ways that meet: what was said of each term fits together and with the days, and every term that follows from the
facts, folded anew, was said to have started.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from libs.chassis.clock import AMSTERDAM
from libs.events import catalogue as c
from libs.events.afspraken import Afspraken, Gepubliceerd
from libs.events.envelope import Envelope
from libs.events.ids import derived
from services.escalation.domain.boek import HEARS, Boek, Feit
from services.escalation.domain.termijnen import Termijn, Zaakbeeld, termijnen

KINDS: tuple[type[c.Event], ...] = (*HEARS, c.PolicyPublished, *(k for k in c.CATALOGUE.values()
                                                                if issubclass(k, c.EscalationEvent)))  # fmt: skip
"""What the proof hears."""


@dataclass
class Gezegd:
    """Everything that was said of one term, each with the day it was recorded."""

    started: list[c.TermStarted] = field(default_factory=list)
    met: list[c.TermMet] = field(default_factory=list)
    breached: list[tuple[c.TermBreached, date]] = field(default_factory=list)

    def stand(self) -> str:
        """`verlopen`, `vervallen`, `gehaald` or `lopend`."""
        if self.breached:
            return "verlopen"
        return ("vervallen" if self.met[0].vervallen else "gehaald") if self.met else "lopend"

    def wrong(self, vandaag: date) -> Iterator[str]:
        """What does not fit."""
        if len(self.started) != 1:
            yield f"{len(self.started)} keer begonnen"
            return
        last = self.started[0].uiterlijke_datum
        if len(self.met) > 1 or len(self.breached) > 1:
            yield "meer dan eens gehaald of verlopen"
        if any(event.datum != last or recorded <= last for event, recorded in self.breached):
            yield "verlopen verklaard voor het zo was"
        if any(event.datum > last for event in self.met) and not self.breached:
            yield "na de laatste dag gehaald zonder dat zij verlopen was"
        if last < vandaag and not self.met and not self.breached:
            yield "ongezien verlopen"


@dataclass
class Bewijs:
    """Hears all logs one after the other (that of escalation last); then says what is wrong on a day."""

    boek: Boek = field(default_factory=Boek)
    gezegd: defaultdict[UUID, Gezegd] = field(default_factory=lambda: defaultdict(Gezegd))
    _agreed: list[tuple[bool, date, str, Afspraken]] = field(default_factory=list)

    def hear(self, envelope: Envelope) -> None:
        """Take up one event."""
        event: Any = envelope.data
        match event:
            case c.TermStarted():
                self.gezegd[event.termijn_id].started.append(event)
            case c.TermMet():
                self.gezegd[event.termijn_id].met.append(event)
            case c.TermBreached():
                recorded = envelope.time.astimezone(AMSTERDAM).date()
                self.gezegd[event.termijn_id].breached.append((event, recorded))
            case c.PolicyPublished():
                agreed = Afspraken.model_validate(event.beleid.get("afspraken") or {})
                self._agreed.append((not event.meegeleverd, event.geldig_vanaf, event.gemeentecode, agreed))
            case c.EscalationEvent():
                self._reported(envelope.id, event)
            case _ if isinstance(event, HEARS):
                self.boek.hear(envelope)

    def _reported(self, id: UUID, event: c.EscalationEvent) -> None:
        """Of a signal: it belongs to the case where that is now."""
        plek = self.boek.plekken.get(event.signaal_id) if event.signaal_id else None
        zaak_id = plek.zaak_id if plek else event.zaak_id
        if zaak_id in self.boek.zaken:
            self.boek.add(Feit(id, event, self.boek.zaken[zaak_id], zaak_id, event.signaal_id))

    def fouten(self, vandaag: date) -> list[dict[str, str]]:
        """What is wrong: `{"zaakId", "termijn", "begin", "uiterlijk", "wat"}` each."""
        found = [
            _fout(events.started[0], wat) if events.started else {"termijnId": str(termijn_id), "wat": wat}
            for termijn_id, events in self.gezegd.items() for wat in events.wrong(vandaag)
        ]  # fmt: skip
        for zaak_id, termijn in self._gewenst():
            events = self.gezegd.get(derived(zaak_id, f"{termijn.soort}:{termijn.oorzaak}:{termijn.begin}:0"))
            unsaid = termijn.stop is not None and events is not None and not events.met
            if termijn.uiterlijk < vandaag and (events is None or unsaid):
                wat = "nooit begonnen" if events is None else "gestopt zonder dat het gezegd is"
                found.append({"zaakId": str(zaak_id), "termijn": termijn.soort, "begin": str(termijn.begin),
                              "uiterlijk": str(termijn.uiterlijk), "wat": wat})  # fmt: skip
        return found

    def _gewenst(self) -> Iterable[tuple[UUID, Termijn]]:
        """The terms that follow from the facts, each by what was agreed when it began."""
        in_order = sorted(self._agreed, key=lambda row: row[:2])
        kept = Gepubliceerd((code, begins, agreed) for _, begins, code, agreed in in_order)
        versions: defaultdict[str, list[Afspraken]] = defaultdict(lambda: [kept.op("", date.min)])
        for _, _, code, agreed in self._agreed:
            versions[code].append(agreed)
        for zaak_id, tenant in self.boek.zaken.items():
            ladder, feiten = self.boek.ladder(zaak_id), self.boek.feiten_van(zaak_id)
            for agreed in versions[tenant]:
                for termijn in termijnen(Zaakbeeld(ladder, feiten, agreed.termijnen)):
                    if kept.op(tenant, termijn.begin) is agreed:
                        yield zaak_id, termijn

    def telling(self) -> dict[str, dict[str, int]]:
        """Per kind of term how many were met, became void, were breached and run."""
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for events in self.gezegd.values():
            if events.started:
                found[events.started[0].soort][events.stand()] += 1
        return {soort: dict(sorted(counts.items())) for soort, counts in sorted(found.items())}


def _fout(started: c.TermStarted, wat: str) -> dict[str, str]:
    return {
        "zaakId": str(started.zaak_id), "termijn": started.soort, "begin": str(started.begin_datum),
        "uiterlijk": str(started.uiterlijke_datum), "wat": wat,
    }  # fmt: skip
