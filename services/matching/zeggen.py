"""What was decided, said as events: sealed under the person, with what goes into the row of the signal."""

from contextlib import suppress
from dataclasses import replace

from libs.events.catalogue import BRPMatched, BRPMismatched, CaseOpened, CaseTransferred
from libs.events.envelope import Envelope
from libs.events.errors import Erased
from libs.events.sealed import Keys, Sealed
from libs.events.unit import Unit
from libs.events.values import REGIOBALIE, Persoon
from services.matching import aanmeldingen
from services.matching.gevolgen import Gekoppeld, Heropend, Herzien, NietGekoppeld, ZaakGeopend, ZaakOvergedragen
from services.matching.store import Rij
from services.matching.werk import Opdracht, Uitkomst, Werk
from services.matching.zoeken import Bevinding


def zeg(unit: Unit, werk: Werk, uitkomst: Uitkomst, keys: Keys) -> None:
    """Emit what came of one task, and remember the rows that go with it."""
    oorzaak = uitkomst.opdracht.oorzaak
    for outcome in uitkomst.outcomes:
        if isinstance(outcome, ZaakGeopend):
            zaak = outcome.zaak
            opened = CaseOpened(
                zaak_id=zaak.zaak_id, adres_id=zaak.adres_id, gemeentecode=zaak.gemeentecode,
                vorige_zaak_id=outcome.vorige_zaak_id, datum=outcome.datum,
            )  # fmt: skip
            unit.emit(opened, subject=zaak.zaak_id, gemeentecode=zaak.gemeentecode, cause=oorzaak)
        elif isinstance(outcome, ZaakOvergedragen):
            moved = CaseTransferred(
                zaak_id=outcome.zaak_id, naar_gemeentecode=outcome.naar_gemeentecode,
                naar_zaak_id=outcome.naar_zaak_id, datum=outcome.datum,
            )  # fmt: skip
            unit.emit(moved, subject=outcome.zaak_id, gemeentecode=outcome.gemeentecode, cause=oorzaak)
        elif isinstance(outcome, Gekoppeld | NietGekoppeld) and uitkomst.opdracht.aanmelding is not None:
            _zeg_aanmelding(unit, werk, uitkomst.opdracht, outcome, keys)
        elif isinstance(outcome, Gekoppeld):
            _zeg_gekoppeld(unit, werk, uitkomst.opdracht, outcome, keys)
        elif isinstance(outcome, Herzien):
            _zeg_herzien(unit, werk, outcome, keys, oorzaak)
        elif isinstance(outcome, NietGekoppeld):
            _zeg_niet_gekoppeld(unit, werk, uitkomst.opdracht, outcome)
        elif isinstance(outcome, Heropend):
            rij = replace(werk.rijen[outcome.signaal.signaal_id], signaal=outcome.signaal)
            zeg_uitval(unit, rij, oorzaak)
            werk.onthoud(rij)


def _zeg_aanmelding(unit: Unit, werk: Werk, o: Opdracht, outcome: Gekoppeld | NietGekoppeld, keys: Keys) -> None:
    assert o.aanmelding and o.bevinding  # noqa: S101
    if isinstance(outcome, NietGekoppeld):
        rij = aanmeldingen.zeg_niet_gekoppeld(unit, o.aanmelding, o.bevinding, outcome, o.oorzaak)
    else:
        rij = aanmeldingen.zeg_gekoppeld(unit, keys, o.aanmelding, o.bevinding, outcome, o.oorzaak, o.bekend_shv)
    werk.aanmeldingen[o.signaal_id] = rij


def _zeg_gekoppeld(unit: Unit, werk: Werk, o: Opdracht, outcome: Gekoppeld, keys: Keys) -> None:
    signaal, feiten, bevinding = outcome.signaal, o.feiten, o.bevinding
    assert feiten and bevinding and signaal.zaak_id and signaal.persoon_id and signaal.adres_id  # noqa: S101
    rij = Rij(
        signaal, feiten, outcome.gemeentecode, o.volgorde, bewijs=bevinding.bewijs, melding_id=outcome.melding_id,
        leeftijd=bevinding.leeftijd, minderjarigen=bevinding.minderjarigen, huishouden=bevinding.huishouden,
        bekend_shv=o.bekend_shv,
    )  # fmt: skip
    try:
        persoon, rij = _persoon(werk, outcome, bevinding, rij, keys)
        _zeg_koppeling(unit, werk, outcome, rij, persoon, keys, o.oorzaak)
    except Erased:
        if not outcome.bevestigd:
            raise  # else an official linked it, and the person was erased since: the link stays as it was


