"""A forger with a certification authority of his own, under our names; he has no key of the register."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from asn1crypto import cms, keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from cadastre.extract.der import EXPLICIT_0, OCTET_STRING, SEQUENCE, SET, tlv
from cadastre.extract.jws import JwsKey, sign_detached
from cadastre.extract.off_loop import off_loop

NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Forger:
    """His CA, his seal under it, and his key for statements."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    jws: JwsKey

    @classmethod
    def with_names_of(cls, genuine: x509.Certificate) -> Self:
        """Make a CA that calls itself as the issuer of a certificate does, and a seal that is called alike."""
        ca_key = rsa.generate_private_key(65537, 2048)
        key = rsa.generate_private_key(65537, 2048)
        usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(genuine.subject)
            .issuer_name(genuine.issuer)
            .public_key(key.public_key())
            .serial_number(genuine.serial_number)
            .not_valid_before(NOW - timedelta(days=1))
            .not_valid_after(NOW + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.ExtendedKeyUsage([x509.OID_TIME_STAMPING]), critical=True)
            .sign(ca_key, hashes.SHA256())
        )
        return cls(certificate, key, JwsKey.of(Ed25519PrivateKey.generate()))

    def resign(self, statement: bytes) -> dict[str, bytes]:
        """Give a statement under his own signature."""
        return {"statement.json": statement, "statement.jws": sign_detached(statement, self.jws).encode()}

    def sign(self, pdf: bytes, field: str) -> bytes:
        """Sign a file of any layout, certification undone where it stands in the way."""
        out = io.BytesIO()
        free = pdf.replace(b"/DocMDP", b"/DocMDX")
        meta = signers.PdfSignatureMetadata(
            field_name=field, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
        )
        work = signers.PdfSigner(meta, self._signer())
        writer = IncrementalPdfFileWriter(io.BytesIO(free))
        off_loop(lambda: work.sign_pdf(writer, output=out, bytes_reserved=16_384))
        return out.getvalue()

    def time_stamped(self, pdf: bytes) -> bytes:
        """Put a document time stamp of his own on a file."""
        out = io.BytesIO()
        stamper = DummyTimeStamper(self._asn1(), self._asn1_key(), certs_to_embed=SimpleCertificateStore())
        work = signers.PdfTimeStamper(stamper)
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        off_loop(lambda: work.timestamp_pdf(writer, "sha256", output=out))
        return out.getvalue()

    def reseal(self, pdf: bytes, *, keep_signature: bool = False) -> bytes:
        """Put his own signature, or only his certificate, where ours was."""
        match = re.search(rb"/ByteRange ?\[0 (\d+) (\d+) (\d+)\]", pdf)
        assert match is not None
        start, end = int(match[1]), int(match[2])
        info = cms.ContentInfo.load(bytes.fromhex(pdf[start + 1 : end - 1].decode()))
        signed = info["content"]
        signer = signed["signer_infos"][0]
        authorities = [one.chosen for one in signed["certificates"] if one.chosen.ca]
        signature = signer["signature"].native
        if not keep_signature:
            attributes = b"\x31" + signer["signed_attrs"].dump()[1:]
            signature = self.key.sign(attributes, padding.PKCS1v15(), hashes.SHA256())
        before = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm")
        parts = [signer[name].dump() for name in before]
        one = tlv(SEQUENCE, *parts, tlv(OCTET_STRING, signature), signer["unsigned_attrs"].dump())
        head = [signed[name].dump() for name in ("version", "digest_algorithms", "encap_content_info")]
        bag = tlv(EXPLICIT_0, *sorted(each.dump() for each in (self._asn1(), *authorities)))
        content = tlv(SEQUENCE, *head, bag, tlv(SET, one))
        made = tlv(SEQUENCE, info["content_type"].dump(), tlv(EXPLICIT_0, content))
        written = made.hex().upper().encode()
        return pdf[:start] + b"<" + written.ljust(end - start - 2, b"0") + b">" + pdf[end:]

    def _signer(self) -> signers.SimpleSigner:
        return signers.SimpleSigner(self._asn1(), self._asn1_key(), SimpleCertificateStore())

    def _asn1(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.certificate.public_bytes(serialization.Encoding.DER))

    def _asn1_key(self) -> keys.PrivateKeyInfo:
        raw = self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return keys.PrivateKeyInfo.load(raw)
