"""Seals over any PDF, by pyHanko's writer: the form of the first extracts (B-B), and files that ours refuses."""

from __future__ import annotations

import asyncio
import hashlib
import io
from datetime import datetime

from asn1crypto import algos
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, Signer

from cadastre.extract.credential import Credential
from cadastre.extract.off_loop import off_loop
from cadastre.extract.pki import IssuingKeys
from cadastre.extract.signer import REASON
from cadastre.extract.time_stamp import digest_of
from cadastre.kernel.clock import FixedClock
from tests.cadastre.extract.builders import ISSUED_AT
from tests.signing import stamps_of

OLD_ROOM, ROOM = 8192, 16384


class PyHankoSigner(Signer):
    """Lets pyHanko sign with a credential."""

    def __init__(self, credential: Credential) -> None:
        super().__init__(
            signing_cert=asn1_x509.Certificate.load(credential.certificate.public_bytes(Encoding.DER)),
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
            embed_roots=False,
        )
        self._credential = credential

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return bytes(384) if dry_run else self._credential.key.sign(data)


class _SealingWriter(IncrementalPdfFileWriter):
    def __init__(self, pdf: bytes) -> None:
        super().__init__(io.BytesIO(pdf))
        self._document_id[1] = generic.ByteStringObject(hashlib.sha256(pdf).digest()[:16])

    def _update_meta(self) -> None:
        """Leave the metadata as they were printed."""


def seal_any(
    keys: IssuingKeys, pdf: bytes, *, at: datetime = ISSUED_AT, field: str = "ElektronMohur"
) -> bytes:
    """Seal a file of any layout as ours are sealed now (B-T)."""
    return off_loop(lambda: asyncio.run(_seal(keys, pdf, at, field, stamped=True)))


def seal_b_b(keys: IssuingKeys, pdf: bytes, *, at: datetime = ISSUED_AT) -> bytes:
    """Seal a file as the first extracts were sealed: without a time stamp."""
    return off_loop(lambda: asyncio.run(_seal(keys, pdf, at, "ElektronMohur", stamped=False)))


async def _seal(keys: IssuingKeys, pdf: bytes, at: datetime, field: str, *, stamped: bool) -> bytes:
    signer = PyHankoSigner(keys.seal)
    session = PdfSigner(
        PdfSignatureMetadata(
            field_name=field,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            reason=REASON,
        ),
        signer,
        new_field_spec=fields.SigFieldSpec(field, readable_field_name="Elektron möhür"),
    ).init_signing_session(_SealingWriter(pdf))
    session.system_time = at
    room = ROOM if stamped else OLD_ROOM
    to_sign = session.prepare_tbs_document(validation_info=None, bytes_reserved=room)
    output = io.BytesIO()
    prepared, _ = to_sign.digest_tbs_document(output=output)
    if stamped:
        signature = keys.seal.sign(prepared.document_digest)
        token = stamps_of(keys, FixedClock(at)).stamp(digest_of(signature.value))
        prepared.fill_with_cms(output, keys.seal.write(signature, token=token))
    else:
        cms = await signer.async_sign(
            prepared.document_digest, "sha256", use_pades=True, signed_attr_settings=PdfCMSSignedAttributes()
        )
        prepared.fill_with_cms(output, cms)
    return output.getvalue()
