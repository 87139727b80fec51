"""Documents printed with an earlier layout: printed again byte for byte, and compared with their statements."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cadastre.extract import Issuer, PdfRenderer, Trust, Verdict, canonical_bytes, layout_1, verify_pdf
from cadastre.extract.issue import SignedStatement
from cadastre.extract.layouts import CURRENT, LAYOUTS
from cadastre.extract.page_text import same_text, text_of_pages
from cadastre.extract.pdf import Likeness
from cadastre.extract.reasons import Rejected
from tests.cadastre.extract.conftest import Issued

FROZEN: dict[str, Any] = json.loads(
    (Path(__file__).parent / "golden" / "layout_1.json").read_text(encoding="utf-8")
)
"""Statements as the first layout printed them, with the digest of what left the press."""


def codes(pdf: bytes, trust: Trust, renderer: PdfRenderer) -> Iterator[str]:
    found = verify_pdf(pdf, trust, renderer=renderer)
    assert (found.verdict is Verdict.AUTHENTIC) is (found.statement is not None)
    return (reason.code for reason in found.reasons)


def printed_by(issuer: Issuer, statement: dict[str, Any], rendering: str) -> SignedStatement:
    return issuer.sign(canonical_bytes(statement | {"rendering": rendering}))


def first_name(renderer: PdfRenderer) -> str:
    return renderer.fingerprint.replace(CURRENT.name, layout_1.NAME)


@pytest.mark.parametrize("name", FROZEN["cases"])
def test_the_first_layout_prints_the_bytes_that_it_always_printed(renderer: PdfRenderer, name: str) -> None:
    case = FROZEN["cases"][name]
    if case["statement"]["rendering"] != first_name(renderer):
        pytest.fail("The engine or the fonts have changed: see DECISIONS on what must be shown before that.")
    printed = renderer.render(canonical_bytes(case["statement"]), FROZEN["jws"], FROZEN["extras"])
    assert hashlib.sha256(printed).hexdigest() == case["printed_sha256"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_document_of_every_layout_is_compared_and_issued_again(
    issuer: Issuer, issued: dict[str, Issued], trust: Trust, renderer: PdfRenderer, layout: str
) -> None:
    rendering = renderer.fingerprint.replace(CURRENT.name, layout)
    signed = printed_by(issuer, issued["terms"].signed.statement, rendering)
    pdf = issuer.render_pdf(signed)
    assert "page-matches" in codes(pdf, trust, renderer)
    assert pdf.startswith(issuer.print_pdf(issuer.signed_before(signed.canonical, signed.jws)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_another_engine_printed_is_compared_by_its_text(
    issuer: Issuer, issued: dict[str, Issued], trust: Trust, renderer: PdfRenderer, layout: str
) -> None:
    signed = printed_by(issuer, issued["plain"].signed.statement, f"{layout} typst/0.1.0 fonts/0123456789ab")
    assert "page-text-matches" in codes(issuer.render_pdf(signed), trust, renderer)


def test_another_page_under_a_genuine_statement_is_refused_by_its_text(
    issuer: Issuer, issued: dict[str, Issued], trust: Trust, renderer: PdfRenderer, monkeypatch: Any
) -> None:
    """A press of ours that prints other words than the statement has."""
    rendering = f"{CURRENT.name} typst/0.1.0 fonts/0123456789ab"
    signed = printed_by(issuer, issued["plain"].signed.statement, rendering)
    build = CURRENT.build_view
    with monkeypatch.context() as patch:
        patch.setattr(
            "cadastre.extract.pdf.LAYOUTS",
            {
                CURRENT.name: replace(
                    CURRENT, build_view=lambda *a, **b: build(*a, **b) | {"title": "ÇIXARIS"}
                )
            },
        )
        lie = issuer.render_pdf(signed)
    assert list(codes(lie, trust, renderer)) == ["page-differs"]


def test_a_layout_that_is_not_kept_is_said_not_to_be_compared(
    issuer: Issuer, issued: dict[str, Issued], trust: Trust, renderer: PdfRenderer
) -> None:
    rendering = "extract/000000000000 typst/0.1.0 fonts/0123456789ab"
    assert renderer.likeness(rendering) is Likeness.UNKNOWN
    signed = printed_by(issuer, issued["plain"].signed.statement, rendering)
    assert "page-not-compared" in codes(issuer.render_pdf(signed), trust, renderer)


def test_the_text_of_pages_is_compared_without_white_space(issued: dict[str, Issued]) -> None:
    plain, owners = issued["plain"].pdf, issued["owners"].pdf
    assert same_text(plain, plain)
    assert not same_text(plain, owners)
    assert "ÇIXARIŞ" in text_of_pages(plain)[0]
    with pytest.raises(Rejected, match="not built like"):
        text_of_pages(b"%PDF-1.7 rubbish")
