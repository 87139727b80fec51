"""Tell whether a document is ours, and what it says.

The order matters: the seal is checked over the raw bytes first
(:mod:`cadastre.extract.seal_check`), only then is the file opened; facts come
from the statement under its own signature and from the ledger's proof, never from
what the page shows; where the layout that printed it is known, the page is printed again and
must be the same.  Whether the register has moved on since is for the service to say: it calls
:meth:`Verification.superseded`.

After the seal only archive revisions may follow, every byte of which is checked there.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
from cadastre.extract.ledger_policy import LedgerEntry, LedgerPolicy
from cadastre.extract.off_loop import off_loop
from cadastre.extract.page_text import same_text
from cadastre.extract.pdf import (
    CODE_NAME,
    EXTRAS,
    JWS_NAME,
    PROOF_NAME,
    STATEMENT_NAME,
    Likeness,
    PdfRenderer,
)
from cadastre.extract.reasons import Reason, Rejected, reason
from cadastre.extract.seal_check import read_seal, require_in_time
from cadastre.extract.statement import KNOWN_SCHEMAS, Statement, canonical_bytes, digest
from cadastre.extract.strict_json import MAX_BYTES, read_object, require_plain
from cadastre.extract.trust import Trust
from cadastre.extract.verification_code import read_code, require_code_of
from cadastre.kernel.errors import InvalidInput

MAX_PDF_BYTES = 32_000_000
_CLOCKS_DIFFER = timedelta(minutes=5)


class Verdict(StrEnum):
    """The answer to whoever holds the document."""

    AUTHENTIC = "AUTHENTIC"
    SUPERSEDED = "SUPERSEDED"
    NOT_AUTHENTIC = "NOT AUTHENTIC"


@dataclass(frozen=True, slots=True)
class Verification:
    """Verdict, reasons and, when authentic, the statement; never an unverified one. ``entry`` when proven."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    statement: Statement | None = None
    entry: LedgerEntry | None = None

    @property
    def issued_at(self) -> datetime | None:
        """Moment of issue that the signed statement names."""
        return None if self.statement is None else datetime.fromisoformat(self.statement["issued_at"])

    def superseded(self) -> Verification:
        """Give the verdict for an authentic document of a register state that has passed."""
        if self.verdict is not Verdict.AUTHENTIC:
            return self
        return replace(self, verdict=Verdict.SUPERSEDED, reasons=(*self.reasons, reason("superseded")))


@dataclass(frozen=True, slots=True)
class Verifier:
    """What documents are judged by; built once.

    Parameters
    ----------
    trust
        Anchors of the seal and keys of the statements.
    ledger
        Whose proofs are believed; without it a proof is left unchecked, and the reasons say so.
    renderer
        When given, the page is printed again in the layout that the statement names, and compared: byte
        by byte, or by its text where another engine or font file printed it.
    """

    trust: Trust
    ledger: LedgerPolicy | None = None
    renderer: PdfRenderer | None = None

    def judge_pdf(self, pdf: bytes, *, now: datetime | None = None) -> Verification:
        """Judge a file as received; any bytes. ``now`` lets a date in the future be seen."""
        try:
            if len(pdf) > MAX_PDF_BYTES:
                raise Rejected("too-large")
            seal = read_seal(pdf, self.trust)
            files = _attachments(pdf)
            canonical, jws = files[STATEMENT_NAME], _text(files[JWS_NAME])
            statement = _verified_statement(canonical, jws, self.trust, now)
            issued_at = datetime.fromisoformat(statement["issued_at"])
            require_in_time(seal, issued_at, self.trust, now)
            anchors, sealed = self.trust.ca_certificates, pdf[: seal.sealed_bytes]
            _require_pades(sealed, anchors, seal.proven_at or issued_at)
            extras = {name: _text(files[name]) for name in EXTRAS if name in files}
            if CODE_NAME in extras:
                require_code_of(statement, read_code(extras[CODE_NAME], self.trust.jws_keys))
            proven, entry = self._proof(extras.get(PROOF_NAME), statement, canonical)
            page = self._compare_page(pdf, statement, canonical, jws, extras)
        except (Rejected, BadJws) as refused:
            return _refusal(refused.code)
        found = ("seal-valid", "statement-signed", page, proven, *_about_state(statement))
        return Verification(Verdict.AUTHENTIC, tuple(map(reason, found)), statement, entry)

    def judge_bundle(self, bundle: bytes | Mapping[str, Any], *, now: datetime | None = None) -> Verification:
        """Judge ``{"statement", "jws", "proof", ...}``, the body that issuing answered with.

        Preferably the raw bytes: a parsed mapping has already lost duplicate keys.
        """
        try:
            body = _read_bundle(bundle)
            statement, canonical = _bundled(body, self.trust, now)
            proven, entry = self._proof(body.get("proof"), statement, canonical)
        except (Rejected, BadJws) as refused:
            return _refusal(refused.code)
        found = ("statement-signed", proven, *_about_state(statement))
        return Verification(Verdict.AUTHENTIC, tuple(map(reason, found)), statement, entry)

    def _proof(self, proof: object, statement: Statement, canonical: bytes) -> tuple[str, LedgerEntry | None]:
        if proof is None:
            return "proof-absent", None
        if not isinstance(proof, str):
            raise Rejected("proof-malformed")
        if self.ledger is None:
            return "proof-unchecked", None
        entry = self.ledger.check(proof, extract_id=statement["id"], sha256=digest(canonical))
        return "proof-valid", entry

    def _compare_page(
        self, pdf: bytes, statement: Statement, canonical: bytes, jws: str, extras: Mapping[str, str]
    ) -> str:
        likeness = self.renderer.likeness(statement["rendering"]) if self.renderer else Likeness.UNKNOWN
        if self.renderer is None or likeness is Likeness.UNKNOWN:
            return "page-not-compared"
        printed = self.renderer.render(canonical, jws, extras)
        if likeness is Likeness.BYTES and pdf.startswith(printed):
            return "page-matches"
        if likeness is Likeness.TEXT and same_text(pdf, printed):
            return "page-text-matches"
        raise Rejected("page-differs")


