"""Bearer tokens (JWT, RFC 7519): made for the operator's command line, checked at every request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OKPKey
from joserfc.jwt import ClaimsOption

from api.auth.key_file import read_or_create_key
from api.auth.remembered import RememberedTokens
from cadastre.domain.caller import Caller, CallerRole
from cadastre.kernel.clock import Clock, SystemClock
from cadastre.kernel.errors import InvalidInput, NotAuthenticated
from cadastre.kernel.ids import FIN, VOEN, IdSource, TimeOrderedIds, parse_fin, parse_voen

ALGORITHM = "Ed25519"  # RFC 9864: fully specified, nothing to choose
LEEWAY_S = 5
MAX_TOKEN_CHARS = 4_096
_REQUIRED: ClaimsOption = {"essential": True}
_VISIBLE = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True, slots=True)
class TokenDesk:
    """Issuer and judge of tokens: one key, one algorithm, one issuer, one audience."""

    key: OKPKey
    issuer: str
    audience: str
    hours: float
    clock: Clock
    ids: IdSource
    remembered: RememberedTokens = field(default_factory=lambda: RememberedTokens(LEEWAY_S), compare=False)

    def issue(self, caller: Caller, *, hours: float | None = None) -> str:
        """Give a token that vouches for the caller for some hours."""
        issued = int(self.clock.now().timestamp())
        claims: dict[str, object] = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": caller.subject,
            "role": caller.role.value,
            "name": caller.name,
            "iat": issued,
            "exp": issued + int((hours or self.hours) * 3600),
            "jti": str(self.ids.new_id()),
        }
        claims.update({k: v for k, v in (("fin", caller.fin), ("voen", caller.voen)) if v is not None})
        return jwt.encode({"alg": ALGORITHM, "kid": self.key.thumbprint()}, claims, self.key, [ALGORITHM])

    def authenticate(self, token: str) -> Caller:
        """Give the caller that a token names; what was judged good is not judged again in its time.

        Raises
        ------
        NotAuthenticated
            Expired, not of this provider, for another audience, of another
            algorithm, changed, or not a token at all.
        """
        if len(token) > MAX_TOKEN_CHARS:
            raise _refused()
        now = int(self.clock.now().timestamp())
        known = self.remembered.find(token, now)
        if known is not None:
            return known
        claims = self._judged(token, now)
        caller = _caller_of(claims)
        self.remembered.keep(token, caller, claims)
        return caller

    def _judged(self, token: str, now: int) -> dict[str, Any]:
        """Give the claims of a token that is whole, ours, for this audience and in its time."""
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.audience},
            sub=_REQUIRED,
            exp=_REQUIRED,
            iat=_REQUIRED,
            jti=_REQUIRED,
            role=_REQUIRED,
            name=_REQUIRED,
        )
        try:
            claims: dict[str, Any] = jwt.decode(token, self.key, algorithms=[ALGORITHM]).claims
            registry.validate(claims)
        except ExpiredTokenError:
            raise NotAuthenticated("The token has expired; sign in again.", code="token-expired") from None
        except (JoseError, ValueError, RecursionError):
            raise _refused() from None
        return claims


def open_token_desk(
    folder: Path,
    *,
    issuer: str,
    audience: str,
    hours: float,
    clock: Clock | None = None,
    ids: IdSource | None = None,
) -> TokenDesk:
    """Open the provider whose key lies in ``folder`` (made at the first call)."""
    clock = clock or SystemClock()
    return TokenDesk(read_or_create_key(folder), issuer, audience, hours, clock, ids or TimeOrderedIds(clock))


def make_caller(
    role: str, subject: str, name: str | None = None, fin: str | None = None, voen: str | None = None
) -> Caller:
    """Describe an account that the provider shall vouch for.

    An owner whose subject is a FİN, and a bank whose subject is a VÖEN, is
    vouched for under that number unless another one is named.
    """
    roles = [r.value for r in CallerRole if r is not CallerRole.PUBLIC]
    if role not in roles:
        raise InvalidInput(
            f"There is no role {role!r}; the roles are {', '.join(roles)}.", code="unknown-role"
        )
    for label, value in (("subject", subject), ("name", name or subject)):
        if not _VISIBLE.fullmatch(value) or not value.strip():
            raise InvalidInput(
                f"The {label} is empty, too long or holds control characters.", code="bad-account"
            )
    if fin is None and role == CallerRole.OWNER and FIN.fullmatch(subject):
        fin = subject
    if voen is None and role == CallerRole.BANK and VOEN.fullmatch(subject):
        voen = subject
    return Caller(
        subject=subject,
        role=CallerRole(role),
        name=name or subject,
        fin=None if fin is None else parse_fin(fin),
        voen=None if voen is None else parse_voen(voen),
    )


def _caller_of(claims: dict[str, object]) -> Caller:
    texts = {name: claims.get(name) for name in ("sub", "role", "name", "fin", "voen")}
    if not all(isinstance(v, str) or (v is None and k in {"fin", "voen"}) for k, v in texts.items()):
        raise _refused()
    try:
        return make_caller(
            str(texts["role"]),
            str(texts["sub"]),
            str(texts["name"]),
            None if texts["fin"] is None else str(texts["fin"]),
            None if texts["voen"] is None else str(texts["voen"]),
        )
    except InvalidInput:
        raise _refused() from None


def _refused() -> NotAuthenticated:
    return NotAuthenticated("The token is not valid here; sign in again.", code="token-invalid")


__all__ = ["ALGORITHM", "TokenDesk", "make_caller", "open_token_desk"]
