"""Signed extracts: record → canonical JSON statement → detached JWS → PDF/A-3 → PAdES seal → verification."""

from cadastre.extract.boundary import rings_of
from cadastre.extract.issue import Issuer, SignedStatement
from cadastre.extract.jws import JwsKey, sign_detached, verify_detached
from cadastre.extract.labels import Labels, LabelTable
from cadastre.extract.pdf import PdfRenderer
from cadastre.extract.pki import IssuingKeys, load_or_create_keys
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
from cadastre.extract.signer import PdfSeal
from cadastre.extract.statement import SCHEMA, Statement, build_statement, canonical_bytes, digest
from cadastre.extract.trust import Trust
from cadastre.extract.verify import Verdict, Verification, verify_bundle, verify_pdf

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
