"""What the QR code of an extract opens, in each language."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.requests import Request

from api.web import PageWriter
from cadastre.domain.extract import ParcelSummary, TokenSummary, UnitSummary

DISTRICT = {"az": "Xəzər rayonu", "en": "Khazar District", "ru": "Хазарский район"}
KIND = {"az": "Mənzil", "en": "Flat", "ru": "Квартира"}


def page_of(summary: TokenSummary, language: str) -> str:
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/verify/{'0' * 32}",
        "query_string": f"lang={language}".encode(),
        "headers": [],
        "scheme": "http",
        "server": ("register.example", 80),
    }
    found = {
        "verdict": "AUTHENTIC",
        "summary": summary,
        "kind_name": "x",
        "number_name": "register_number",
        "page_data": {"lang": language, "words": {}, "keys": []},
    }
    body = PageWriter(Request(scope), is_synthetic=False).write("verified.html", found).body
    return " ".join(bytes(body).decode().split())


def summary_of(parcels: tuple[ParcelSummary, ...], unit: UnitSummary | None) -> TokenSummary:
    moment = datetime(2026, 5, 4, 8, tzinfo=UTC)
    return TokenSummary(
        "AUTHENTIC", "extract", "230000000001", "EX0000431", moment, 7, "ab" * 32, parcels, unit, False
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("az", ("Mənzil", "Xəzər rayonu", "sənəd üzrə 1.071,40 m²; faktiki 1.070,00 m²")),
        ("en", ("Flat", "Khazar District", "by document 1,071.40 m²; measured 1,070.00 m²")),
        (
            "ru",
            ("Квартира", "Хазарский район", "по документу 1 071,40 м²; фактическая 1 070,00 м²"),
        ),
    ],
)
def test_a_flat_is_described_in_the_language_of_the_page(language: str, words: tuple[str, ...]) -> None:
    page = page_of(
        summary_of((), UnitSummary(KIND, "45", "KX-1-B1", DISTRICT, "1071.40", "1070.00")), language
    )
    for said in (*words, "№ 45", "KX-1-B1", "EX № 0000431"):
        assert said in page, said


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        (("650.00", None), "by document 650.00 m²"),
        ((None, "652.31"), "measured 652.31 m²"),
        ((None, None), "area not recorded"),
    ],
)
def test_the_area_of_a_parcel_is_what_is_known_of_it(areas: tuple[str | None, str | None], said: str) -> None:
    page = page_of(summary_of((ParcelSummary("KX-1", DISTRICT, *areas),), None), "en")
    assert said in page
    assert "Khazar District" in page
