"""What the endpoints of routing share: the municipality in a path, who may read, and a policy that is refused."""

from typing import Annotated

from fastapi import Path
from fastapi.responses import JSONResponse

from libs.chassis.auth import Caller
from libs.chassis.guard import allow
from libs.chassis.problems import problem
from services.routing.policy.references import Finding

Code = Annotated[str, Path(pattern=r"^[0-9]{4}$", description="CBS-code van de gemeente")]
Lezer: Caller = allow("routing:lezen", "routing:beleid")


def refused(found: list[Finding], under: str = "") -> JSONResponse:
    """What is wrong with a document, each with its place and its example."""
    invalid = [
        {
            "name": ".".join(part for part in (under, one.where) if part) or "beleid",
            "code": "beleid",
            "reason": str(one),
        }
        for one in found[:100]
    ]
    return problem(400, "beleid", "Dit beleid kan niet worden gebruikt.", invalid)
