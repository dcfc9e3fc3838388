"""`drempel token`: a token of the local issuer."""

from datetime import timedelta
from typing import Annotated

import typer

from drempel.cli import place
from libs.chassis.auth import LIFETIME, SCOPES, LocalIssuer, Rol
from libs.chassis.clock import SystemClock
from libs.chassis.region import Region


def token(
    rol: Annotated[Rol, typer.Option(help="what the holder may do")],
    partner: Annotated[str | None, typer.Option(help="key of the signal partner it stands for")] = None,
    gemeente: Annotated[
        list[str] | None, typer.Option(help="CBS code; may be repeated; unset: all of the region")
    ] = None,
    team: Annotated[str | None, typer.Option(help="the team it stands for")] = None,
    json: Annotated[bool, typer.Option("--json", help="as JSON, with its scopes and lifetime")] = False,
) -> None:
    """Print a token; loopback installations only. Exit status 0, or 2 for an unknown partner or municipality."""
    configured = place.settings()
    if configured.issuer:
        place.fail("DREMPEL_ISSUER is set: tokens come from that issuer", place.WRONG_USE)
    region = Region.load(configured.regio, configured.partners)
    if rol is Rol.PARTNER and partner is None:
        place.fail("--partner is needed for this role", place.WRONG_USE)
    if rol is Rol.CALLCENTER and team is None:
        place.fail("--team is needed for this role", place.WRONG_USE)
    if partner is not None and region.partner(partner) is None:
        place.fail("--partner: not in the list of signal partners", place.WRONG_USE)
    known = sorted(region.gemeentecodes)
    if unknown := [code for code in gemeente or [] if code not in known]:
        place.fail(f"--gemeente: {len(unknown)} outside the region", place.WRONG_USE)
    folder = place.folder_of(configured)
    found = place.instance(folder)
    gemeenten = () if partner is not None else tuple(gemeente or known)  # a partner sees its own, nothing beside it
    made = LocalIssuer.at(folder / "issuer.pem").token(
        rol, found.clock if found else SystemClock(), partner=partner, team=team, gemeenten=gemeenten
    )
    if json:
        place.as_json({"token": made, "scopes": sorted(SCOPES[rol]), "geldigSeconden": LIFETIME / timedelta(seconds=1)})
    else:
        typer.echo(made)
