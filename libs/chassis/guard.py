"""The guard before an endpoint: whose token it is, and whether it may.

Apart from `auth`, so that a command that makes a token needs no web framework.
"""

from typing import Any

from fastapi import Depends, Request

from libs.chassis.auth import Caller, Unauthenticated, Verifier
from libs.events.errors import Forbidden


def caller_of(request: Request) -> Caller:
    """The caller of a request, from its Authorization header only."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    verifier: Verifier = request.app.state.verifier
    return verifier.caller(token)


def allow(*scopes: str) -> Any:
    """A dependency: the caller, who must have one of these scopes."""

    async def check(request: Request) -> Caller:
        caller = caller_of(request)
        if not caller.scopes.intersection(scopes):
            raise Forbidden
        return caller

    return Depends(check)
