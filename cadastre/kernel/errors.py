"""The one tree of errors, and what each says to whoever met it.

::

    CadastreError
    ├── InvalidInput      the caller sent something unusable          (400 / 422)
    │   ├── UnreadableInput   a file that cannot be read at all        (422)
    │   ├── KeyReused         a request's key belongs to another one   (422)
    │   └── VersionRequired   the version relied on is not named       (428)
    ├── NotFound          no such thing, or none the caller may see    (404)
    ├── RuleBroken        a rule of the register forbids it            (409)
    ├── Conflict          somebody else was first, or moved meanwhile  (409 / 412)
    │   └── StaleVersion      the version named is no longer current    (412)
    ├── Denied            not signed in, or not entitled               (401 / 403)
    │   └── NotAuthenticated                                             (401)
    └── Unavailable       a part is down; retrying later may work      (503)

An error carries a stable ``code`` (kebab-case, never reworded), one sentence
for a person, and typed ``facts``. Status codes live in ``api.errors`` only.
Faulty *data* is not an error: it makes findings.
"""

from __future__ import annotations

from typing import ClassVar

Fact = str | int | float | bool | None | list[str]


class CadastreError(Exception):
    """Root of all errors that this system raises on purpose.

    Parameters
    ----------
    message
        One plain sentence: what is wrong, where, and what to do.
    code
        Stable identifier for programs; the class default when omitted.
    facts
        Typed details (never personal data) that a client may rely on.
    """

    default_code: ClassVar[str] = "internal"

    def __init__(self, message: str, *, code: str | None = None, **facts: Fact) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.facts: dict[str, Fact] = facts


class InvalidInput(CadastreError):
    """The request or file cannot be understood or breaks a stated format."""

    default_code = "invalid-input"


class UnreadableInput(InvalidInput):
    """A file cannot be opened as what it claims to be."""

    default_code = "unreadable-input"


class KeyReused(InvalidInput):
    """The key of a request was given to another request before."""

    default_code = "idempotency-key-reused"


class VersionRequired(InvalidInput):
    """An act on something that changes names the version it relies on; this one does not."""

    default_code = "version-required"


class NotFound(CadastreError):
    """No such object, or none that the caller may know of."""

    default_code = "not-found"


class RuleBroken(CadastreError):
    """A rule of the register, named in ``facts['rule']``, forbids the act."""

    default_code = "rule-broken"


class Conflict(CadastreError):
    """Another act came first."""

    default_code = "conflict"


class StaleVersion(Conflict):
    """The version the caller relied on is no longer the current one."""

    default_code = "stale-version"


class Denied(CadastreError):
    """The caller is known and is not entitled to this."""

    default_code = "denied"


class NotAuthenticated(Denied):
    """The caller did not prove who he is."""

    default_code = "not-authenticated"


class Unavailable(CadastreError):
    """A part of the system is down or busy; the same call may work later."""

    default_code = "unavailable"


__all__ = [
    "CadastreError",
    "Conflict",
    "Denied",
    "Fact",
    "InvalidInput",
    "KeyReused",
    "NotAuthenticated",
    "NotFound",
    "RuleBroken",
    "StaleVersion",
    "Unavailable",
    "UnreadableInput",
    "VersionRequired",
]
