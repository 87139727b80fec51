"""What each role may ask of this interface: one table, checked before a service is called.

The services judge again with what only they know (whose property it is); this
table decides who is let through the door at all.
"""

from __future__ import annotations

from enum import StrEnum

from cadastre.domain.caller import Caller, CallerRole
from cadastre.kernel.errors import Denied, NotAuthenticated


class Scope(StrEnum):
    """Things that need a signed-in caller."""

    READ_PROPERTY = "property:read"
    REQUEST_EXTRACT = "extract:request"
    READ_EXTRACT = "extract:read"
    PUT_DOCUMENT = "document:put"
    READ_DOCUMENT = "document:read"
    LINK_PARTIES = "party:link"
    REPRESENT = "representation:enter"
    FILE_APPLICATION = "application:file"
    READ_APPLICATION = "application:read"
    TAKE_PRIORITY = "priority:take"
    READ_EVENTS = "events:read"
    ENTER_AUTHORITY_ACT = "authority-act:enter"
    READ_WORKLIST = "worklist:read"
    INVESTIGATE = "investigation:enter"
    READ_OWN_LOOKS = "looks:read"


_HOLDERS = frozenset({CallerRole.OWNER, CallerRole.BANK})
_OFFICES = frozenset({CallerRole.NOTARY, CallerRole.REGISTRAR, CallerRole.COURT})

SCOPES: dict[Scope, frozenset[CallerRole]] = {
    Scope.READ_PROPERTY: _HOLDERS | _OFFICES | {CallerRole.AUDITOR},
    Scope.REQUEST_EXTRACT: _HOLDERS | _OFFICES,
    Scope.READ_EXTRACT: _HOLDERS | _OFFICES | {CallerRole.AUDITOR},
    Scope.PUT_DOCUMENT: _HOLDERS | _OFFICES | {CallerRole.MUNICIPALITY, CallerRole.SURVEYOR},
    Scope.REPRESENT: frozenset({CallerRole.REGISTRAR, CallerRole.NOTARY}),
    Scope.LINK_PARTIES: frozenset({CallerRole.REGISTRAR}),
    Scope.READ_DOCUMENT: _HOLDERS
    | _OFFICES
    | {CallerRole.MUNICIPALITY, CallerRole.SURVEYOR, CallerRole.AUDITOR},
    Scope.FILE_APPLICATION: _HOLDERS | _OFFICES | {CallerRole.MUNICIPALITY, CallerRole.SURVEYOR},
    Scope.READ_APPLICATION: _HOLDERS
    | _OFFICES
    | {CallerRole.MUNICIPALITY, CallerRole.SURVEYOR, CallerRole.AUDITOR},
    Scope.TAKE_PRIORITY: frozenset({CallerRole.NOTARY, CallerRole.BANK}),
    Scope.READ_EVENTS: _OFFICES | {CallerRole.BANK},
    Scope.ENTER_AUTHORITY_ACT: frozenset({CallerRole.COURT}),
    Scope.READ_WORKLIST: frozenset({CallerRole.REGISTRAR, CallerRole.AUDITOR}),
    Scope.INVESTIGATE: frozenset({CallerRole.REGISTRAR, CallerRole.COURT}),
    Scope.READ_OWN_LOOKS: frozenset(CallerRole) - {CallerRole.PUBLIC},
}


def scopes_of(role: CallerRole) -> frozenset[Scope]:
    """Everything a role may ask for.

    Examples
    --------
    >>> auditor = scopes_of(CallerRole.AUDITOR)
    >>> Scope.READ_EXTRACT in auditor, Scope.PUT_DOCUMENT in auditor
    (True, False)
    >>> scopes_of(CallerRole.PUBLIC)
    frozenset()
    """
    return frozenset(scope for scope, roles in SCOPES.items() if role in roles)


def require_scope(caller: Caller, scope: Scope) -> None:
    """Let the caller pass, or say whether signing in would help."""
    if caller.role in SCOPES[scope]:
        return
    if caller.role is CallerRole.PUBLIC:
        raise NotAuthenticated("Sign in to ask for this: send a bearer token.", code="not-authenticated")
    raise Denied(
        f"The role {caller.role.value} is not entitled to this.",
        code="role-not-entitled",
        scope=scope.value,
        role=caller.role.value,
    )


__all__ = ["SCOPES", "Scope", "require_scope", "scopes_of"]
