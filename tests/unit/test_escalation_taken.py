"""What has still to be done in a case follows from its facts."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from libs.events import catalogue as c
from libs.events.afspraken import STANDAARD, Termijnen
from libs.events.values import Contactsoort, Ontruimingsgrond, Signaalsoort
from services.escalation.domain.ladder import fold
from services.escalation.domain.overleg import uit_beeld
from services.escalation.domain.regels import DECIDER
from services.escalation.domain.taken import MELDPUNT, meldpunt, taakverdeling, van_corporatie
from tests.ladders import (
    NU,
    ONTRUIMING,
    ZAAK,
    F,
    announced,
    said,
    signal,
    todo,
)

APRIL = signal(UUID(int=9), signaaldatum=date(2026, 4, 1), periode="2026-04", vorig_bedrag=Decimal("900"))


def test_spoor_2_is_a_task_of_the_corporation_for_three_reasons() -> None:
    summons = c.DeurwaarderTransferred(zaak_id=ZAAK, datum=date(2026, 4, 2), deurwaarder="Kil", fase=F.DAGVAARDING)
    declined = said(c.HelpDeclined, date(2026, 3, 9))
    for signals, events, reason in [
        ([signal()], [summons], "er is gedagvaard"),
        ([signal(), APRIL], [declined], "het signaal is afgeketst, want hulp is eerder geweigerd"),
        ([signal(), APRIL], [], "er is geen contact met de huurder"),
    ]:
        asked = f"Melding bij het Meldpunt Zorg en Overlast: {reason}"
        assert todo(signals, *events)[0] == asked
        reported = said(c.ReportedToMPZO, date(2026, 4, 20), soort="Geen contact")
        assert asked not in todo(signals, *events, reported)
    assert todo([signal()]) == [], "one month of arrears"
    helped, ended = said(c.HelpAccepted, date(2026, 4, 21)), said(c.HelpEnded, date(2026, 5, 4))
    again = summons.model_copy(update={"datum": date(2026, 5, 20)})
    summoned = f"{MELDPUNT}er is gedagvaard"
    assert summoned not in todo([signal()], summons, reported, helped, ended), "of that one it was told"
    assert summoned in todo([signal()], summons, reported, helped, ended, again), "of a summons it always is"
    spoken = said(c.ContactAttempted, date(2026, 3, 20), bereikt=True)
    bounced = [f"{MELDPUNT}het signaal is afgeketst, want hulp is eerder geweigerd"]
    assert todo([signal(), APRIL], declined, spoken) == bounced, "to be spoken with is not to take help"
    accepted = said(c.HelpAccepted, date(2026, 3, 24)), said(c.HelpEnded, date(2026, 3, 25))
    assert bounced[0] not in todo([signal(), APRIL], declined, *accepted), "help was accepted after the refusal"
    ladder = fold(DECIDER.fold([signal(), APRIL]).signalen, [declined])
    reden = meldpunt(ladder, [declined], STANDAARD.termijnen)
    assert van_corporatie(ladder, NU, reden) == [
        "Melding bij het Meldpunt Zorg en Overlast: de werkafspraken vragen erom"
    ], "what the household answered is not the corporation's to know"
    assert meldpunt(ladder, [declined], Termijnen(meldpunt_zorg_en_overlast=False)) is None


def test_no_contact_is_since_the_previous_report_and_months_count_from_when_the_arrears_began() -> None:
    asked = "Melding bij het Meldpunt Zorg en Overlast: er is geen contact met de huurder"

    def there(signals: list[c.Event], *events: c.Event) -> bool:
        return asked in todo(signals, *events)

    long_ago = said(c.ContactAttempted, date(2026, 2, 20), bereikt=True, soort=Contactsoort.TELEFOON)
    since = said(c.ContactAttempted, date(2026, 3, 20), bereikt=True, soort=Contactsoort.TELEFOON)
    in_vain = said(c.ContactAttempted, date(2026, 3, 20), bereikt=False, soort=Contactsoort.TELEFOON)
    assert there([signal(), APRIL], long_ago)
    assert not there([signal(), APRIL], since)
    old = signal(ontstaansdatum=date(2026, 1, 2))
    assert not there([old]), "nobody tried yet"
    assert there([old], in_vain) and not there([old], in_vain, since)
    assert not there([signal(ontstaansdatum=date(2026, 1, 3))], in_vain), "one month and some weeks"
    young = [{"ontstaansdatum": date(2026, 2, 2)}, {"ontstaansdatum": None}]
    for fields, expected in zip(young, (False, True), strict=True):
        april = signal(UUID(int=9), signaaldatum=date(2026, 4, 1), periode="2026-04", **fields)
        assert there([signal(**fields), april]) is expected, fields


def test_spoor_1_pauses_collection_while_rent_is_paid_and_help_runs() -> None:
    helped, paused = said(c.HelpAccepted, date(2026, 3, 10)), said(c.CollectionPaused, date(2026, 3, 12))
    assert todo([signal()], helped) == ["Corporatie vragen de incasso te pauzeren: hulp is aanvaard"]
    assert todo([signal()], helped, paused) == []
    ended = said(c.HelpEnded, date(2026, 4, 20))
    assert todo([signal()], helped, paused, ended) == [
        "Corporatie laten weten dat de hulp is beëindigd: de incasso wordt hervat", "Nazorg: vragen hoe het gaat",
    ]  # fmt: skip
    declined = said(c.HelpDeclined, date(2026, 4, 20))
    assert todo([signal()], helped, paused, declined)[0].startswith("Corporatie laten weten")
    asked = said(c.AftercareDone, date(2026, 4, 28))
    resumed = said(c.CollectionResumed, date(2026, 4, 21))
    assert todo([signal()], helped, paused, ended, resumed, asked) == []
    risen = signal(UUID(int=9), signaaldatum=date(2026, 4, 1), vorig_bedrag=Decimal("600"))
    assert todo([signal(), risen], helped, paused) == [
        "Nagaan of de lopende huur wordt betaald: de achterstand steeg tijdens de incassopauze"
    ]
    assert "de incasso wordt hervat" in todo([signal(), risen], helped, paused, ended)[0], "help that ended goes first"


def test_a_date_within_a_moratorium_has_to_be_postponed() -> None:
    asked = "Ontruiming laten uitstellen: het moratorium geldt tot en met 04-11-2026"
    requested = said(c.MoratoriumRequested, date(2026, 5, 4))
    decided = {
        kind: said(c.MoratoriumDecided, date(2026, 5, 4), resultaat=kind) for kind in ("Toegewezen", "Afgewezen")
    }
    assert asked in todo([], announced(), requested, decided["Toegewezen"])
    assert asked not in todo([], announced(), requested, decided["Afgewezen"])
    nuisance = announced(Ontruimingsgrond.OVERLAST)
    assert asked not in todo([], nuisance, requested, decided["Toegewezen"]), "it is not about debts"
    for day, there in ((date(2026, 11, 4), True), (date(2026, 11, 5), False)):
        moved = c.EvictionPostponed(
            zaak_id=ZAAK, datum=date(2026, 5, 6), ontruiming_id=ONTRUIMING, nieuwe_datum=day
        )  # fmt: skip
        assert (asked in todo([], announced(), requested, decided["Toegewezen"], moved)) is there


def test_of_a_care_case_nothing_is_owed() -> None:
    """No collection to pause and no months of arrears to report; out of sight it is not."""
    care = {"soort": Signaalsoort.ZORGMELDING, "bedrag": None}
    reports = [signal(**care), signal(UUID(int=9), signaaldatum=date(2026, 4, 1), periode="2026-04", **care)]
    assert todo(reports) == []
    assert todo(reports, said(c.HelpAccepted, date(2026, 4, 2))) == []
    ladder = fold(DECIDER.fold(reports).signalen, [])
    assert [uit_beeld(ladder, [], date(2026, 5, 31) + timedelta(days=n), 60) for n in (0, 1)] == [False, True]


def test_an_eviction_asks_for_a_visit_a_card_and_who_does_what_and_then_for_what_the_client_needs() -> None:
    day = date(2026, 5, 4)
    assert todo([], announced()) == [
        "Afloop van de ontruiming melden: de datum is voorbij", "Ontruiming: huisbezoek",
        "Ontruiming: gele kaart, er is geen contact", "Ontruiming: afspreken wie wat oppakt met de inwoner",
    ]  # fmt: skip
    visit = said(c.ContactAttempted, day, soort=Contactsoort.HUISBEZOEK, bereikt=True)
    plan = [
        said(c.ActionTaken, day, soort="Taakverdeling", taak=taak, uitvoerder=wie)
        for taak, wie in (("Casusregie", "Gemeente"), ("Casusregie", "Sociaal team"), ("Inboedel", "Gemeente"))
    ]
    came = said(c.SelfReported, day, client=None, toelichting=None)
    assert todo([], announced(), visit, *plan, came)[1:] == [
        "Crisisprotocol: de bewoner heeft zich na de aanzegging zelf gemeld",
        "Moratorium overwegen (Fw art. 287b) als de ontruiming niet op een andere manier te voorkomen is",
    ]
    crisis = said(c.ActionTaken, day, soort="Crisisprotocol")
    assert todo([], announced(Ontruimingsgrond.OVERLAST), visit, *plan, came, crisis)[1:] == [], "no moratorium"
    assert [(one["taak"], one["uitvoerder"]) for one in taakverdeling(plan)] == [
        ("Casusregie", "Sociaal team"), ("Inboedel", "Gemeente"),
    ]  # fmt: skip
