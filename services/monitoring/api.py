"""HTTP of monitoring: cases and their timelines, the partner view, the indicators. It only reads."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from libs.chassis.auth import Caller
from libs.chassis.clock import AMSTERDAM
from libs.chassis.guard import allow
from libs.chassis.http import StrictRoute
from libs.chassis.paging import Paged
from libs.chassis.patience import eventually
from libs.chassis.service import Runtime, runtime_of
from libs.events.errors import Forbidden, Invalid, NotFound
from libs.events.values import REGIOBALIE, Gemeentecode, PartnerKey
from services.monitoring import cijfers
from services.monitoring.cijfers import Figures, Line
from services.monitoring.fase import Fase
from services.monitoring.tijdlijn import OWN, Tijdlijn
from services.monitoring.trechter import Funnel, percentage
from services.monitoring.views import timeline

router = APIRouter(route_class=StrictRoute)

Maand = Annotated[
    str, Query(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2]))?$", description="maand (2025-03) of jaar (2025); leeg: alles")
]


@router.get("/zaken")
async def cases(
    page: Paged,
    gemeentecode: Gemeentecode | None = None,
    fase: Fase | None = None,
    partner: PartnerKey | None = None,
    caller: Caller = allow("monitoring:lezen"),
    runtime: Runtime = Depends(runtime_of),
) -> dict[str, Any]:
    """The cases of the caller's municipalities, newest first."""
    async with runtime.reading(caller, caller.may_see(gemeentecode)) as conn:
        rows = await timeline.cases(conn, fase, partner, page.limit, page.offset)
    return page.answer("zaken", [case_as_json(row) for row in rows])


@router.get("/zaken/{zaakId}/tijdlijn")
async def tijdlijn(
    zaakId: UUID,
    opTijdstip: Annotated[str | None, Query(max_length=40, description="dag of tijdstip")] = None,
    caller: Caller = allow("monitoring:lezen"),
    runtime: Runtime = Depends(runtime_of),
) -> dict[str, Any]:
    """What happened in a case, in order; with `opTijdstip` only what had happened then (a day: at its end)."""
    asked = moment(opTijdstip)

    async def look() -> Tijdlijn | None:
        async with runtime.reading(caller) as conn:
            return await timeline.case(conn, zaakId, asked)

    found = await eventually(look)
    if found is None:
        raise NotFound
    return as_json(found)


@router.get("/partnerbeeld")
async def partnerbeeld(
    periode: Maand | None = None,
    caller: Caller = allow("monitoring:regio"),
    runtime: Runtime = Depends(runtime_of),
) -> dict[str, Any]:
    """Per signal partner and per team, over all municipalities of the region."""
    async with runtime.reading(caller, whole_region(runtime)) as conn:
        partners, teams = await cijfers.per_partner(conn, periode), await cijfers.per_team(conn, periode)
        total = await cijfers.total(conn, periode)
    return {
        "periode": periode,
        "partners": [partner_as_json(runtime, line) for line in partners],
        "teams": [_line(line) | {"organisatie": line.wie[0], "team": line.wie[1]} for line in teams],
        "totaal": figures_as_json(total),
    }


@router.get("/indicatoren")
async def indicatoren(
    gemeentecode: Gemeentecode | None = None,
    periode: Maand | None = None,
    caller: Caller = allow("monitoring:lezen", "monitoring:regio"),
    runtime: Runtime = Depends(runtime_of),
) -> dict[str, Any]:
    """The indicators of the Divosa monitor, for one municipality or for all the caller may see."""
    async with runtime.reading(caller, counted_for(caller, runtime, gemeentecode)) as conn:
        found = await cijfers.indicatoren(conn, periode)
    meldingen = found.totaal.meldingen
    return {
        "gemeentecode": gemeentecode,
        "periode": periode,
        "signalen": found.signalen,
        "nietOpgepakt": found.niet_opgepakt,
        "meldingen": meldingen,
        "enkelvoudig": meldingen - found.meervoudig,
        "meervoudig": found.meervoudig,
        "recidive": found.recidive,
        "recidivePercentage": percentage(found.recidive, meldingen),
        "contactpogingen": found.pogingen,
        "contactpogingenPerMelding": round(found.pogingen / meldingen, 2) if meldingen else None,
        **_funnel(found.totaal),
        "trechter": {
            "totaal": _funnel(found.totaal),
            "vroegsignalering": _funnel(found.vroegsignalering),
            "signaleringPlus": _funnel(found.signalering_plus),
        },
    }


