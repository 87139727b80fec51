"""The SQL twins of the text module: same table of examples, same answers over all of the basic plane."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import Connection, text

from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.text import az_lower, az_upper, clean_text, fold
from tests.cadastre.kernel.golden import CASES, SPELLINGS, WORDS

SURROGATES = range(0xD800, 0xE000)
BASIC_PLANE = [chr(code) for code in range(1, 0x10000) if code not in SURROGATES]
SCRIPTS = (
    "abcçdeəfgğhxıijkqlmnoöprsştuüvyzABCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVYZ 0123456789-/.'’\u200b"
    "абвгғдеәжзиыјкҝлмноөпрстуүфхһчҹшйцщъьэюяАБЙЦЩЪЬЭЮЯӘҸ\u0306\u0308\u0301ё№"
)


@pytest.fixture
def reader(connection: Connection) -> Connection:
    """Connection in the role of public answers, which must be able to fold what somebody searches for."""
    connection.execute(text("SET LOCAL ROLE cadastre_read"))
    return connection


def answers(connection: Connection, function: str, values: list[str]) -> list[object]:
    rows = connection.execute(
        text(
            f"SELECT cadastre.{function}(value) FROM unnest(CAST(:values AS text[])) "
            "WITH ORDINALITY AS given (value, place) ORDER BY place"
        ),
        {"values": values},
    )
    return [row[0] for row in rows]


def mixtures(count: int) -> list[str]:
    chance = random.Random(1958)
    return ["".join(chance.choices(SCRIPTS, k=chance.randint(0, 14))) for _ in range(count)]


def differing(values: list[str], expected: list[str], found: list[object]) -> list[tuple[str, str, object]]:
    rows = zip(values, expected, found, strict=True)
    return [(value, wanted, got) for value, wanted, got in rows if wanted != got]


def test_golden_case(reader: Connection) -> None:
    values = [case["text"] for case in CASES]
    assert answers(reader, "az_lower", values) == [case["lower"] for case in CASES]
    assert answers(reader, "az_upper", values) == [case["upper"] for case in CASES]


def test_golden_keys(reader: Connection) -> None:
    values = [spelling for spelling, _ in SPELLINGS]
    assert answers(reader, "fold_text", values) == [key for _, key in SPELLINGS]


def test_golden_order(reader: Connection) -> None:
    shuffled = WORDS.copy()
    random.Random(7).shuffle(shuffled)
    rows = reader.execute(
        text('SELECT w FROM unnest(CAST(:words AS text[])) AS given (w) ORDER BY w COLLATE "az-x-icu"'),
        {"words": shuffled},
    )
    assert [row[0] for row in rows] == WORDS


def test_every_character_folds_alike(reader: Connection) -> None:
    for values in (BASIC_PLANE, [f"a{c}я" for c in BASIC_PLANE]):
        found = answers(reader, "fold_text", values)
        assert differing(values, [fold(v) for v in values], found) == []


def test_mixtures_of_alphabets_fold_alike(reader: Connection) -> None:
    values = mixtures(5000)
    assert differing(values, [fold(v) for v in values], answers(reader, "fold_text", values)) == []


def test_mixtures_of_alphabets_change_case_alike(reader: Connection) -> None:
    values = mixtures(3000)
    lowered, raised = answers(reader, "az_lower", values), answers(reader, "az_upper", values)
    assert differing(values, [az_lower(v) for v in values], lowered) == []
    assert differing(values, [az_upper(v) for v in values], raised) == []


def test_clean_text_is_clean_to_the_database(reader: Connection) -> None:
    cleaned = []
    for character in BASIC_PLANE:
        try:
            cleaned.append(clean_text(f"a{character}b"))
        except InvalidInput:
            continue
    assert all(answers(reader, "is_clean_text", cleaned))


@pytest.mark.parametrize("dirty", [" a", "a ", "a\u00a0", "a\nb", "a\u202eb", "a\u200bb", "s\u0327", "a\x7f"])
def test_dirty_text_is_not(reader: Connection, dirty: str) -> None:
    assert answers(reader, "is_clean_text", [dirty]) == [False]


def test_the_functions_may_stand_in_an_index(reader: Connection) -> None:
    rows = reader.execute(
        text(
            "SELECT proname, provolatile, proparallel, proisstrict FROM pg_proc "
            "WHERE pronamespace = 'cadastre'::regnamespace "
            "AND proname IN ('az_lower', 'az_upper', 'fold_text', 'is_clean_text', 'unmix_bare_words')"
        )
    ).all()
    assert len(rows) == 5
    assert {tuple(row[1:]) for row in rows} == {("i", "s", True)}
