"""Tell whether a document is ours, and what it says.

The order matters: the seal is checked over the raw bytes first
(:mod:`cadastre.extract.seal_check`), only then is the file opened; facts come
from the statement under its own signature, never from what the page shows; and
where our template printed it, the page is printed again and must be identical.
Whether the register has moved on since is for the service to say: it calls
:meth:`Verification.superseded`.

Only PAdES B-B is issued so far, so a revision after the seal is always foreign.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import pikepdf
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from cadastre.extract.jws import BadJws, verify_detached
from cadastre.extract.off_loop import off_loop
from cadastre.extract.pdf import JWS_NAME, STATEMENT_NAME, PdfRenderer
from cadastre.extract.reasons import Reason, Rejected, reason
from cadastre.extract.seal_check import open_seal, require_valid_at
from cadastre.extract.statement import KNOWN_SCHEMAS, Statement, canonical_bytes
from cadastre.extract.strict_json import MAX_BYTES, read_object, require_plain
from cadastre.extract.trust import Trust
from cadastre.kernel.errors import InvalidInput

MAX_PDF_BYTES = 32_000_000


class Verdict(StrEnum):
    """The answer to whoever holds the document."""

    AUTHENTIC = "AUTHENTIC"
    SUPERSEDED = "SUPERSEDED"
    NOT_AUTHENTIC = "NOT AUTHENTIC"


@dataclass(frozen=True, slots=True)
class Verification:
    """Verdict, reasons and, when authentic, the statement; never an unverified statement."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    statement: Statement | None = None

    @property
    def issued_at(self) -> datetime | None:
        """Moment of issue that the signed statement names."""
        return None if self.statement is None else datetime.fromisoformat(self.statement["issued_at"])

    def superseded(self) -> Verification:
        """Give the verdict for an authentic document of a register state that has passed."""
        if self.verdict is not Verdict.AUTHENTIC:
            return self
        return replace(self, verdict=Verdict.SUPERSEDED, reasons=(*self.reasons, reason("superseded")))


def verify_pdf(
    pdf: bytes, trust: Trust, *, renderer: PdfRenderer | None = None, max_bytes: int = MAX_PDF_BYTES
) -> Verification:
    """Verify a sealed PDF.

    Parameters
    ----------
    pdf
        The file as received; any bytes.
    trust
        Trust anchors.
    renderer
        When given and of the version that printed the file, the page is printed
        again and compared byte by byte.
    max_bytes
        Larger files are refused unread.
    """
    try:
        if len(pdf) > max_bytes:
            raise Rejected("too-large")
        certificate = open_seal(pdf, trust.ca_certificates)
        canonical, jws = _attachments(pdf)
        statement = _verified_statement(canonical, jws, trust)
        issued_at = datetime.fromisoformat(statement["issued_at"])
        require_valid_at(certificate, issued_at)
        _require_pades(pdf, trust.ca_certificates, issued_at)
        page = _compare_page(pdf, statement, canonical, jws, renderer)
    except (Rejected, BadJws) as refused:
        return _refusal(refused.code)
    found = (reason("seal-valid"), reason("statement-signed"), reason(page), *_about_state(statement))
    return Verification(Verdict.AUTHENTIC, found, statement)


def verify_bundle(bundle: bytes | Mapping[str, Any], trust: Trust) -> Verification:
    """Verify ``{"statement", "jws", ...}``, the body that issuing answered with.

    Parameters
    ----------
    bundle
        Preferably the raw bytes: a parsed mapping has already lost duplicate keys.
    trust
        Trust anchors.
    """
    try:
        statement = _verified_bundle(bundle, trust)
    except (Rejected, BadJws) as refused:
        return _refusal(refused.code)
    found = (reason("statement-signed"), *_about_state(statement))
    return Verification(Verdict.AUTHENTIC, found, statement)


def _about_state(statement: Statement) -> tuple[Reason, ...]:
    """Say that a genuine document was made of a past state."""
    return (reason("historic-state"),) if statement["state"].get("historic") else ()


def _refusal(code: str) -> Verification:
    return Verification(Verdict.NOT_AUTHENTIC, (reason(code),))


def _verified_bundle(bundle: bytes | Mapping[str, Any], trust: Trust) -> Statement:
    try:
        body = read_object(bundle, max_bytes=2 * MAX_BYTES) if isinstance(bundle, bytes) else dict(bundle)
        require_plain(body)
    except InvalidInput:
        raise Rejected("bad-bundle") from None
    statement, jws = body.get("statement"), body.get("jws")
    if not isinstance(statement, dict) or not isinstance(jws, str):
        raise Rejected("bad-bundle")
    verified = _verified_statement(canonical_bytes(statement), jws, trust)
    for name in ("id", "issued_at"):
        if name in body and not _same_fact(name, body[name], verified[name]):
            raise Rejected("bundle-mismatch")
    return verified


def _same_fact(name: str, said: object, signed: str) -> bool:
    if said == signed or name != "issued_at" or not isinstance(said, str):
        return said == signed
    try:
        return datetime.fromisoformat(said) == datetime.fromisoformat(signed)
    except (ValueError, TypeError):
        return False


def _verified_statement(canonical: bytes, jws: str, trust: Trust) -> Statement:
    verify_detached(jws, canonical, trust.jws_keys)
    try:
        statement = read_object(canonical)
    except InvalidInput:
        raise Rejected("not-canonical") from None
    if canonical_bytes(statement) != canonical:
        raise Rejected("not-canonical")
    if statement.get("schema") not in KNOWN_SCHEMAS:
        raise Rejected("unknown-schema")
    return statement


def _attachments(pdf: bytes) -> tuple[bytes, str]:
    try:
        with pikepdf.open(io.BytesIO(pdf), attempt_recovery=False) as document:
            files = document.attachments
            if sorted(files) != sorted((STATEMENT_NAME, JWS_NAME)):
                raise Rejected("attachments")
            canonical = files[STATEMENT_NAME].get_file().read_bytes()
            jws = files[JWS_NAME].get_file().read_bytes().decode("ascii")
    except (pikepdf.PdfError, UnicodeDecodeError):
        raise Rejected("structure") from None
    return canonical, jws


def _require_pades(pdf: bytes, anchors: tuple[x509.Certificate, ...], moment: datetime) -> None:
    """Have pyHanko judge the same file: an independent reading of seal, certification and changes."""
    roots = [asn1_x509.Certificate.load(anchor.public_bytes(Encoding.DER)) for anchor in anchors]
    context = ValidationContext(trust_roots=roots, moment=moment, allow_fetching=False)
    try:
        (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        status = off_loop(lambda: validate_pdf_signature(signature, signer_validation_context=context))
    except (PdfError, SignatureValidationError, ValueError):
        raise Rejected("structure") from None
    level = status.modification_level
    if not status.bottom_line or level is None or level > ModificationLevel.LTA_UPDATES:
        raise Rejected("seal-broken")


def _compare_page(
    pdf: bytes, statement: Statement, canonical: bytes, jws: str, renderer: PdfRenderer | None
) -> str:
    if renderer is None or statement["rendering"] != renderer.fingerprint:
        return "page-not-compared"
    if not pdf.startswith(renderer.render(canonical, jws)):
        raise Rejected("page-differs")
    return "page-matches"
