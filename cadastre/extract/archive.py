"""The archive copy (PAdES B-LTA): evidence that the certificates held, under a time stamp of its own.

Nothing is archived that an independent engine does not find good: pyHanko's
AdES validation (EN 319 102-1, 5.6.3) has to pass with the anchors alone.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Protocol
from urllib.parse import urlsplit

from asn1crypto import x509 as asn1_x509
from asn1crypto.crl import CertificateList
from asn1crypto.ocsp import OCSPResponse
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from cadastre.extract.archive_form import Evidence, archive_revision
from cadastre.extract.chain import Chain
from cadastre.extract.off_loop import off_loop
from cadastre.extract.seal_check import read_seal
from cadastre.extract.time_stamp import TimeStamper
from cadastre.extract.trust import Trust
from cadastre.kernel.errors import Unavailable

_MOST_BYTES = 1_000_000
_PATIENCE_S = 10.0
_LIST_KEPT_S = 5.0
_NOWHERE = ".invalid"
"""End of a responder's name that never resolves (RFC 2606): the service that was named otherwise is asked."""


class NotArchived(Unavailable):
    """The archive copy cannot be made now, or would not be good; it is tried again."""

    default_code = "not-archived"


class StatusSource(Protocol):
    """Whoever says which certificates still hold."""

    def answer(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """Give an OCSP response (DER), or None where the issuer publishes lists only."""
        ...

    def revocations(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """Give the list of the issuer of a certificate (DER), or None where he has responders only."""
        ...


@dataclass
class HttpStatus:
    """Asks where certificates themselves say, else the services at ``base``; lists are kept a moment."""

    base: str | None = None
    _lists: dict[str, tuple[float, bytes]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """Give an OCSP response about a certificate."""
        url = _responder_of(certificate)
        if url is None and self.base is not None and not _is_self_issued(issuer):
            url = f"{self.base}/ocsp"
        if url is None:
            return None
        request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256()).build()
        answer = _fetch(url, request.public_bytes(Encoding.DER), "application/ocsp-request")
        if ocsp.load_der_ocsp_response(answer).response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise NotArchived(f"{url} does not say whether the certificate holds.")
        return answer

    def revocations(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """Give the list of an issuer."""
        url = _list_of(certificate)
        if url is None and self.base is not None:
            url = f"{self.base}/{'root' if _is_self_issued(issuer) else 'issuing'}.crl"
        if url is None:
            return None
        with self._lock:
            kept_at, kept = self._lists.get(url, (0.0, b""))
            if not kept or time.monotonic() - kept_at > _LIST_KEPT_S:
                kept = _fetch(url, None, "")
                self._lists[url] = (time.monotonic(), kept)
        return kept


def make_archive_copy(
    sealed: bytes, *, trust: Trust, status: StatusSource, stamper: TimeStamper, now: datetime
) -> bytes:
    """Append the archive revision to a sealed file, and check all of it.

    Raises
    ------
    Unavailable
        A service does not answer, or the copy would not validate for the long term.
    """
    seal = read_seal(sealed, trust)
    if seal.stamp is None:
        raise NotArchived("The file carries no time stamp.")
    evidence = gather((seal.chain, seal.stamp.chain), status)
    copy = archive_revision(sealed, evidence, stamper.stamp)
    closed = read_seal(copy, trust).archived[-1].moment
    require_long_term(copy, trust, max(now, closed))  # what is said of certificates is younger than now
    return copy


def gather(chains: tuple[Chain, ...], status: StatusSource) -> Evidence:
    """Collect what shows that chains hold: certificates, OCSP responses and lists, each once.

    A list is taken only where a certificate names nobody who answers for it alone: a list of a renewal says
    nothing of what ended before it, and the independent engine would take it to.
    """
    certificates, answers, lists = dict[bytes, None](), dict[bytes, None](), dict[bytes, None]()
    asked = set[x509.Certificate]()
    for chain in chains:
        for certificate in chain:
            certificates[certificate.public_bytes(Encoding.DER)] = None
        for certificate, issuer in pairwise(chain):
            if certificate in asked:
                continue
            asked.add(certificate)
            answer = status.answer(certificate, issuer)
            spared = answer is not None and bool(_responders_named_by(certificate))
            found = answer, None if spared else status.revocations(certificate, issuer)
            if found == (None, None):
                raise NotArchived("Nobody says whether the certificates hold.")
            if answer is not None:
                answers[answer] = None
                certificates.update(dict.fromkeys(_responders(answer)))
            lists.update({found[1]: None} if found[1] is not None else {})
    return Evidence(tuple(certificates), tuple(answers), tuple(lists))


def require_long_term(
    copy: bytes,
    trust: Trust,
    now: datetime,
    *,
    beside: Evidence | None = None,
) -> None:
    """Raise unless the seal of an archive copy validates for the long term, by what is in the file alone.

    Parameters
    ----------
    beside
        What is said today of the last time stamp's certificates, where the stamp is older than what the file
        says of them: that they still hold is what no file can tell of itself.

    Raises
    ------
    NotArchived
        With what the engine says.
    """
    roots = [asn1_x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in trust.ca_certificates]
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=roots),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
    )
    offline = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    specification = PdfSignatureValidationSpec(
        SignatureValidationSpec(
            policy,
            revinfo_gathering_policy=offline,
            ts_cert_validation_policy=policy,
            local_knowledge=_knowledge(beside),
        ),
        diff_policy=None,  # read_seal wrote the revisions again, and every byte was the same
    )
    timing = ValidationTimingInfo(
        validation_time=now, best_signature_time=now, point_in_time_validation=False
    )

    def judge() -> object:
        signature = PdfFileReader(io.BytesIO(copy)).embedded_regular_signatures[0]
        return asyncio.run(ades_lta_validation(signature, specification, timing_info=timing)).ades_subindic

    try:
        verdict = off_loop(judge)
    except (PdfError, SignatureValidationError, ValueError) as error:
        raise NotArchived(f"The archive copy cannot be validated: {error}.") from None
    if verdict is not AdESPassed.OK:
        raise NotArchived(f"The archive copy does not validate for the long term: {verdict}.")


def _knowledge(beside: Evidence | None) -> LocalKnowledge:
    """Give what is known beside the file."""
    if beside is None:
        return LocalKnowledge()
    answers = [OCSPResponse.load(each) for each in beside.ocsp]
    return LocalKnowledge(
        known_ocsps=[held for each in answers for held in OCSPContainer.load_multi(each)],
        known_crls=[CRLContainer(CertificateList.load(each)) for each in beside.lists],
        known_certs=[asn1_x509.Certificate.load(each) for each in beside.certificates],
    )


def _responders(answer: bytes) -> list[bytes]:
    """Certificates of those who signed an OCSP response, as it carries them."""
    held = ocsp.load_der_ocsp_response(answer).certificates
    return [each.public_bytes(Encoding.DER) for each in held]


def _responder_of(certificate: x509.Certificate) -> str | None:
    named = _responders_named_by(certificate)
    return next((url for url in named if not (urlsplit(url).hostname or "").endswith(_NOWHERE)), None)


def _responders_named_by(certificate: x509.Certificate) -> list[str]:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return []
    return [
        str(each.access_location.value)
        for each in access
        if each.access_method == AuthorityInformationAccessOID.OCSP
    ]


def _list_of(certificate: x509.Certificate) -> str | None:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return None
    names = [name.value for point in points for name in point.full_name or ()]
    return next((str(name) for name in names if str(name).startswith("http")), None)


def _is_self_issued(certificate: x509.Certificate) -> bool:
    return certificate.issuer == certificate.subject


def _fetch(url: str, body: bytes | None, kind: str) -> bytes:
    address = urlsplit(url)
    maker = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = maker(address.hostname or "", address.port, timeout=_PATIENCE_S)
    try:
        headers = {"Content-Type": kind} if kind else {}
        connection.request("GET" if body is None else "POST", address.path or "/", body, headers)
        response = connection.getresponse()
        content = response.read(_MOST_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise NotArchived(f"{url} does not answer ({type(error).__name__}).") from None
    finally:
        connection.close()
    if response.status != 200 or len(content) > _MOST_BYTES:
        raise NotArchived(f"{url} answers with status {response.status}.")
    return content


__all__ = ["HttpStatus", "NotArchived", "StatusSource", "gather", "make_archive_copy", "require_long_term"]
