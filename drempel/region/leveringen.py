"""Deliveries of partners and how they are written: CSV (rent), NDJSON (energy, water) or JSON (health, CAK)."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from libs.chassis.region import Partner
from libs.events.values import Signaalpartner

_CLIENT = (
    "voorletters voorvoegsel achternaam geboortedatum postcode huisnummer huisletter huisnummertoevoeging "
    "telefoonnummer email"
)
_INCASSO = "persoonlijkContact gewezenOpHulp schriftelijkeHerinnering aanbodGegevensdeling huurderWeigerde"
KOLOMMEN = (
    *("kenmerk", "soort", "bedrag", "ontstaansdatum", "signaaldatum", "crisissignaal", "warmeOverdracht"),
    *(f"client.{veld}" for veld in _CLIENT.split()),
    *(f"socialeIncasso.{veld}" for veld in _INCASSO.split()),
)


@dataclass(frozen=True, slots=True)
class Levering:
    """What one partner delivers on a day about a period. `aard` is levering, herzending or correctie.

    `huishoudens` is parallel to `records`: the household whose case the signal belongs to, None where nobody lives
    whom the BRP can give; `geweigerd` holds the indexes of records that break a rule of the contract.
    """

    partner: Partner
    periode: str
    datum: date
    records: list[dict[str, Any]]
    huishoudens: tuple[int | None, ...]
    herhaald: tuple[bool, ...]
    geweigerd: frozenset[int] = frozenset()
    aard: str = "levering"

    @property
    def media_type(self) -> str:
        """Content type of `inhoud`."""
        if self.partner.type is Signaalpartner.HUUR:
            return "text/csv"
        if self.partner.type in (Signaalpartner.ENERGIE, Signaalpartner.WATER):
            return "application/x-ndjson"
        return "application/json"

    @property
    def bestandsnaam(self) -> str:
        """Name of the file, as `partner-yyyy-mm.ext`, with the kind where it is not the first delivery."""
        ext = {"text/csv": "csv", "application/x-ndjson": "ndjson"}.get(self.media_type, "json")
        return f"{self.partner.key}-{self.periode}{'' if self.aard == 'levering' else '-' + self.aard}.{ext}"

    def inhoud(self) -> bytes:
        """The body in UTF-8, as the partner's kind of file."""
        if self.media_type == "text/csv":
            return _csv(self.records, "\r\n" if len(self.partner.key) % 2 else "\n").encode()
        if self.media_type == "application/x-ndjson":
            return "".join(_json(record) + "\n" for record in self.records).encode()
        return ('{"signalen": [\n' + ",\n".join(_json(record) for record in self.records) + "\n]}\n").encode()


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=float)


def _csv(records: list[dict[str, Any]], regeleinde: str) -> str:
    uit = io.StringIO()
    schrijver = csv.writer(uit, delimiter=";", lineterminator=regeleinde)
    schrijver.writerow(KOLOMMEN)
    for record in records:
        vlak = {
            f"{naam}.{veld}": waarde
            for naam in ("client", "socialeIncasso")
            for veld, waarde in record.get(naam, {}).items()
        }
        schrijver.writerow([_cel({**record, **vlak}.get(kolom)) for kolom in KOLOMMEN])
    return uit.getvalue()


def _cel(waarde: Any) -> str:
    if waarde is None:
        return ""
    if isinstance(waarde, bool):
        return str(waarde).lower()
    return str(waarde).replace(".", ",") if isinstance(waarde, Decimal) else str(waarde)
