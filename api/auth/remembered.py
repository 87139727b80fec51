"""Tokens that were judged a moment ago: the same bytes name the same caller until they end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from cadastre.domain.caller import Caller

MOST: Final = 4_096


@dataclass(frozen=True, slots=True)
class _Judged:
    caller: Caller
    begins: float
    ends: float


@dataclass(slots=True)
class RememberedTokens:
    """Callers by the SHA-256 of the token that named them: no token is kept, and none beyond its own end.

    Only what passed every check is remembered, so an altered token is another one, and judged. Nothing is
    looked up outside the token when it is judged; a list of revoked tokens, if there ever is one, must be
    asked before this memory.
    """

    leeway_s: int
    _known: dict[bytes, _Judged] = field(default_factory=dict)

    def find(self, token: str, now: int) -> Caller | None:
        """Give the caller of a token that was judged good and is still in its time."""
        judged = self._known.get(_digest(token))
        if judged is None or not judged.begins - self.leeway_s <= now < judged.ends + self.leeway_s:
            return None
        return judged.caller

    def keep(self, token: str, caller: Caller, claims: Mapping[str, Any]) -> None:
        """Remember a token that has just passed; when there are too many, begin anew."""
        if len(self._known) >= MOST:
            self._known.clear()
        begins = max(claims["iat"], claims.get("nbf", claims["iat"]))
        self._known[_digest(token)] = _Judged(caller, begins, claims["exp"])


def _digest(token: str) -> bytes:
    return sha256(token.encode(errors="surrogatepass")).digest()


__all__ = ["MOST", "RememberedTokens"]
