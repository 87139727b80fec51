"""What the published description of the interface says beside the routes themselves."""

from __future__ import annotations

from typing import Any

from api.errors import PROBLEM_JSON
from api.schemas.problem import Problem

DESCRIPTION = """\
Public facts of registered parcels, signed extracts of the register and their verification.

Everything without a lock is public and never names a person. The rest takes a bearer token.
Failures are `application/problem+json` (RFC 9457) with a stable `code`.
Areas are m², lengths m, coordinates EPSG:4326 (longitude, latitude), dates ISO 8601.
"""

TAGS: list[dict[str, Any]] = [
    {"name": "parcels", "description": "Public facts of registered parcels."},
    {"name": "districts", "description": "Administrative units, their codes and names."},
    {"name": "properties", "description": "Sections of the register with rights and restrictions; logged."},
    {"name": "extracts", "description": "Signed extracts (kupça), certificates (arayış) and plans."},
    {"name": "documents", "description": "Scans that stand beside cases; kept for ever, opened on record."},
    {"name": "applications", "description": "Applications (ərizə), the cases they open, and their steps."},
    {"name": "parties", "description": "Records of parties that are one: matched, proposed, linked."},
    {"name": "priority", "description": "Priority notices: places before a property, taken as it is read."},
    {"name": "events", "description": "News of cases and properties: asked for, or sent to an address."},
    {"name": "ledger", "description": "The public log: signed heads, proofs and tiles, for auditors."},
    {"name": "verification", "description": "Is this document authentic, and does it still hold?"},
    {"name": "health", "description": "For whoever runs the service."},
]

_MEANINGS = {
    400: "The request cannot be understood.",
    401: "No token, or one that is expired or not valid here.",
    403: "The caller is not entitled to this.",
    404: "No such thing, or none that the caller may know of.",
    406: "None of the accepted media types can be given.",
    409: "A rule of the register forbids it, or somebody else was first.",
    412: "What the caller relied on has changed meanwhile.",
    413: "The body is too large.",
    415: "The body is of a media type that is not read here.",
    422: "Some values do not fit.",
    428: "The version relied on must be named (If-Match).",
    503: "A part is down; the same call may work later.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare the problems that a route may answer with; 503 always is one of them."""
    content = {PROBLEM_JSON: {"schema": Problem.model_json_schema()}}
    return {
        status: {"description": _MEANINGS[status], "content": content} for status in sorted({*statuses, 503})
    }


__all__ = ["DESCRIPTION", "TAGS", "problems"]