def verify_pdf(
    pdf: bytes, trust: Trust, *, renderer: PdfRenderer | None = None, ledger: LedgerPolicy | None = None
) -> Verification:
    """Verify a sealed PDF; see :class:`Verifier`."""
    return Verifier(trust, ledger, renderer).judge_pdf(pdf)


def verify_bundle(
    bundle: bytes | Mapping[str, Any], trust: Trust, *, ledger: LedgerPolicy | None = None
) -> Verification:
    """Verify the body that issuing answered with; see :class:`Verifier`."""
    return Verifier(trust, ledger).judge_bundle(bundle)


def _about_state(statement: Statement) -> tuple[str, ...]:
    """Say that a genuine document was made of a past state."""
    return ("historic-state",) if statement["state"].get("historic") else ()


def _refusal(code: str) -> Verification:
    return Verification(Verdict.NOT_AUTHENTIC, (reason(code),))


def _read_bundle(bundle: bytes | Mapping[str, Any]) -> dict[str, Any]:
    try:
        body = read_object(bundle, max_bytes=2 * MAX_BYTES) if isinstance(bundle, bytes) else dict(bundle)
        require_plain(body)
    except InvalidInput:
        raise Rejected("bad-bundle") from None
    return body


def _bundled(body: Mapping[str, Any], trust: Trust, now: datetime | None) -> tuple[Statement, bytes]:
    statement, jws = body.get("statement"), body.get("jws")
    if not isinstance(statement, dict) or not isinstance(jws, str):
        raise Rejected("bad-bundle")
    canonical = canonical_bytes(statement)
    verified = _verified_statement(canonical, jws, trust, now)
    for name in ("id", "issued_at"):
        if name in body and not _same_fact(name, body[name], verified[name]):
            raise Rejected("bundle-mismatch")
    return verified, canonical


def _same_fact(name: str, said: object, signed: str) -> bool:
    if said == signed or name != "issued_at" or not isinstance(said, str):
        return said == signed
    try:
        return datetime.fromisoformat(said) == datetime.fromisoformat(signed)
    except (ValueError, TypeError):
        return False


def _verified_statement(canonical: bytes, jws: str, trust: Trust, now: datetime | None) -> Statement:
    kid = verify_detached(jws, canonical, trust.jws_keys)
    try:
        statement = read_object(canonical)
    except InvalidInput:
        raise Rejected("not-canonical") from None
    if canonical_bytes(statement) != canonical:
        raise Rejected("not-canonical")
    if statement.get("schema") not in KNOWN_SCHEMAS:
        raise Rejected("unknown-schema")
    if not trust.signs_at(kid, datetime.fromisoformat(statement["issued_at"])):
        raise Rejected("key-out-of-time")
    if now is not None and datetime.fromisoformat(statement["issued_at"]) > now + _CLOCKS_DIFFER:
        raise Rejected("issued-in-future")
    return statement


def _attachments(pdf: bytes) -> dict[str, bytes]:
    try:
        with pikepdf.open(io.BytesIO(pdf), attempt_recovery=False) as document:
            names, needed = set(document.attachments), {STATEMENT_NAME, JWS_NAME}
            if not needed <= names <= needed | set(EXTRAS):
                raise Rejected("attachments")
            return {name: document.attachments[name].get_file().read_bytes() for name in names}
    except pikepdf.PdfError:
        raise Rejected("structure") from None


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Rejected("structure") from None


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
