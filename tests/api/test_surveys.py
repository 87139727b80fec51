"""Survey pages over HTTP."""

from __future__ import annotations

import httpx
import pytest

from tests.api.planting import OWNED_PARCEL


def test_the_survey_counts_what_is_registered(public: httpx.Client) -> None:
    text = public.get("/surveys/BAK-XEZ", params={"lang": "en"}).text
    assert "Khazar District" in text
    assert "<dd>2</dd>" in text
    assert "<dd>50.0 %</dd>" in text
    assert "The map shows every parcel of the district." in text


def test_register_text_cannot_become_markup(public: httpx.Client) -> None:
    text = public.get("/surveys/BAK-XEZ").text
    assert "A>B" in OWNED_PARCEL
    assert "A>B" not in text
    assert "A\\u0026gt;B" in text


@pytest.mark.parametrize("code", ["XX", "nonsense", "BAK'--", "%00"])
def test_an_unknown_district_is_a_page_that_says_so(public: httpx.Client, code: str) -> None:
    answer = public.get(f"/surveys/{code}", params={"lang": "ru"})
    assert answer.status_code == 404
    assert "Такого района нет" in answer.text


def test_a_district_without_parcels_has_a_page(public: httpx.Client) -> None:
    answer = public.get("/surveys/GA", params={"lang": "en"})
    assert answer.status_code == 200
    assert "No parcel of this district is registered yet." in answer.text
    assert "<script nonce" not in answer.text
