"""Identifiers: canonical spellings, refusals that say what to do, warnings for the unproven."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadastre.kernel import ids
from cadastre.kernel.clock import FixedClock
from cadastre.kernel.errors import InvalidInput

PARSERS = (
    ids.parse_cadastral_number,
    ids.parse_register_number,
    ids.parse_registration_number,
    ids.parse_fin,
    ids.parse_voen,
    ids.parse_paper_series,
)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("a1", "A1"),
        ("0", "0"),
        ("A" * 40, "A" * 40),
        ("1 2/3.4_5-6", "1 2/3.4_5-6"),
        ("525-01->19*", "525-01->19*"),
        ("\t7\n", "7"),
    ],
)
def test_cadastral_number_is_canonical(given_text: str, expected: str) -> None:
    assert ids.parse_cadastral_number(given_text) == expected


@pytest.mark.parametrize("bad", ["", "  ", "-1", "A" * 41, "12\n34", "Ə1", "А1", "1\u200b2", "1;DROP"])
def test_cadastral_number_refused(bad: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ids.parse_cadastral_number(bad)
    assert caught.value.code == "cadastral-number-malformed"


def test_a_cyrillic_lookalike_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"CYRILLIC CAPITAL LETTER A.* at character 2"):
        ids.parse_cadastral_number("1А2")


@pytest.mark.parametrize("shape", ["203015000123", "203015000123-00001"])
def test_register_shape_is_a_finding_for_a_parcel(shape: str) -> None:
    assert ids.parse_cadastral_number(shape) == shape
    assert ids.check_cadastral_number(shape) == ("cadastral-number-shaped-like-register-number",)


@pytest.mark.parametrize(
    "bad", ["20301500012", "2030150001234", "203015000123-1", "20301500012٣", "203015000123-00001-"]
)
def test_register_number_refused(bad: str) -> None:
    with pytest.raises(InvalidInput, match="12 digits"):
        ids.parse_register_number(bad)


def test_lost_leading_zero_is_hinted() -> None:
    with pytest.raises(InvalidInput, match="dropped a leading zero"):
        ids.parse_registration_number("126000417")
    with pytest.raises(InvalidInput, match="dropped a leading zero"):
        ids.parse_voen("140155507")


@pytest.mark.parametrize("issued", ["9900003611", "1401555071"])
def test_issued_voen_accepted(issued: str) -> None:
    assert ids.parse_voen(issued) == issued
    assert ids.check_voen(issued) == ()


def test_voen_prefix_whose_check_is_ten_was_never_issued() -> None:
    prefix = next(f"{n:08d}" for n in range(1000) if ids.compute_voen_check_digit(f"{n:08d}") == 10)
    for digit in range(10):
        assert ids.check_voen(f"{prefix}{digit}1") == ("voen-check-digit",)


@given(st.from_regex(r"\A[0-9]{8}\Z"), st.integers(0, 7), st.integers(1, 9))
def test_voen_catches_every_single_wrong_digit(prefix: str, place: int, shift: int) -> None:
    check = ids.compute_voen_check_digit(prefix)
    wrong = prefix[:place] + str((int(prefix[place]) + shift) % 10) + prefix[place + 1 :]
    assert check == 10 or ids.check_voen(f"{wrong}{check}1") == ("voen-check-digit",)


def test_fin_letters_that_no_fin_has() -> None:
    assert ids.check_fin("1I34567") == ("fin-letter-i",)
    assert ids.read_fin("OO34567").value == "0034567"
    assert ids.read_fin("0034567").warnings == ()
    with pytest.raises(InvalidInput) as caught:
        ids.parse_fin("123456")
    assert caught.value.code == "fin-malformed"


def test_a_fin_is_never_repeated_in_a_message() -> None:
    with pytest.raises(InvalidInput) as caught:
        ids.parse_fin("5ZK1M0AXX")
    assert "5ZK1M0AXX" not in str(caught.value)


@pytest.mark.parametrize("spelling", ["RX0123456", "RX 0123456", "rx-0123456", "RX № 0123456", "RX№0123456"])
def test_paper_series_spellings(spelling: str) -> None:
    assert ids.parse_paper_series(spelling) == "RX0123456"


def test_paper_series_refused() -> None:
    assert ids.check_paper_series("RX123") == ("paper-series-malformed",)


@given(st.text(max_size=60))
def test_no_text_makes_a_parser_fail_otherwise(text: str) -> None:
    for parse in PARSERS:
        try:
            value = parse(text)
        except InvalidInput as error:
            refusal = error
        else:
            assert parse(value) == value
            assert parse(unicodedata.normalize("NFD", text)) == value
            continue
        assert refusal.code
        assert str(refusal).endswith(".")


def test_time_ordered_ids_are_version_7_unique_and_increasing() -> None:
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    source = ids.TimeOrderedIds(clock, entropy=lambda bits: 0)
    made = [source.new_id() for _ in range(5000)]
    clock.advance(seconds=-10)
    made.append(source.new_id())
    assert made == sorted(set(made))
    assert {(i.version, i.variant) for i in made} == {(7, "specified in RFC 4122")}


def test_time_ordered_id_carries_its_moment() -> None:
    moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
    made = ids.TimeOrderedIds(FixedClock(moment)).new_id()
    assert made.int >> 80 == int(moment.timestamp() * 1000)
