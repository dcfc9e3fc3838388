"""What tests of outreach over HTTP have in common: acts on a case, and reading back what became of them."""

from typing import Any

from libs.events.catalogue import Event
from tests.household import Household

POGING = {
    "soort": "Telefoon",
    "datum": "2025-03-10",
    "dagdeel": "Ochtend",
    "bereikt": False,
    "resultaat": "Geen gehoor",
}
SLUIT = {"resultaat": "Definitief geen contact kunnen krijgen", "datum": "2025-03-20"}
ACTS: dict[str, dict[str, Any]] = {
    "contactpogingen": POGING, "hulpacceptaties": {"soort": "Budgetbeheer", "datum": "2025-03-10"},
    "afwijzingen": {"reden": "Wil geen hulp", "datum": "2025-03-10"}, "afsluitingen": SLUIT,
    "gesprekken": {"datum": "2025-03-10"}, "beschikkingen": {"datum": "2025-03-10"},
    "hulpbeeindigingen": {"datum": "2025-03-10"}, "nazorg": {"datum": "2025-03-10"},
}  # fmt: skip
"""Of every act a body that is right."""


async def act(huis: Household, what: str, body: dict[str, Any], **headers: str) -> Any:
    """Post an act on the case."""
    return await huis.drempel.http.post(f"{huis.pad}/{what}", json=body, headers=huis.als() | headers)


async def listed(huis: Household, name: str, rol: str = "consulent", **query: Any) -> list[dict[str, Any]]:
    """The rows of a list of this municipality, once everybody heard."""
    await huis.drempel.rest()
    query = {"gemeentecode": huis.gemeentecode} | query
    answer = await huis.drempel.http.get(f"/outreach/v1/{name}", params=query, headers=huis.als(rol))
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()[name]
    return rows


async def worklist(huis: Household, rol: str = "consulent", **query: Any) -> list[dict[str, Any]]:
    """The work list."""
    return await listed(huis, "werkvoorraad", rol, **query)


async def opened(huis: Household, rol: str = "consulent") -> dict[str, Any]:
    """The case with everything in it."""
    answer = await huis.drempel.http.get(huis.pad, headers=huis.als(rol))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def said(huis: Household, kind: type[Event] = Event) -> list[Any]:
    """What outreach said of this case."""
    return [e.data for e in await huis.drempel.log("outreach")
            if isinstance(e.data, kind) and e.subject == str(huis.zaak_id)]  # fmt: skip


def fields(answer: Any) -> list[str]:
    """The fields a problem names."""
    return [wrong["name"] for wrong in answer.json().get("invalidParams", [])]
