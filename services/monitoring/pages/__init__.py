"""The pages: the region at a glance, the cases, and one case. Dutch, written on the server, no personal data."""

from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from libs.chassis.auth import Caller
from libs.chassis.links import COOKIE, SESSION_SECONDS, LinkUsed, NotSignedIn, links_of, session_of
from libs.chassis.problems import PAGE
from libs.chassis.service import Runtime, runtime_of
from libs.events.errors import NotFound
from services.monitoring import cijfers
from services.monitoring.fase import Fase
from services.monitoring.pages import drawing
from services.monitoring.pages.wording import by_kind, render
from services.monitoring.tijdlijn import Tijdlijn
from services.monitoring.views import timeline

STATIC = Path(__file__).parent / "static"
PER_PAGE = 50
WIDE, NARROW = 960, 350
"""Each picture is drawn for a desk and for a phone; the style sheet shows one of them."""


async def as_page(request: Request) -> None:
    """From here on errors are pages."""
    request.scope[PAGE] = True


router = APIRouter(dependencies=[Depends(as_page)], default_response_class=HTMLResponse, include_in_schema=False)

Session = Annotated[Caller, Depends(session_of)]
Running = Annotated[Runtime, Depends(runtime_of)]
# A form sends an empty text for what was not chosen.
Maand = Annotated[str, Query(pattern=r"^$|^[0-9]{4}(-(0[1-9]|1[0-2]))?$")]
Gemeente = Annotated[str, Query(pattern=r"^$|^[0-9]{4}$")]
Partner = Annotated[str, Query(pattern=r"^$|^[a-z0-9][a-z0-9-]{0,63}$")]


@router.get("/")
async def overview(caller: Session, runtime: Running, periode: Maand = "", gemeentecode: Gemeente = "") -> Response:
    """The partner view, the funnel, and the case that shows most of the way."""
    async with runtime.reading(caller, caller.may_see(gemeentecode or None)) as conn:
        found = await cijfers.indicatoren(conn, periode)
        partners = await cijfers.per_partner(conn, periode)
        teams = await cijfers.per_team(conn, periode)
        total = await cijfers.total(conn, periode)
        months, telling = await cijfers.periods(conn), await timeline.telling_case(conn)
        case = await timeline.case(conn, telling) if telling else None
    funnels = {
        "Totaal": found.totaal, "Vroegsignalering": found.vroegsignalering, "Signalering+": found.signalering_plus
    }  # fmt: skip
    return render(
        "overzicht.html", runtime.region, indicatoren=found, totaal=total, teams=teams,
        soorten=by_kind(runtime.region, partners), maanden=months, periode=periode, gemeentecode=gemeentecode,
        trechters=[(name, funnel, drawing.funnel(funnel)) for name, funnel in funnels.items()], **_drawn(case),
    )  # fmt: skip


@router.get("/zaken")
async def cases(
    caller: Session, runtime: Running, gemeentecode: Gemeente = "", fase: Fase | Literal[""] = "",
    partner: Partner = "", pagina: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:  # fmt: skip
    """The cases, newest first, with filters."""
    async with runtime.reading(caller, caller.may_see(gemeentecode or None)) as conn:
        rows = await timeline.cases(conn, fase or None, partner or None, PER_PAGE + 1, (pagina - 1) * PER_PAGE)
    chosen = {"gemeentecode": gemeentecode, "fase": fase, "partner": partner}
    return render(
        "zaken.html", runtime.region, zaken=rows[:PER_PAGE], meer=len(rows) > PER_PAGE, pagina=pagina, fasen=list(Fase),
        keuze={name: value for name, value in chosen.items() if value},
    )  # fmt: skip


@router.get("/zaken/{zaak_id}")
async def case(caller: Session, runtime: Running, zaak_id: UUID) -> Response:
    """One case: the picture, and everything that happened in it."""
    async with runtime.reading(caller) as conn:
        found = await timeline.case(conn, zaak_id)
    if found is None:
        raise NotFound("Deze zaak bestaat niet, of hoort niet bij uw regio.")
    return render("zaak.html", runtime.region, **_drawn(found))


@router.get("/aanmelden")
async def sign_in(request: Request, code: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Open a session with a one-time link."""
    if not code:
        raise NotSignedIn
    try:
        session = links_of(request).redeem(code)
    except LinkUsed as used:
        return error_page(used.status, used.rule)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(COOKIE, session, max_age=SESSION_SECONDS, httponly=True, samesite="strict", path="/")
    return answer


@router.get("/static/drempel.css")
async def style() -> Response:
    """The style sheet; it says nothing, so nobody has to sign in for it."""
    return FileResponse(STATIC / "drempel.css", media_type="text/css", headers={"Cache-Control": "max-age=300"})


def error_page(status: int, sentence: str) -> HTMLResponse:
    """What a browser gets instead of a problem."""
    return render("fout.html", None, status, code=status, zin=sentence)


def _drawn(found: Tijdlijn | None) -> dict[str, Any]:
    """A timeline with its pictures and phases, for a template."""
    if found is None:
        return {"zaak": None}
    return {
        "zaak": found,
        "tekeningen": [drawing.picture(found, WIDE), drawing.picture(found, NARROW)],
        "fasen_van_zaak": drawing.stretches(found),
    }
