"""Issuing: build and sign the statement (store it with its leaf), then print and seal it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cadastre.extract.jws import JwsKey, sign_detached
from cadastre.extract.labels import Labels
from cadastre.extract.pdf import CODE_NAME, PROOF_NAME, PdfRenderer
from cadastre.extract.record import ExtractRecord
from cadastre.extract.signer import PdfSeal
from cadastre.extract.statement import Statement, build_statement, canonical_bytes, digest
from cadastre.extract.strict_json import read_object
from cadastre.extract.verification_code import write_code


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """A statement with its canonical bytes, their SHA-256 (hex) and the detached JWS over them."""

    statement: Statement
    canonical: bytes
    sha256: str
    jws: str


class Issuer:
    """Makes signed extracts; built once by the composition root."""

    def __init__(
        self, renderer: PdfRenderer, seal: PdfSeal, jws_key: JwsKey | Callable[[], JwsKey], labels: Labels
    ) -> None:
        self._renderer = renderer
        self._seal = seal
        self._given = jws_key
        self._labels = labels

    @property
    def _jws_key(self) -> JwsKey:
        """The key in use now: a rotation changes it."""
        return self._given if isinstance(self._given, JwsKey) else self._given()

    def build(self, record: ExtractRecord) -> Statement:
        """Build the unsigned statement: what the transaction stores and its leaf hashes."""
        return build_statement(record, self._labels, rendering=self._renderer.fingerprint)

    def sign_bytes(self, canonical: bytes) -> str:
        """Sign canonical bytes; safe to repeat after a crash (Ed25519 gives the same signature)."""
        return sign_detached(canonical, self._jws_key)

    def sign(self, canonical: bytes) -> SignedStatement:
        """Sign canonical bytes, and give them with what is printed of them."""
        return self.signed_before(canonical, self.sign_bytes(canonical))

    def signed_before(self, canonical: bytes, jws: str) -> SignedStatement:
        """Give a statement as it was signed when it was issued."""
        return SignedStatement(read_object(canonical), canonical, digest(canonical), jws)

    def sign_statement(self, record: ExtractRecord) -> SignedStatement:
        """Build and sign in one step."""
        return self.sign(canonical_bytes(self.build(record)))

    def print_pdf(self, signed: SignedStatement, *, proof: str | None = None) -> bytes:
        """Print without a seal, with the signed QR code and, where it is known, the ledger's proof."""
        extras = {CODE_NAME: write_code(signed.statement, self._jws_key)}
        if proof is not None:
            extras[PROOF_NAME] = proof
        return self._renderer.render(signed.canonical, signed.jws, extras)

    def render_pdf(
        self, signed: SignedStatement, *, proof: str | None = None, at: datetime | None = None
    ) -> bytes:
        """Print and seal, as of ``at`` or of issue; the page comes from the signed statement alone."""
        printed = self.print_pdf(signed, proof=proof)
        return self._seal.seal(printed, at=at or datetime.fromisoformat(signed.statement["issued_at"]))
