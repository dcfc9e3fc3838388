"""What a batch of matching remembers of a signal."""

from datetime import date
from typing import Any, cast
from uuid import uuid4

from libs.events.values import Signaalpartner, Signaalsoort
from services.matching.feiten import Feiten
from services.matching.stand import Signaal, Stand
from services.matching.store import Rij
from services.matching.werk import Werk


def test_a_correction_within_a_batch_leaves_the_signal_its_place() -> None:
    achterstand = uuid4()
    signaal = Signaal(uuid4(), achterstand, "2025-03", None)
    feiten = Feiten(
        achterstand_id=achterstand, partner="woonbron", signaalpartner=Signaalpartner.HUUR,
        soort=Signaalsoort.VROEGSIGNAAL, signaaldatum=date(2025, 3, 3), periode="2025-03",
    )  # fmt: skip
    werk = Werk(cast(Stand, None), {}, {}, {}, cast(Any, None))
    werk.onthoud(Rij(signaal, feiten, "0505", volgorde=3))
    werk.onthoud(Rij(signaal, feiten, "0523", volgorde=7))
    assert (werk.rijen[signaal.signaal_id].volgorde, werk.rijen[signaal.signaal_id].tenant) == (3, "0523")
