"""An arrears at a partner: it rises, is signalled month after month, and ends."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import log
from random import Random
from typing import Any

from drempel.region.calibration import BEREIK_LADDER, MEDIAAN, ONVERANDERD
from libs.chassis.region import Partner
from libs.events.values import Signaalpartner, Signaalsoort


@dataclass(slots=True)
class Achterstand:
    """One arrears under one `kenmerk`.

    `zaak_huishouden` and `burgerservicenummer` are None where nobody lives whom the BRP can give; `ladder` says that
    it rises until the judge, `vast` how that ends where it is fixed beforehand.
    """

    partner: Partner
    kenmerk: str
    huishouden: int | None
    zaak_huishouden: int | None
    burgerservicenummer: str | None
    geboren: date
    client: dict[str, Any]
    ontstaan: date
    bedrag: Decimal
    soort: Signaalsoort
    ladder: bool = False
    vast: str = ""
    keren: int = 0
    herhaald: bool = False
    open: bool = True
    geholpen: bool = False
    dossier: str = ""

    @property
    def bereikbaar(self) -> float:
        """How easily this household is reached, against others of its age; who is to be evicted never was."""
        if self.vast == "Uitgevoerd":
            return 0.0
        return BEREIK_LADDER if self.ladder else 1.0

    @property
    def crisis(self) -> bool:
        """Its partner calls it a crisis: supply is about to be cut off."""
        return self.soort in (Signaalsoort.CRISIS, Signaalsoort.EINDELEVERING)

    def groei(self, rng: Random) -> None:
        """The next month: unchanged, partly paid, or one more instalment; on the ladder it always rises."""
        if not self.keren:
            return
        self.herhaald = not self.ladder and rng.random() < ONVERANDERD
        if self.herhaald:
            deel = rng.choice(("1", "1", "1", "0.8", "0.6"))
            self.bedrag = max(Decimal("1.00"), (self.bedrag * Decimal(deel)).quantize(Decimal("0.01")))
        else:
            self.bedrag += (self.bedrag / (self.keren + 1)).quantize(Decimal("0.01")) + Decimal("0.01")


def bedrag(rng: Random, soort: Signaalpartner) -> Decimal:
    """A lognormal amount in euro with two decimals, 15 to 15,000 (assumption: no distribution is published)."""
    mediaan, sigma = MEDIAAN.get(soort, (250.0, 0.6))
    waarde = min(max(rng.lognormvariate(log(mediaan), sigma), 15.0), 15_000.0)
    return Decimal(f"{waarde:.2f}")


def signaal(achterstand: Achterstand, dag: date) -> dict[str, Any]:
    """The intake record of this arrears on a day (`signaaldatum`), in the contract's camelCase."""
    record: dict[str, Any] = {
        "kenmerk": achterstand.kenmerk,
        "soort": achterstand.soort.value,
        "bedrag": achterstand.bedrag,
        "ontstaansdatum": achterstand.ontstaan.isoformat(),
        "signaaldatum": dag.isoformat(),
        "crisissignaal": achterstand.crisis,
        "warmeOverdracht": False,
        "client": achterstand.client,
    }
    if achterstand.soort is Signaalsoort.EINDELEVERING:
        record["einddatumLevering"] = (dag + timedelta(days=30)).isoformat()
    if achterstand.partner.type is Signaalpartner.HUUR:
        record["socialeIncasso"] = sociale_incasso(achterstand.ontstaan)
    return record


def sociale_incasso(ontstaan: date) -> dict[str, Any]:
    """The four steps of Bgs art. 2, all within five weeks of the start of the arrears."""
    contact, brief = ontstaan + timedelta(days=14), ontstaan + timedelta(days=28)
    return {
        "persoonlijkContact": contact.isoformat(),
        "gewezenOpHulp": contact.isoformat(),
        "schriftelijkeHerinnering": brief.isoformat(),
        "aanbodGegevensdeling": brief.isoformat(),
        "huurderWeigerde": False,
    }
