"""Times that a seal may have: a stamp of now, a certificate in force, and nothing of the future."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cadastre.extract import IssuingKeys, PdfRenderer
from cadastre.extract.issue import Issuer
from cadastre.extract.signer import SealNotInForce
from cadastre.extract.time_stamp import CLOCKS_APART, NoTimeStamp, PunctualStamper
from cadastre.extract.verify import Verdict, Verifier
from cadastre.kernel.clock import FixedClock
from tests.cadastre.extract.builders import ISSUED_AT, LABELS, record
from tests.signing import seal_with, stamps_of


def test_a_time_stamp_of_another_time_is_none(keys: IssuingKeys) -> None:
    now = datetime.now(UTC)
    for apart, good in ((0.9, True), (1.1, False), (-0.9, True), (-1.1, False), (288, False)):
        stamps = stamps_of(keys, FixedClock(now + apart * CLOCKS_APART))
        stamper = PunctualStamper(stamps, FixedClock(now))
        if good:
            assert stamper.stamp(bytes(32))
            continue
        with pytest.raises(NoTimeStamp, match="apart") as refused:
            stamper.stamp(bytes(32))
        assert refused.value.facts["retry_after_s"] == 60


@pytest.mark.parametrize("apart", [timedelta(days=-2), timedelta(days=366 * 5)])
def test_nothing_is_sealed_with_a_certificate_that_is_not_in_force(
    keys: IssuingKeys, renderer: PdfRenderer, apart: timedelta
) -> None:
    issuer = Issuer(renderer, seal_with(keys, ISSUED_AT + apart), keys.jws_key, LABELS)
    with pytest.raises(SealNotInForce) as refused:
        issuer.render_pdf(issuer.sign_statement(record()), at=ISSUED_AT + apart)
    assert refused.value.facts["retry_after_s"] == 60


def test_a_time_stamp_of_the_future_is_refused_until_then(keys: IssuingKeys, renderer: PdfRenderer) -> None:
    later = ISSUED_AT + timedelta(days=1)
    issuer = Issuer(renderer, seal_with(keys, later), keys.jws_key, LABELS)
    sealed, verifier = issuer.render_pdf(issuer.sign_statement(record())), Verifier(keys.trust())
    refused = verifier.judge_pdf(sealed, now=ISSUED_AT)
    assert [why.code for why in refused.reasons] == ["seal-out-of-time"]
    assert verifier.judge_pdf(sealed, now=later).verdict is Verdict.AUTHENTIC
