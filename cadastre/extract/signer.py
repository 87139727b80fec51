"""The seal on the PDF: PAdES B-B, certifying (DocMDP 1: no changes), as one incremental update."""

from __future__ import annotations

import asyncio
import hashlib
import io
from datetime import datetime

from asn1crypto import algos
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, Signer
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

from cadastre.extract.off_loop import off_loop

SEAL_FIELD = "ElektronMohur"
_BYTES_RESERVED = 8192  # hex digits; our CMS takes about 2,600 bytes


class SealSigner(Signer):
    """Signs with a private key that stays loaded.

    pyHanko's SimpleSigner parses and validates the key anew at every signature
    (about 150 ms for RSA-3072); here the key object is made once.
    """

    def __init__(self, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> None:
        super().__init__(
            signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
            embed_roots=False,
        )
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Sign signed attributes with RSA PKCS#1 v1.5 and SHA-256."""
        if dry_run:
            return bytes(self._key.key_size // 8)
        if digest_algorithm != "sha256":
            raise ValueError(digest_algorithm)
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())


class _SealingWriter(IncrementalPdfFileWriter):
    """Adds the seal and nothing else; the same input gives the same file.

    pyHanko would rewrite /Info and the XMP packet (machine time, own name,
    renamed prefixes of the PDF/A extension schemas) and draw a random file id.
    """

    def __init__(self, pdf: bytes) -> None:
        super().__init__(io.BytesIO(pdf))
        self._document_id[1] = generic.ByteStringObject(hashlib.sha256(pdf).digest()[:16])

    def _update_meta(self) -> None:
        """Leave the metadata as they were printed."""


class PdfSeal:
    """Seals PDF files; built once by the composition root, safe to share between threads."""

    def __init__(self, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> None:
        self._signer = SealSigner(certificate, key)

    def seal(self, pdf: bytes, *, at: datetime) -> bytes:
        """Append the sealing revision; the given bytes stay as they are, as the file's beginning.

        Parameters
        ----------
        pdf
            A PDF of our own rendering.
        at
            Time written into the signature dictionary (claimed; B-B has no time stamp).
        """
        return off_loop(lambda: asyncio.run(self._seal(pdf, at)))

    async def _seal(self, pdf: bytes, at: datetime) -> bytes:
        writer = _SealingWriter(pdf)
        session = PdfSigner(
            PdfSignatureMetadata(
                field_name=SEAL_FIELD,
                md_algorithm="sha256",
                subfilter=SigSeedSubFilter.PADES,
                certify=True,
                docmdp_permissions=MDPPerm.NO_CHANGES,
                reason="Daşınmaz əmlakın dövlət reyestrindən məlumat",
            ),
            self._signer,
            new_field_spec=SigFieldSpec(SEAL_FIELD, readable_field_name="Elektron möhür"),
        ).init_signing_session(writer)
        session.system_time = at
        to_sign = session.prepare_tbs_document(validation_info=None, bytes_reserved=_BYTES_RESERVED)
        output = io.BytesIO()
        prepared, _ = to_sign.digest_tbs_document(output=output)
        cms = await self._signer.async_sign(
            prepared.document_digest,
            "sha256",
            use_pades=True,
            signed_attr_settings=PdfCMSSignedAttributes(),
        )
        prepared.fill_with_cms(output, cms)
        return output.getvalue()
