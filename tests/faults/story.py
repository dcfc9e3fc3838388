"""A small story for the campaign: what partners and caseworkers send, in steps that may be sent again until answered.

Every step reads what it needs and writes under an Idempotency-Key or contents that are idempotent by themselves, as a
client does that got no answer.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from tests.installation import Installation
from tests.intake import NDJSON, ndjson, signaal
from tests.matching import persoon, schrijf

PARTNER, GEMEENTE = "woonbron", "0505"
NAMEN = ("Dijk", "Bakker", "Smit", "Visser", "Mulder", "Bos")
GEWIST = "H-5"
"""The kenmerk of the one who is erased at the end."""


def personen(folder: Path) -> Path:
    """The file of the trial BRP: a household per name."""
    return schrijf(
        folder,
        [persoon(f"99999{n:04d}", naam, f"198{n}-06-15", adres=("3311AB", 10 + n, "", ""))
         for n, naam in enumerate(NAMEN)],
    )  # fmt: skip


def rij(n: int, maand: int = 3, **changes: Any) -> dict[str, Any]:
    """Signal of household n about a month of 2025; the last name of all is nobody the BRP knows."""
    wie = n % (len(NAMEN) + 1)
    client = {"voorvoegsel": None, "achternaam": [*NAMEN, "Niemand"][wie], "geboortedatum": f"198{wie}-06-15",
              "huisnummer": 10 + wie, "huisnummertoevoeging": None}  # fmt: skip
    days = {"ontstaansdatum": "2025-01-01", "signaaldatum": f"2025-{maand:02d}-03"}
    return signaal(client, kenmerk=f"H-{n}", **days, **changes)


@dataclass
class Story:
    """What a client remembers between its steps."""

    drempel: Installation
    signalen: dict[str, str] = field(default_factory=dict)

    async def lever(self, maand: int, wrong: bool = False) -> None:
        """A delivery of all households about a month, one row refused when `wrong`."""
        rijen = [rij(n, maand) for n in range(9)] + ([rij(9, maand, bedrag=-1)] if wrong else [])
        headers = self.drempel.als("partner", partner=PARTNER) | {"Content-Type": NDJSON}
        answer = await self._send("/intake/v1/leveringen", content=ndjson(rijen), headers=headers)
        assert answer.status_code == 202, answer.text

    async def stuur(self, n: int, maand: int, **changes: Any) -> None:
        """One signal, or a correction of it."""
        body = rij(n, maand, **changes)
        headers = self._sleutel(f"signaal {n} {maand} {changes}") | self.drempel.als("partner", partner=PARTNER)
        answer = await self._send("/intake/v1/signalen", json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        self.signalen[body["kenmerk"]] = answer.json()["signaalId"]

    async def trek_in(self, n: int) -> None:
        """A signal is taken back, perhaps before it is linked."""
        await self._post(f"/intake/v1/signalen/{self.signalen[f'H-{n}']}/intrekkingen", "partner",
                         {"reden": "Betaald", "datum": "2025-06-20"})  # fmt: skip

    async def draag_over(self, n: int) -> None:
        """To the bailiff, perhaps before the signal was matched."""
        body = {"signaalId": self.signalen[f"H-{n}"], "deurwaarder": "Van Lith", "dossierkenmerk": f"DW{n}",
                "fase": "Overgedragen", "datum": "2025-06-25"}  # fmt: skip
        await self._post("/escalation/v1/deurwaarderoverdrachten", "partner", body)

    async def bezoek(self, n: int) -> None:
        """A visit, once the case is there."""
        body = {"soort": "Huisbezoek", "datum": "2025-06-10", "dagdeel": "Middag", "bereikt": True}
        await self._post(f"/outreach/v1/zaken/{await self._zaak(n)}/contactpogingen", "consulent", body)

    async def help(self, n: int) -> None:
        """Help is accepted."""
        await self._post(f"/outreach/v1/zaken/{await self._zaak(n)}/hulpacceptaties", "consulent",
                         {"soort": "Vervolghulp en/of verwijzing financieel", "datum": "2025-06-11"})  # fmt: skip

    async def _zaak(self, n: int) -> str:
        headers, where = self.drempel.als("consulent", GEMEENTE), f"/matching/v1/signalen/{self.signalen[f'H-{n}']}"
        for _ in range(600):
            answer = await self.drempel.http.get(where, headers=headers)
            if answer.status_code == 200 and (zaak := answer.json().get("zaakId")):
                return str(zaak)
            await asyncio.sleep(0.05)
        raise AssertionError(f"no case: {answer.text}")

    async def _post(self, pad: str, rol: str, body: dict[str, Any]) -> None:
        who = self.drempel.als("partner", partner=PARTNER) if rol == "partner" else self.drempel.als(rol, GEMEENTE)
        answer = await self._send(pad, json=body, headers=who | self._sleutel(pad))
        assert answer.status_code in (200, 201), answer.text

    async def _send(self, pad: str, **request: Any) -> httpx.Response:
        """As a client does that heeds 503: once more, a little later; an answer that is lost raises."""
        for _ in range(100):
            answer = await self.drempel.http.post(pad, **request)
            if answer.status_code != 503:
                break
            await asyncio.sleep(0.1)
        return answer

    @staticmethod
    def _sleutel(text: str) -> dict[str, str]:
        return {"Idempotency-Key": text.replace("/", ".").replace("'", "")[:200]}

    def steps(self) -> list[Callable[[], Awaitable[None]]]:
        """All of it, in order."""
        begin = [partial(self.lever, 3, wrong=True), *(partial(self.stuur, n, 6) for n in range(6))]
        acts = [
            partial(self.stuur, 1, 6, bedrag=999.5), partial(self.trek_in, 2), partial(self.draag_over, 3),
            partial(self.bezoek, 0), partial(self.lever, 4), partial(self.help, 0), partial(self.lever, 5),
            partial(self.lever, 4), partial(self.bezoek, 1), partial(self.stuur, 6, 6),
        ]  # fmt: skip
        return [*begin, *acts]
