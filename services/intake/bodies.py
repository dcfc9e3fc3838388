"""Bodies of requests and answers. Signals are judged by `aanlevering`, field by field; here they are only described."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

from libs.events.values import Client, Datum, Intrekkingsreden, Signaalpartner, Signaalsoort, SocialeIncasso, Value
from services.intake.splitters import SPLITTERS


class Signaal(Value):
    """One signal as a partner posts it (contract, intake)."""

    kenmerk: str = Field(max_length=100, description="reference of the arrears at the partner")
    soort: Signaalsoort = Signaalsoort.VROEGSIGNAAL
    bedrag: Decimal | None = Field(None, gt=0, decimal_places=2, description="required, except for a Zorgmelding")
    ontstaansdatum: date | None = None
    signaaldatum: date
    crisissignaal: bool = False
    warme_overdracht: bool = False
    einddatum_levering: date | None = None
    client: Client
    sociale_incasso: SocialeIncasso | None = Field(None, description="required for Huur (Bgs art. 2)")
    namens: str | None = Field(
        None, max_length=200, description="caseworker only: key or name of the partner; any name when not connected"
    )
    signaalpartner: Signaalpartner | None = Field(
        None, description="caseworker only: type of a partner that is not connected, else Overige"
    )


class Intrekking(Value):
    """A signal is taken back; `namens` as in the signal, from a caseworker only."""

    reden: Intrekkingsreden
    datum: Datum
    namens: str | None = Field(None, max_length=200)


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    """A JSON schema without references, so that it can stand inside an OpenAPI document."""
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {key: _inlined(value, definitions) for key, value in node.items() if key != "$defs"}


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a body that is read without pydantic."""
    schema = model.model_json_schema()
    found: dict[str, Any] = _inlined(schema, schema.get("$defs", {}))
    return found


SIGNAAL = {"requestBody": {"required": True, "content": {"application/json": {"schema": described(Signaal)}}}}
LEVERING = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "object", "properties": {"signalen": {"type": "array", "items": {}}}}}
            if kind == "application/json"
            else {"schema": {"type": "string"}}
            for kind in SPLITTERS
        },
    }
}
"""For `openapi_extra`."""
