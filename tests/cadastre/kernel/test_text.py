"""Azerbaijani text: golden examples, and properties that hold for any text."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cadastre.kernel import text
from cadastre.kernel.errors import InvalidInput
from tests.cadastre.kernel.golden import CASES, SPELLINGS, WORDS

AZ_CAPITALS = "ABCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVYZ"
AZ_TEXT = st.text(alphabet=text.ALPHABET + AZ_CAPITALS + " -'.0123456789", max_size=40)
ANY_TEXT = st.text(max_size=40) | AZ_TEXT
CYRILLIC_TEXT = st.text(alphabet="абвгғдеәжзиыјкҝлмноөпрстуүфхһчҹшАӘҜҸШИЫ ", max_size=40)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["text"])
def test_case(case: dict[str, str]) -> None:
    assert text.az_lower(case["text"]) == case["lower"]
    assert text.az_upper(case["text"]) == case["upper"]


@pytest.mark.parametrize(("spelling", "key"), SPELLINGS)
def test_fold(spelling: str, key: str) -> None:
    assert text.fold(spelling) == key


def test_order() -> None:
    shuffled = WORDS.copy()
    random.Random(7).shuffle(shuffled)
    assert sorted(shuffled, key=text.sort_key) == WORDS


def test_alphabet_is_whole_and_pairs_with_its_capitals() -> None:
    assert len(set(text.ALPHABET)) == 32
    assert text.az_upper(text.ALPHABET) == AZ_CAPITALS
    assert text.az_lower(AZ_CAPITALS) == text.ALPHABET


@given(AZ_TEXT)
def test_case_of_azerbaijani_comes_back(value: str) -> None:
    lowered = text.az_lower(value)
    assert text.az_lower(text.az_upper(lowered)) == lowered
    assert text.fold(text.az_upper(value)) == text.fold(lowered) == text.fold(value)
    assert text.az_title(value) == text.az_title(text.az_upper(value))


@given(ANY_TEXT)
@example("и\u0308")
@example("d\u200bj")
@example("ᵸ")
@example("Ӥ")
def test_folding_a_key_changes_nothing(value: str) -> None:
    key = text.fold(value)
    assert text.fold(key) == key
    assert key == key.strip()
    assert "  " not in key


@given(ANY_TEXT)
def test_composed_and_decomposed_are_one(value: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, value) for form in ("NFC", "NFD"))
    assert text.fold(composed) == text.fold(decomposed)
    assert text.az_lower(composed) == text.az_lower(decomposed)
    assert text.az_upper(composed) == text.az_upper(decomposed)
    assert text.to_english(composed) == text.to_english(decomposed)


@given(AZ_TEXT)
def test_a_key_of_azerbaijani_is_ascii(value: str) -> None:
    assert text.fold(value).isascii()


@given(AZ_TEXT)
def test_the_cyrillic_of_1958_and_back(value: str) -> None:
    written = text.to_cyrillic(value)
    assert text.from_cyrillic(written) == value
    assert not set(written) & set(text.ALPHABET + AZ_CAPITALS)
    # дж is one letter of Russian and would be two of Azerbaijani; both are one in the key
    assert text.fold(written) == text.fold(value)


@given(CYRILLIC_TEXT)
def test_cyrillic_to_latin_and_back(value: str) -> None:
    assert text.to_cyrillic(text.from_cyrillic(value)) == value


@given(ANY_TEXT)
def test_clean_text_gives_a_clean_text_or_says_why_not(value: str) -> None:
    try:
        cleaned = text.clean_text(value)
    except InvalidInput as error:
        refusal = error
    else:
        assert text.clean_text(cleaned) == cleaned
        assert cleaned == unicodedata.normalize("NFC", cleaned)
        assert not {"text-control-character", "text-invisible-characters"} & set(text.check_text(cleaned))
        return
    assert refusal.code == "text-control-character"
    assert any(text.is_refused(c) for c in value)


@pytest.mark.parametrize(
    "bad", ["a\x00b", "a\nb", "a\tb", "\x1b[31m", "a\u202eb", "a\u2066b", "\ue000", "\u2028"]
)
def test_control_characters_are_refused(bad: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        text.clean_text(bad, field="name")
    assert caught.value.code == "text-control-character"
    assert caught.value.facts == {"field": "name"}


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(InvalidInput):
        text.clean_text("a" + chr(0xD800))


def test_lines_where_they_belong() -> None:
    assert text.clean_text("bir\r\niki\tüç", multiline=True) == "bir\niki\tüç"
    with pytest.raises(InvalidInput):
        text.clean_text("bir\riki", multiline=True)


def test_length_counts_composed_characters() -> None:
    assert text.clean_text("o\u0308" * 10, max_length=10) == "ö" * 10
    with pytest.raises(InvalidInput, match="at most 10"):
        text.clean_text("ö" * 11, max_length=10)


@pytest.mark.parametrize(
    ("az", "en"),
    [
        ("Şəki", "Shaki"),
        ("Naxçıvan", "Nakhchivan"),
        ("XAÇMAZ", "KHACHMAZ"),
        ("Qəbələ", "Gabala"),
        ("İSMAYILLI", "ISMAYILLI"),
        ("Cəlilabad ş.", "Jalilabad sh."),
        ("Ç", "Ch"),
        ("Ağ Ş-1", "Agh Sh-1"),
        ("", ""),
    ],
)
def test_official_english(az: str, en: str) -> None:
    assert text.to_english(az) == en


@given(AZ_TEXT)
def test_official_english_is_ascii(value: str) -> None:
    assert text.to_english(value).isascii()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("идентикляшдирмяйя", "identikləşdirməyə"),
        ("тящсил", "təhsil"),
        ("мцяллим", "müəllim"),
        ("доьру", "doğru"),
        ("ъямиййят", "cəmiyyət"),
        ("Азярбайъан", "Azərbaycan"),
    ],
)
def test_an_old_font_is_noticed_and_read(typed: str, shown: str) -> None:
    assert text.is_legacy_font(typed)
    assert text.read_legacy_font(typed) == shown
    assert "text-legacy-font" in text.check_text(typed)


@pytest.mark.parametrize(
    "honest",
    [
        "Объявление: съезд в пятницу, вход со двора, улица Шёлковая, подъезд 3, помощь, мощный вьюн",
        "Последняя площадь, экземпляр договора купли-продажи земельного участка, яйцо, секвойя, поэзия",
        "Азәрбајҹан Республикасынын Әмлак Мәсәләләри, Ағҹабәди шәһәри, Ҝөјчај",
        "Хызинский район, Сумгайыт, Гёйгёль",
        "Bakı şəhəri, Nərimanov rayonu",
        "12А",
    ],
)
def test_honest_text_is_not_taken_for_an_old_font(honest: str) -> None:
    assert not text.is_legacy_font(honest)
    assert text.check_text(honest) == ()


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("Bаkı", ("text-mixed-alphabets",)),
        ("Bakı\u200b", ("text-invisible-characters",)),
        ("Bakı\nşəhəri", ("text-line-break",)),
        ("a\u202eb", ("text-control-character",)),
        ("s\u0327", ("text-not-composed",)),
        ("iki  boşluq", ("text-double-blank",)),
    ],
)
def test_doubts_are_named(value: str, codes: tuple[str, ...]) -> None:
    assert text.check_text(value) == codes


@pytest.mark.parametrize(
    ("value", "titled"),
    [
        ("ƏLİ MƏMMƏDOV", "Əli Məmmədov"),
        ("ismayıl ıŞıq", "İsmayıl Işıq"),
        ("m.ə.", "M.Ə."),
        ("mə'lum", "Mə'lum"),
    ],
)
def test_title(value: str, titled: str) -> None:
    assert text.az_title(value) == titled


@given(st.lists(ANY_TEXT, max_size=8))
def test_order_does_not_depend_on_where_one_began(values: list[str]) -> None:
    composed = [text.nfc(value) for value in values]
    backwards = composed[::-1]
    assert sorted(composed, key=text.sort_key) == sorted(backwards, key=text.sort_key)
