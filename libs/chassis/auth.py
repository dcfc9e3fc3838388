"""Who calls, and what for: OAuth2 client-credentials JWTs, checked on every request.

A token names the client, its role, the scopes that follow from it, and whom it stands for: a partner, or
municipalities and perhaps a team. Embedded mode has an issuer of its own on loopback; with an external
issuer that one is off. NL GOV Assurance profile: PS256, iss, aud, exp, jti.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from libs.events.errors import Forbidden, Refusal
from libs.events.ports import Clock
from libs.events.values import REGIOBALIE

AUDIENCE = "drempel"
LOCAL_ISSUER = "urn:drempel:lokaal"
LIFETIME = timedelta(hours=6)  # NL GOV profile: at most 6 hours for client credentials
LEEWAY_SECONDS = 60
TENANT = re.compile(rf"[0-9]{{4}}|{REGIOBALIE}")
PARTNER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Rol(StrEnum):
    """Roles the local issuer knows (contract, commands)."""

    PARTNER = "partner"
    CONSULENT = "consulent"
    SOCIAALTEAM = "sociaalteam"
    SOCIALEDIENST = "socialedienst"
    CALLCENTER = "callcenter"
    MPZO = "mpzo"
    DEURWAARDER = "deurwaarder"
    COORDINATOR = "coordinator"
    BELEID = "beleid"
    INTEGRATOR = "integrator"
    BEHEER = "beheer"


_HULP = {"outreach:lezen", "outreach:behandelen", "escalation:lezen", "escalation:handelen", "monitoring:lezen"}

SCOPES: dict[Rol, frozenset[str]] = {
    Rol.PARTNER: frozenset({"intake:signalen", "escalation:overdragen"}),
    Rol.CONSULENT: frozenset(
        _HULP | {"intake:namens", "matching:lezen", "matching:beoordelen", "routing:lezen", "escalation:overdragen"}
    ),
    Rol.SOCIAALTEAM: frozenset(_HULP | {"matching:lezen"}),
    Rol.SOCIALEDIENST: frozenset(_HULP | {"matching:lezen"}),
    Rol.CALLCENTER: frozenset({"outreach:bellen"}),
    Rol.MPZO: frozenset({"escalation:lezen", "escalation:handelen", "monitoring:lezen"}),
    Rol.DEURWAARDER: frozenset({"escalation:overdragen"}),
    Rol.COORDINATOR: frozenset(
        {"matching:lezen", "matching:beoordelen", "routing:lezen", "outreach:overzicht", "escalation:lezen",
         "monitoring:lezen", "monitoring:regio"}
    ),
    Rol.BELEID: frozenset({"routing:lezen", "routing:beleid", "monitoring:lezen", "monitoring:regio"}),
    Rol.INTEGRATOR: frozenset({"monitoring:lezen"}),
    Rol.BEHEER: frozenset({"beheer:lezen", "monitoring:lezen", "monitoring:regio"}),
}  # fmt: skip
"""What each role may; a scope is a service and a purpose."""


class Unauthenticated(Refusal):
    """Een geldig token ontbreekt."""

    status = 401
    code = "nietAangemeld"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls and whom it stands for."""

    client: str
    rol: str
    scopes: frozenset[str]
    gemeenten: tuple[str, ...] = ()
    partner: str | None = None
    team: str | None = None

    def may(self, scope: str) -> bool:
        """Whether the token carries the scope."""
        return scope in self.scopes

    def own_partner(self) -> str:
        """The partner it stands for; Forbidden when it stands for none."""
        if not self.partner:
            raise Forbidden("Dit token staat voor geen partner.")
        return self.partner

    def may_see(self, gemeentecode: str | None) -> tuple[str, ...]:
        """The asked municipality, or all of the token when none was asked; Forbidden outside the token."""
        if gemeentecode is None:
            return self.gemeenten
        if gemeentecode not in self.gemeenten:
            raise Forbidden("Dit token staat niet voor deze gemeente.")
        return (gemeentecode,)


class Verifier(Protocol):
    """Turns a token into a caller."""

    def caller(self, token: str) -> Caller:
        """Raises Unauthenticated for anything but a valid token."""
        ...


class TokenVerifier:
    """Checks signature, issuer, audience and lifetime against the keys of one issuer."""

    def __init__(self, issuer: str, keys: Callable[[], KeySet | RSAKey], clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._issuer = issuer

    def caller(self, token: str) -> Caller:
        """Raises Unauthenticated for anything but a valid token."""
        try:
            claims = jwt.decode(token, self._keys(), algorithms=["PS256", "RS256"]).claims
            rules = jwt.JWTClaimsRegistry(
                now=int(self._clock.now().timestamp()),
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": AUDIENCE},
                exp={"essential": True},
                jti={"essential": True},
            )
            rules.validate(claims)
            return _caller(claims)
        except (JoseError, ValueError, KeyError, TypeError):
            raise Unauthenticated from None


def _caller(claims: dict[str, Any]) -> Caller:
    return Caller(
        client=str(claims["sub"]),
        rol=str(claims.get("rol", "")),
        scopes=frozenset(str(claims["scope"]).split()),
        gemeenten=tuple(_fitting(TENANT, code) for code in claims.get("gemeenten", ())),
        partner=_fitting(PARTNER, partner) if (partner := claims.get("partner")) is not None else None,
        team=claims.get("team"),
    )


def _fitting(pattern: re.Pattern[str], value: object) -> str:
    """A claim that becomes part of what a transaction may see; raises ValueError when it could be read as two."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError("a claim that names no municipality or partner")
    return value


class LocalIssuer:
    """Issues tokens for one installation; its key is a file only the owner may read."""

    def __init__(self, key: RSAKey) -> None:
        self.key = key

    @classmethod
    def at(cls, path: Path) -> "LocalIssuer":
        """The key of this installation, made at the first use."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_bytes(RSAKey.generate_key(2048).as_pem(private=True))
            fresh.rename(path)
        return cls(RSAKey.import_key(path.read_bytes()))

    def token(
        self,
        rol: Rol,
        clock: Clock,
        *,
        gemeenten: tuple[str, ...] = (),
        partner: str | None = None,
        team: str | None = None,
        lifetime: timedelta = LIFETIME,
    ) -> str:
        """A token for this role; the regional desk comes with the roles that review what belongs to nobody."""
        now = int(clock.now().timestamp())
        if "matching:beoordelen" in SCOPES[rol] or "monitoring:regio" in SCOPES[rol]:
            gemeenten = (*gemeenten, REGIOBALIE)
        claims: dict[str, Any] = {
            "iss": LOCAL_ISSUER,
            "aud": AUDIENCE,
            "sub": f"{rol}:{partner or team or 'lokaal'}",
            "iat": now,
            "exp": now + int(lifetime.total_seconds()),
            "jti": secrets.token_urlsafe(16),
            "rol": rol.value,
            "scope": " ".join(sorted(SCOPES[rol])),
            "gemeenten": list(gemeenten),
        }
        claims |= {name: value for name, value in (("partner", partner), ("team", team)) if value}
        return jwt.encode({"alg": "PS256", "kid": "lokaal"}, claims, self.key, algorithms=["PS256"])
