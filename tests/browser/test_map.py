"""The public map, as a person uses it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser
Visit = Callable[..., Watched]

EXPECTED = {
    "az": {
        "district": "Xəzər rayonu",
        "land_category": "6. Su fondu torpaqları",
        "ownership_form": "Dövlət",
        "surveyed_area": "900,00 m²",
        "documentary_area": "936,00 m²",
        "registered": "Yoxdur (reyestrdə deyil)",
    },
    "en": {
        "district": "Khazar District",
        "land_category": "6. Water fund land",
        "ownership_form": "State",
        "surveyed_area": "900.00 m²",
        "documentary_area": "936.00 m²",
        "registered": "None (not in the register)",
    },
    "ru": {
        "district": "Хазарский район",
        "land_category": "6. Земли водного фонда",
        "ownership_form": "Государственная",
        "surveyed_area": "900,00 м²",
        "documentary_area": "936,00 м²",
        "registered": "Нет (не в реестре)",
    },
}


@pytest.mark.parametrize("language", ["az", "en", "ru"])
def test_find_a_district_click_a_parcel_read_its_facts(visit: Visit, language: str) -> None:
    seen = visit()
    seen.open_map(f"/map?lang={language}")
    assert seen.page.locator("html").get_attribute("lang") == language
    seen.page.fill("#filter", "BAK-XEZ")
    seen.page.click("#district-list button[data-code=BAK-XEZ]")
    seen.wait_for_map()

    box = seen.page.locator("#map canvas").bounding_box()
    assert box is not None
    seen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(seen.page.locator("#facts-title")).to_have_text(re.compile(r"^BAK-XEZ-0000\d\d$"))
    assert seen.facts()["district"] == EXPECTED[language]["district"]


@pytest.mark.parametrize("language", ["az", "en", "ru"])
def test_search_by_number_reads_every_fact_in_each_language(visit: Visit, language: str) -> None:
    seen = visit()
    seen.open_map(f"/map?lang={language}")
    seen.page.fill("#number", "BAK-XEZ-000012")
    seen.page.press("#number", "Enter")
    facts = seen.facts()
    assert {key: facts[key] for key in EXPECTED[language]} == EXPECTED[language]
    assert facts["valid_from"] == "15.01.2020"
    assert facts["purpose"] == "Fərdi yaşayış evi"
    assert "parcel=BAK-XEZ-000012" in seen.page.url


def test_a_deep_link_opens_the_parcel_and_keeps_it_when_the_language_changes(visit: Visit) -> None:
    seen = visit(locale="en-GB")
    seen.open_map("/map?parcel=BAK-XEZ-000030")
    assert seen.facts()["district"] == "Khazar District"
    seen.wait_for_map()
    assert "#" in seen.page.url
    seen.page.click(".languages a[hreflang=ru]")
    seen.page.wait_for_selector("html[lang=ru][data-ready]")
    assert seen.facts()["district"] == "Хазарский район"


def test_an_unknown_number_says_what_to_do(visit: Visit) -> None:
    seen = visit(locale="en")
    seen.open_map()
    seen.page.fill("#number", "BAK-XEZ-000012")
    seen.page.press("#number", "Enter")
    expect(seen.page).to_have_url(re.compile("parcel="))
    seen.page.fill("#number", "NO/SUCH 1")
    seen.page.press("#number", "Enter")
    expect(seen.page.locator("#number-answer")).to_have_text(
        "No registered parcel has this cadastral number. Compare it with the plan."
    )
    assert seen.page.locator("#facts").is_hidden()
    expect(seen.page).not_to_have_url(re.compile("parcel="))  # nor is the parcel before it marked any more
    # the browser itself reports the 404 it was given
    seen.faults = [fault for fault in seen.faults if "404" not in fault]


def test_keyboard_alone_finds_district_and_parcel(visit: Visit) -> None:
    seen = visit()
    seen.open_map()
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.activeElement.className") == "skip"
    seen.page.focus("#filter")
    seen.page.keyboard.type("xezer")
    expect(seen.page.locator("#district-list button")).to_have_count(1)
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Enter")
    seen.wait_for_map()
    seen.page.focus("#map canvas")
    seen.page.keyboard.press("Enter")
    assert seen.facts()["district"] == "Xəzər rayonu"
    seen.page.keyboard.press("Escape")
    expect(seen.page.locator("#facts")).to_be_hidden()


def test_districts_stand_in_azerbaijani_order_with_and_without_data(visit: Visit) -> None:
    seen = visit()
    seen.open_map()
    names = seen.page.locator("#district-list button span").all_inner_texts()
    assert names[0] == "Xəzər rayonu"
    rest = names[1:]
    assert len(rest) > 70
    assert rest.index("Cəbrayıl rayonu") < rest.index("Daşkəsən rayonu")
    assert rest.index("Xankəndi şəhəri") < rest.index("İmişli rayonu") < rest.index("Kəlbəcər rayonu")
    seen.page.click("#district-list button[data-code=GA]")
    expect(seen.page.locator("#map-note")).to_contain_text("məlumat yoxdur")


def test_phone_layout_fits_and_shows_the_facts_as_a_sheet(visit: Visit) -> None:
    seen = visit(width=390, height=844)
    seen.open_map("/map?parcel=BAK-XEZ-000012")
    seen.facts()
    box = seen.page.locator("#facts").bounding_box()
    assert box is not None
    assert box["x"] == 0
    assert box["width"] == 390
    assert box["y"] + box["height"] == 844
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 390


def test_from_afar_squares_stand_for_parcels_and_lead_to_them(visit: Visit) -> None:
    seen = visit(locale="en")
    seen.open_map("/map#11.2/40.4785/50.128")
    seen.wait_for_map()
    expect(seen.page.locator("#map-note")).to_contain_text("A square counts the parcels in it")
    assert any("/tiles/parcels/11/" in url for url in seen.requests)
    box = seen.page.locator("#map canvas").bounding_box()
    assert box is not None
    seen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(seen.page.locator("#map-note")).to_have_text("")
    assert float(seen.page.url.partition("#")[2].split("/")[0]) >= 13


def test_legend_names_every_category(visit: Visit) -> None:
    seen = visit(locale="en")
    seen.open_map()
    expect(seen.page.locator("#legend li")).to_have_count(8)
    expect(seen.page.locator("#legend li").nth(4)).to_contain_text("Forest fund land")


def test_a_lost_server_is_said_and_can_be_tried_again(visit: Visit) -> None:
    seen = visit(locale="en")
    seen.page.route("**/map/districts", lambda route: route.abort())
    seen.open_map()
    expect(seen.page.locator("#district-count")).to_contain_text("could not be loaded")
    seen.page.unroute("**/map/districts")
    seen.page.click("#district-count button")
    expect(seen.page.locator("#district-list button").first).to_be_visible()
    seen.faults = [fault for fault in seen.faults if "ERR_FAILED" not in fault]
