"""Signed extracts: record → canonical JSON statement → detached JWS → PDF/A-3 → PAdES seal → verification.

What prints, signs and verifies takes half a second to import and is fetched when it is
first asked for, so that a loader which only needs a name in three languages does not wait.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cadastre.extract.boundary import rings_of
from cadastre.extract.labels import Labels, LabelTable
from cadastre.extract.reasons import REASONS, Reason
from cadastre.extract.record import (
    BasisRecord,
    BuildingOutline,
    CrsOperation,
    District,
    ExtractRecord,
    HolderRecord,
    IdentifierPolicy,
    IssuingOffice,
    ParcelRecord,
    PartyRecord,
    PropertyRecord,
    RegisterState,
    Registrar,
    RequestRecord,
    RestrictionRecord,
    RightRecord,
    Ring,
    Share,
    StatementKind,
    Text3,
    TurningPoint,
    UnitArea,
)
from cadastre.extract.statement import SCHEMA, Statement, build_statement, canonical_bytes, digest

if TYPE_CHECKING:
    from cadastre.extract.issue import Issuer, SignedStatement
    from cadastre.extract.jws import JwsKey, sign_detached, verify_detached
    from cadastre.extract.pdf import PdfRenderer
    from cadastre.extract.pki import IssuingKeys, load_or_create_keys
    from cadastre.extract.signer import PdfSeal
    from cadastre.extract.trust import Trust
    from cadastre.extract.verify import Verdict, Verification, verify_bundle, verify_pdf

_FETCHED = {
    "Issuer": "issue",
    "IssuingKeys": "pki",
    "JwsKey": "jws",
    "PdfRenderer": "pdf",
    "PdfSeal": "signer",
    "SignedStatement": "issue",
    "Trust": "trust",
    "Verdict": "verify",
    "Verification": "verify",
    "load_or_create_keys": "pki",
    "sign_detached": "jws",
    "verify_bundle": "verify",
    "verify_detached": "jws",
    "verify_pdf": "verify",
}


def __getattr__(name: str) -> Any:
    """Fetch what is heavy at its first use (PEP 562)."""
    module = _FETCHED.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


__all__ = [
    "REASONS",
    "SCHEMA",
    "BasisRecord",
    "BuildingOutline",
    "CrsOperation",
    "District",
    "ExtractRecord",
    "HolderRecord",
    "IdentifierPolicy",
    "Issuer",
    "IssuingKeys",
    "IssuingOffice",
    "JwsKey",
    "LabelTable",
    "Labels",
    "ParcelRecord",
    "PartyRecord",
    "PdfRenderer",
    "PdfSeal",
    "PropertyRecord",
    "Reason",
    "RegisterState",
    "Registrar",
    "RequestRecord",
    "RestrictionRecord",
    "RightRecord",
    "Ring",
    "Share",
    "SignedStatement",
    "Statement",
    "StatementKind",
    "Text3",
    "Trust",
    "TurningPoint",
    "UnitArea",
    "Verdict",
    "Verification",
    "build_statement",
    "canonical_bytes",
    "digest",
    "load_or_create_keys",
    "rings_of",
    "sign_detached",
    "verify_bundle",
    "verify_detached",
    "verify_pdf",
]
