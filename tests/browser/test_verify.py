"""A kupça issued by this register, checked by whoever holds it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pikepdf
import pytest
from playwright.sync_api import expect

from tests.api.planting import CANARIES, OWNED_PARCEL, REGISTER_NUMBER
from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser
Visit = Callable[..., Watched]
ORDER = {
    "register_number": REGISTER_NUMBER,
    "kind": "extract",
    "capacity": "notary",
    "basis": "Power of attorney 1Z-441 of 03.02.2026",
    "purpose": "disposal",
}


@pytest.fixture(scope="module")
def issued(notary_client: httpx.Client) -> tuple[str, bytes]:
    """Path that the QR code opens, and the PDF."""
    answer = notary_client.post("/v1/extracts", json=ORDER)
    assert answer.status_code == 201, answer.text
    token = re.search(r"/verify/([0-9a-f]{32})", answer.text)
    assert token is not None
    return f"/verify/{token[1]}", notary_client.get(answer.json()["pdf"]).content


@pytest.mark.parametrize(("locale", "word"), [("az", "Həqiqidir"), ("en", "Authentic"), ("ru", "Подлинный")])
def test_the_qr_code_opens_the_verdict_and_no_person(
    visit: Visit, base_url: str, issued: tuple[str, bytes], locale: str, word: str
) -> None:
    seen = visit(locale=locale, address=base_url)
    seen.open(issued[0])
    expect(seen.page.locator(".verdict-authentic .verdict-word")).to_have_text(word)
    text = seen.page.locator("main").inner_text()
    assert REGISTER_NUMBER in text
    assert OWNED_PARCEL in text
    assert not any(canary in text for canary in CANARIES)
    seen.page.click(f"text={OWNED_PARCEL}")
    seen.page.wait_for_selector("html[data-ready]")
    assert seen.page.locator("#facts-title").inner_text() == OWNED_PARCEL
    assert seen.facts()["registered"] in {"Var", "Yes", "Есть"}


def test_the_pdf_is_authentic_and_with_one_byte_changed_it_is_not(
    visit: Visit, base_url: str, issued: tuple[str, bytes], tmp_path: Path
) -> None:
    seen = visit(locale="en", address=base_url)
    seen.open("/verify")
    genuine, touched = tmp_path / "genuine.pdf", tmp_path / "touched.pdf"
    genuine.write_bytes(issued[1])
    middle = len(issued[1]) // 2
    touched.write_bytes(issued[1][:middle] + bytes([issued[1][middle] ^ 1]) + issued[1][middle + 1 :])

    seen.page.set_input_files("#file", genuine)
    seen.page.click("#verify-form button")
    expect(seen.page.locator("#verify-answer .verdict-word")).to_have_text("Authentic")
    seen.page.set_input_files("#file", touched)
    seen.page.click("#verify-form button")
    expect(seen.page.locator("#verify-answer .verdict-word")).to_have_text("Not authentic")
    expect(seen.page.locator("#verify-answer li").first).not_to_be_empty()


def code_in(pdf: bytes) -> str:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return document.attachments["verification-code.txt"].get_file().read_bytes().decode()


def test_the_page_checks_the_signed_code_by_itself(
    visit: Visit, base_url: str, issued: tuple[str, bytes], notary_client: httpx.Client
) -> None:
    """The digits after # are judged by the browser: genuine, changed, and moved from another paper."""
    address, _, digits = code_in(issued[1]).partition("#")
    path = "/" + address.split("/", 3)[3]
    other = notary_client.get(notary_client.post("/v1/extracts", json=ORDER).json()["pdf"]).content
    moved = code_in(other).partition("#")[2]
    changed = digits[:40] + str(9 - int(digits[40])) + digits[41:]
    seen = visit(locale="en", address=base_url)
    for written, said in ((digits, "code_genuine"), (changed, "code_forged"), (moved, "code_forged")):
        seen.open("/verify")
        seen.open(f"{path}#{written}")
        expect(seen.page.locator("#code-answer [data-code]")).to_have_attribute("data-code", said)
        assert (REGISTER_NUMBER in seen.page.locator("#code-answer").inner_text()) == (said == "code_genuine")
