"""The seal on the PDF: PAdES B-T, certifying (DocMDP 1: no changes), as one incremental update.

The revision is written here and not by a library: every byte of a sealed file
but the signature follows from the printed file, and writing it takes one
millisecond instead of thirty.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cadastre.extract.credential import Credential
from cadastre.extract.pdf_revision import (
    SEAL_FIELD,
    add_annotation,
    digest_around,
    empty_signature,
    field,
    fill_gap,
    insert,
    read_text,
    with_gap,
    write_revision,
)
from cadastre.extract.time_stamp import RETRY_AFTER_S, TimeStamper, digest_of
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.kernel.errors import Unavailable

REASON = "Daşınmaz əmlakın dövlət reyestrindən məlumat"
_LABEL = "Elektron möhür"
_EXTENSION = (
    b"/Extensions<</ESIC<</Type/DeveloperExtensions/BaseVersion/1.7/ExtensionLevel 1>>>>"  # ETSI's CAdES
)
_NO_CHANGES = (
    b"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P 1>>>>]"
)


class SealNotInForce(Unavailable):
    """The certificate of the seal is not in force, so nothing is sealed that nobody would believe."""

    default_code = "seal-not-in-force"

    def __init__(self, ends_at: datetime) -> None:
        super().__init__(
            f"The certificate of the seal is not in force (it ends {ends_at:%Y-%m-%d}), and without one no "
            "print leaves; what was decided is kept.",
            retry_after_s=RETRY_AFTER_S,
        )


class PdfSeal:
    """Seals PDF files; built once by the composition root, safe to share between threads.

    Parameters
    ----------
    credential
        Gives the certificate and key to seal with now: a rotation changes them.
    stamper
        Where the time stamp of each seal comes from; without one nothing is sealed.
    """

    def __init__(self, credential: Callable[[], Credential], stamper: TimeStamper) -> None:
        self._credential = credential
        self._stamper = stamper

    def seal(self, pdf: bytes, *, at: datetime) -> bytes:
        """Append the sealing revision; the given bytes stay as they are, as the file's beginning.

        Parameters
        ----------
        pdf
            A PDF of our own rendering.
        at
            Time written into the signature dictionary (claimed; the time stamp proves the real one).

        Raises
        ------
        Unavailable
            No time stamp can be had, the key's token does not answer, or the certificate is not in force.
        """
        file, first = unsigned_revision(pdf, at=at)
        credential = self._credential()
        ends_at = credential.certificate.not_valid_after_utc
        if not credential.certificate.not_valid_before_utc <= at <= ends_at:
            raise SealNotInForce(ends_at)
        signature = credential.sign(digest_around(file, first))
        token = self._stamper.stamp(digest_of(signature.value))
        return fill_gap(file, first, credential.write(signature, token=token))


def unsigned_revision(pdf: bytes, *, at: datetime) -> tuple[bytearray, int]:
    """Write the sealing revision with an empty gap; gives the file and where the gap begins."""
    text = read_text(pdf)
    page, form, widget, value = text.first_page(), text.size, text.size + 1, text.size + 2
    entries = b"/AcroForm %d 0 R%s/Perms<</DocMDP %d 0 R>>" % (form, _EXTENSION, value)
    revision = write_revision(
        text,
        {
            page: add_annotation(text.body(page), widget),
            text.root: insert(text.body(text.root), entries),
            form: b"<</Fields[%d 0 R]/SigFlags 3>>" % widget,
            widget: field(SEAL_FIELD, page, value, text_string(_LABEL)),
            value: empty_signature(_dictionary(at)),
        },
    )
    return with_gap(revision, len(pdf))


def _dictionary(at: datetime) -> bytes:
    local = at.astimezone(OFFICIAL_ZONE)
    offset = local.strftime("%z")
    moment = f"{local:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:]}'".encode()
    return (
        b"/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:%s)/Reason %s"
        % (moment, text_string(REASON))
        + _NO_CHANGES
    )


def text_string(text: str) -> bytes:
    """Write a text as a PDF string.

    Examples
    --------
    >>> text_string("Ə")
    b'<FEFF018F>'
    """
    return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode() + b">"


__all__ = ["REASON", "PdfSeal", "SealNotInForce", "text_string", "unsigned_revision"]