def whole_region(runtime: Runtime) -> Sequence[str]:
    """All municipalities, and the regional desk for what belongs to none."""
    return (*sorted(runtime.region.gemeentecodes), REGIOBALIE)


def counted_for(caller: Caller, runtime: Runtime, gemeentecode: str | None) -> Sequence[str]:
    """The municipalities to count over: with the regional scope any of the region, else those of the token."""
    if not caller.may("monitoring:regio"):
        return caller.may_see(gemeentecode)
    if gemeentecode is None:
        return whole_region(runtime)
    if gemeentecode not in runtime.region.gemeentecodes:
        raise Forbidden("Deze gemeente hoort niet bij de regio.")
    return (gemeentecode,)


def moment(asked: str | None) -> datetime | None:
    """The moment asked for: a day means its end, a time without zone is Dutch time. Raises Invalid."""
    if asked is None:
        return None
    try:
        if len(asked) == len("2025-03-01"):
            return datetime.combine(date.fromisoformat(asked), time.max, AMSTERDAM)
        found = datetime.fromisoformat(asked.replace(" ", "+"))  # a plus sign that was not encoded
        return (found if found.tzinfo else found.replace(tzinfo=AMSTERDAM)).astimezone(UTC)
    except (ValueError, OverflowError):  # a first or last day of time that is none in UTC
        raise Invalid("Een dag (2025-03-01) of een tijdstip volgens RFC 3339.", field="opTijdstip") from None


def case_as_json(row: Any) -> dict[str, Any]:
    """A case in a list."""
    last = row["laatste_op"]
    return {
        "zaakId": row["zaak_id"],
        "gemeentecode": row["gemeentecode"],
        "fase": row["fase"],
        "openingsdatum": row["openingsdatum"],
        "laatsteGebeurtenisOp": last and last.astimezone(AMSTERDAM),
        "signalen": row["signalen"],
        "partners": row["partners"],
    }


def as_json(found: Tijdlijn) -> dict[str, Any]:
    """A timeline; times are Dutch, so that their date is the day on which it happened."""
    return {
        "zaakId": found.zaak_id,
        "gemeentecode": found.gemeentecode,
        "fase": found.fase,
        "spoor": found.spoor,
        "stap": found.stap,
        "behandelaar": found.behandelaar and dict(zip(("organisatie", "team"), found.behandelaar, strict=True)),
        "gebeurtenissen": [
            {
                "id": one.id,
                "type": one.type,
                "opTijdstip": one.op.astimezone(AMSTERDAM),
                "vastgelegdOp": one.vastgelegd_op.astimezone(AMSTERDAM),
                "omschrijving": one.omschrijving,
                "vervallen": one.id in found.vervallen,
                "aanmeldingId" if one.type in OWN else "signaalId": one.signaal_id,
                "meldingId": one.melding_id,
                "partner": one.partner_key,
            }
            for one in found.gebeurtenissen
        ],
    }


def partner_as_json(runtime: Runtime, line: Line) -> dict[str, Any]:
    """A line of the partner view; a corporation of the region is marked."""
    key = str(line.wie[0])
    known = runtime.region.partner(key)
    corporations = {one.key for one in runtime.region.regio.corporaties}
    named = {"partner": key, "naam": known.naam if known else key, "signaalpartner": known.type if known else None}
    return named | {"corporatie": key in corporations} | _line(line)


def _line(line: Line) -> dict[str, Any]:
    return {"gemeentecodes": [code for code in line.gemeenten if code != REGIOBALIE], **figures_as_json(line.figures)}


def figures_as_json(figures: Figures) -> dict[str, Any]:
    """The counts of a line, and their percentages."""
    return {
        "signalen": figures.signalen,
        "nietOpgepakt": figures.niet_opgepakt,
        **_funnel(Funnel(figures.meldingen, figures.bereikt, figures.hulp)),
        "signaleringPlus": figures.signalering_plus,
        "spoor2": figures.spoor_2,
        "deurwaarder": figures.deurwaarder,
        "ontruimingenAangezegd": figures.aangezegd,
        "ontruimingenVoorkomen": figures.voorkomen,
        "ontruimingenUitgevoerd": figures.uitgevoerd,
    }


def _funnel(funnel: Funnel) -> dict[str, Any]:
    return {
        "meldingen": funnel.meldingen,
        "bereikt": funnel.bereikt,
        "bereikPercentage": funnel.bereik,
        "hulpacceptatie": funnel.hulp,
        "hulpacceptatiePercentage": funnel.acceptatie,
    }
