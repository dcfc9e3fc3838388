"""The facts that signals, answers and endings around a household give."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from libs.events.catalogue import (
    EscalatedToSignaleringPlus,
    FirstConversationHeld,
    HelpAccepted,
    HelpDeclined,
    MeldingClosed,
    SignalWithdrawn,
)
from libs.events.values import Contactsoort, Eindresultaat, Intrekkingsreden, Signaalpartner
from services.routing.feiten import feiten_van
from tests.matched import KEUZE, Verloop, contact, gekoppeld, ingetrokken


def feiten(verloop: Verloop, signaal: int, terug: int = 12) -> dict[str, Any]:
    found = verloop.beeld.signalen[UUID(int=100 + signaal)]
    assert found.koppeling is not None
    beleid = KEUZE("0505", date(2025, 3, 10)).model_copy(update={"terugkijkmaanden": terug})
    return dict(feiten_van(found, found.koppeling, verloop.beeld, beleid).values)


def gehoord(*events: Any) -> Verloop:
    verloop = Verloop()
    verloop.hoor(*events)
    return verloop


def test_how_many_how_much_and_whether_a_landlord_is_among_them() -> None:
    rent: dict[str, Any] = {"signaalpartner": Signaalpartner.HUUR, "bedrag": Decimal("700.50")}
    found = feiten(gehoord(gekoppeld(1), gekoppeld(2, **rent), gekoppeld(3), gekoppeld(4), ingetrokken(4)), 1)
    assert (found["aantal_signalen_zelfde_periode"], found["aantal_partners_zelfde_periode"]) == (3, 2)
    assert (found["match_met_huur"], found["totaalbedrag"]) == (True, Decimal("760.50"))
    alone = feiten(gehoord(gekoppeld(1, **rent)), 1)
    assert (alone["match_met_huur"], alone["aantal_signalen_zelfde_periode"]) == (False, 1)
    assert alone["totaalbedrag"] == Decimal("700.50")


def test_how_far_back_and_how_many_months_in_a_row() -> None:
    verloop = gehoord(*(gekoppeld(n, n) for n in (1, 3, 4, 5)), gekoppeld(6, 6, gemeentecode="0505"))
    found = feiten(verloop, 6)
    assert (found["maanden_op_rij"], found["aantal_eerdere_signalen"]) == (4, 4)
    assert feiten(verloop, 6, terug=2)["aantal_eerdere_signalen"] == 2
    assert feiten(verloop, 1)["maanden_op_rij"] == 1


def test_an_amount_that_fell_is_neither_risen_nor_the_same() -> None:
    assert feiten(gehoord(gekoppeld(1, vorig_bedrag=Decimal("30.01"))), 1)["bedrag_gedaald"] is True
    assert feiten(gehoord(gekoppeld(1, vorig_bedrag=Decimal("30.00"))), 1)["bedrag_gedaald"] is False


def gesloten(maand: int, resultaat: Eindresultaat, dag: date) -> MeldingClosed:
    return MeldingClosed(zaak_id=UUID(int=201), melding_id=UUID(int=3100 + maand), resultaat=resultaat, datum=dag)


def test_paid_by_themselves_counts_per_month_and_from_before_the_period() -> None:
    paid = SignalWithdrawn(signaal_id=UUID(int=101), partner="zorg", signaalpartner=Signaalpartner.ZORG,
                           periode="2025-01", reden=Intrekkingsreden.BETAALD, datum=date(2025, 1, 20))  # fmt: skip
    unjust = paid.model_copy(update={"signaal_id": UUID(int=102), "reden": Intrekkingsreden.ONTERECHT})
    verloop = gehoord(
        *(gekoppeld(n, n) for n in range(1, 6)), paid, unjust,
        gesloten(3, Eindresultaat.ZELF_BETAALD, date(2025, 3, 30)),
        gesloten(4, Eindresultaat.ZELF_BETAALD, date(2025, 5, 2)),
    )  # fmt: skip
    assert [feiten(verloop, n)["keren_zelf_betaald"] for n in range(1, 6)] == [0, 1, 1, 2, 2]
    assert feiten(verloop, 5)["eerder_eindresultaat"] is Eindresultaat.ZELF_BETAALD
    assert feiten(verloop, 3)["eerder_eindresultaat"] is None


def test_contact_since_the_previous_report_is_what_the_ladder_asks_too() -> None:
    chain = {"achterstand_id": UUID(int=9)}
    reports = [gekoppeld(1, 3, **chain), gekoppeld(2, 4, **chain)]
    told = {"zaak_id": UUID(int=201), "soort": "x"}
    for act, counts in (
        (contact(date(2025, 3, 9)), False),
        (contact(date(2025, 3, 10)), True),
        (contact(date(2025, 4, 9)), True),
        (contact(date(2025, 4, 10)), False),
        (contact(date(2025, 4, 1), bereikt=False), False),
        (FirstConversationHeld(datum=date(2025, 4, 1), melding_id=None, **told), True),
        (HelpDeclined(datum=date(2025, 4, 1), reden="x", zaak_id=UUID(int=201)), True),
    ):
        for heard in ([*reports, act], [act, *reports]):
            assert feiten(gehoord(*heard), 2)["contact_sinds_vorig_signaal"] is counts, act
    assert feiten(gehoord(reports[0], contact(date(2025, 3, 9))), 1)["contact_sinds_vorig_signaal"] is False, (
        "the first"
    )


def test_signalering_plus_runs_from_the_day_after_it_was_said_until_help_is_accepted() -> None:
    def plus(dag: date, zaak: int = 201) -> EscalatedToSignaleringPlus:
        return EscalatedToSignaleringPlus(zaak_id=UUID(int=zaak), datum=dag, aanleiding="Stijging")

    helped = HelpAccepted(zaak_id=UUID(int=201), datum=date(2025, 4, 5), soort="x")
    for events, runs in (
        ((), False),
        ((plus(date(2025, 3, 10)),), True),
        ((plus(date(2025, 4, 9)),), True),
        ((plus(date(2025, 4, 10)),), False),
        ((plus(date(2025, 3, 10), 202),), False),
        ((plus(date(2025, 3, 10)), helped), False),
        ((plus(date(2025, 3, 10)), helped, plus(date(2025, 4, 8))), True),
    ):
        for heard in ([gekoppeld(1, 3), gekoppeld(2, 4), *events], [*reversed(events), gekoppeld(2, 4)]):
            assert feiten(gehoord(*heard), 2)["signalering_plus"] is runs, events
    assert feiten(gehoord(plus(date(2025, 3, 10)), gekoppeld(1, 3)), 1)["signalering_plus"] is False, "its cause"


def test_when_somebody_was_last_tried_and_last_reached() -> None:
    tried = contact(date(2025, 3, 5), bereikt=False).model_copy(update={"soort": Contactsoort.BRIEF})
    found = feiten(gehoord(contact(date(2025, 1, 5)), tried, gekoppeld(1, 4)), 1)
    assert (found["maanden_sinds_poging"], found["maanden_sinds_contact"]) == (1, 3)
    assert feiten(gehoord(gekoppeld(1, 4)), 1)["maanden_sinds_poging"] is None