def _zeg_herzien(unit: Unit, werk: Werk, outcome: Herzien, keys: Keys, oorzaak: Envelope | None) -> None:
    """The same link with other facts; of who was erased since, nothing is said again."""
    rij = werk.rijen[outcome.signaal.signaal_id]
    with suppress(Erased):
        persoon = keys.open(Sealed[Persoon].parse(rij.persoon or ""), Persoon)
        _zeg_koppeling(unit, werk, outcome, rij, persoon, keys, oorzaak)


def _zeg_koppeling(
    unit: Unit, werk: Werk, outcome: Gekoppeld | Herzien, rij: Rij, persoon: Persoon, keys: Keys,
    oorzaak: Envelope | None,
) -> None:  # fmt: skip
    signaal, feiten = outcome.signaal, rij.feiten
    assert signaal.zaak_id and signaal.persoon_id and signaal.adres_id  # noqa: S101
    event_id = unit.next_id(oorzaak)
    verzegeld: Sealed[Persoon] = keys.seal(signaal.persoon_id, event_id, persoon)
    afspraak = werk.afspraken.op(outcome.gemeentecode, feiten.signaaldatum).koppelen
    unit.emit(
        BRPMatched(
            signaal_id=signaal.signaal_id, zaak_id=signaal.zaak_id, melding_id=outcome.melding_id,
            persoon_id=signaal.persoon_id, adres_id=signaal.adres_id, gemeentecode=outcome.gemeentecode,
            match=outcome.vlaggen.match, recidive=outcome.vlaggen.recidive, herhaald=outcome.vlaggen.herhaald,
            vorig_bedrag=outcome.vlaggen.vorig_bedrag, leeftijd=rij.leeftijd,
            minderjarige_kinderen=rij.minderjarigen, huishouden=rij.huishouden,
            bekend_bij_schuldhulpverlening=rij.bekend_shv,
            gebied=afspraak.gebied_van(persoon.postcode), bewijs=rij.bewijs, persoon=verzegeld, **feiten.velden(),
        ),
        subject=signaal.zaak_id, gemeentecode=outcome.gemeentecode, cause=oorzaak, id=event_id,
    )  # fmt: skip
    werk.onthoud(replace(rij, persoon=str(verzegeld)))


def _persoon(werk: Werk, outcome: Gekoppeld, bevinding: Bevinding, rij: Rij, keys: Keys) -> tuple[Persoon, Rij]:
    """Whom to seal: as the BRP gave it now, or as it was when an official decided."""
    if not outcome.bevestigd:
        assert bevinding.wie is not None  # noqa: S101
        return bevinding.wie.persoon(), rij
    eerder = werk.rijen[outcome.signaal.signaal_id]
    blok: Sealed[Persoon] = Sealed.parse(eerder.persoon or "")
    blijft = replace(
        rij, bewijs=eerder.bewijs, leeftijd=eerder.leeftijd, minderjarigen=eerder.minderjarigen,
        huishouden=eerder.huishouden, bekend_shv=eerder.bekend_shv,
    )  # fmt: skip
    return keys.open(blok, Persoon), blijft


def _zeg_niet_gekoppeld(unit: Unit, werk: Werk, o: Opdracht, outcome: NietGekoppeld) -> None:
    signaal, feiten, bevinding = outcome.signaal, o.feiten, o.bevinding
    assert feiten and bevinding  # noqa: S101
    eerder = werk.rijen.get(signaal.signaal_id)
    if signaal.besluit and not o.besluit and eerder is not None:  # an official's answer stands: nothing new to say
        werk.onthoud(replace(eerder, signaal=signaal, feiten=feiten))
        return
    code = bevinding.gemeentecode or REGIOBALIE
    rij = Rij(signaal, feiten, code, o.volgorde, bevinding.reden, bevinding.kandidaten, bevinding.bewijs)
    zeg_uitval(unit, rij, o.oorzaak)
    werk.onthoud(rij)


def zeg_uitval(unit: Unit, rij: Rij, oorzaak: Envelope | None) -> None:
    """A signal that belongs to no case, and why."""
    signaal, feiten = rij.signaal, rij.feiten
    unit.emit(
        BRPMismatched(
            signaal_id=signaal.signaal_id, partner=feiten.partner, signaalpartner=feiten.signaalpartner,
            periode=feiten.periode, status=signaal.status, reden=rij.reden, gemeentecode=rij.tenant,
            kandidaten=rij.kandidaten, bewijs=rij.bewijs, afgedaan=signaal.afgedaan or None,
        ),
        subject=signaal.signaal_id, gemeentecode=rij.tenant, cause=oorzaak,
    )  # fmt: skip
