"""A document of a past state says so, on every page and in every verdict."""

import pypdfium2
import pytest

from cadastre.extract import build_statement, verify_pdf
from cadastre.extract.trust import Trust
from tests.cadastre.extract.builders import CASES, LABELS
from tests.cadastre.extract.conftest import Issued
from tests.cadastre.extract.test_pdf import text_of


@pytest.mark.parametrize("name", ["past", "past-absent"])
def test_a_past_state_is_named_as_one_on_every_page(issued: dict[str, Issued], name: str):
    document = pypdfium2.PdfDocument(issued[name].pdf)
    pages = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    document.close()
    for page in pages:
        assert "TARİXİ VƏZİYYƏT: 01.06.2019, indeks 4711; bugünkü hüquqları göstərmir." in page
    first = pages[0].replace("\u00a0", " ")
    assert "Hüquqi vəziyyətin günü: 01.06.2019." in first
    assert "4711 indeksinədək, 03.02.2020 11:08:09 (UTC+04:00)" in first
    assert "bugünkü hüquqları, məhdudiyyətləri və yüklülüyü göstərmir" in first
    assert "TARİXİ" not in text_of(issued["plain"].pdf)


@pytest.mark.parametrize("name", ["past", "past-absent", "plain"])
def test_the_verdict_on_it_says_so_in_three_languages(issued: dict[str, Issued], trust: Trust, name: str):
    texts = {r.code: r.text for r in verify_pdf(issued[name].pdf, trust).reasons}
    assert ("historic-state" in texts) is (name != "plain")
    if name != "plain":
        text = texts["historic-state"]
        assert "bugünkü hüquqları göstərmir" in text.az
        assert all((text.en, text.ru))


def test_the_state_names_day_index_and_instant():
    state = build_statement(CASES["past"], LABELS, rendering="test")["state"]
    assert state == {
        "valid_time": "2019-06-01T00:00:00.000000+04:00",
        "ledger_index": 4711,
        "recorded_time": "2020-02-03T11:08:09.000010+04:00",
        "historic": True,
    }
