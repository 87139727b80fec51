"""Landing, surveys and verification in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser
Visit = Callable[..., Watched]


@pytest.mark.parametrize(
    ("locale", "title"),
    [
        ("az-AZ", "Torpaq sahənizi tapın, sənədi yoxlayın"),
        ("ru-RU", "Найдите участок, проверьте документ"),
        ("de", "Torpaq"),
    ],
)
def test_landing_speaks_the_language_of_the_browser(visit: Visit, locale: str, title: str) -> None:
    seen = visit(locale=locale)
    seen.open("/")
    expect(seen.page.locator("h1")).to_contain_text(title)


def test_landing_search_leads_to_the_parcel(visit: Visit) -> None:
    seen = visit(locale="en")
    seen.open("/")
    seen.page.fill("#parcel", "BAK-XEZ-000007")
    seen.page.click(".search button")
    seen.page.wait_for_selector("html[data-ready]")
    assert seen.facts()["surveyed_area"] == "900.00 m²"


@pytest.mark.parametrize("width", [390, 1440])
def test_survey_draws_every_parcel_with_its_own_scripts(visit: Visit, width: int) -> None:
    seen = visit(width=width, locale="en")
    seen.open("/surveys/BAK-XEZ")
    expect(seen.page.locator("h1")).to_have_text("Khazar District")
    expect(seen.page.locator(".folium-map canvas")).to_be_visible()
    drawn = seen.page.evaluate(
        """() => { let n = 0;
             const map = Object.entries(window).find(([name]) => name.startsWith("map_"))[1];
             map.eachLayer((layer) => { if (layer.feature) n += 1; });
             return n; }"""
    )
    assert drawn == 60
    expect(seen.page.locator(".figures dd").first).to_have_text("60")
    expect(seen.page.locator("table").first).to_contain_text("Water fund land")
    assert seen.page.evaluate("document.documentElement.scrollWidth") == width


def test_survey_of_a_district_without_parcels_says_so(visit: Visit) -> None:
    seen = visit(locale="en")
    seen.open("/surveys/GA")
    expect(seen.page.locator(".empty")).to_contain_text("No parcel of this district")


def test_survey_list_leads_to_a_district(visit: Visit) -> None:
    seen = visit(locale="en")
    seen.open("/surveys")
    seen.page.click("text=Khazar District")
    expect(seen.page.locator("h1")).to_have_text("Khazar District")


def test_a_file_that_is_no_pdf_is_told_before_it_is_sent(visit: Visit, tmp_path: Path) -> None:
    seen = visit(locale="en")
    seen.open("/verify")
    (tmp_path / "a.pdf").write_text("hello")
    seen.page.set_input_files("#file", tmp_path / "a.pdf")
    seen.page.click("#verify-form button")
    expect(seen.page.locator("#verify-answer .verdict-failed")).to_have_text(
        "This file is neither a PDF nor JSON."
    )
    assert not any("/v1/verify" in url for url in seen.requests)


def test_a_pdf_of_somebody_else_is_not_authentic(visit: Visit, tmp_path: Path) -> None:
    seen = visit(locale="ru")
    seen.open("/verify")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")
    seen.page.set_input_files("#file", tmp_path / "a.pdf")
    seen.page.click("#verify-form button")
    expect(seen.page.locator("#verify-answer [data-verdict='NOT AUTHENTIC']")).to_contain_text("Не подлинный")


def test_an_unknown_qr_code_is_a_clear_no(visit: Visit) -> None:
    seen = visit(locale="en")
    seen.open("/verify/" + "0" * 32)
    expect(seen.page.locator(".verdict-not-found")).to_contain_text("issued no document with this QR code")
    seen.faults = [fault for fault in seen.faults if "404" not in fault]
