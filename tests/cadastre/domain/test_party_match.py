"""Names across alphabets: who resembles whom, and who never does."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadastre.domain.party import PartyKind
from cadastre.domain.party_match import LEAST_SCORE, Mention, compute_skeleton, score


def person(name: str, born_on: date | None = None) -> Mention:
    return Mention(PartyKind.NATURAL, name, born_on)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Мамедов Али", "Məmmədov Əli Həsən oğlu"),
        ("Мәммәдов Әли", "MƏMMƏDOV ƏLİ"),
        ("Гусейнова Лейла Джафар кызы", "Hüseynova Leyla Cəfər qızı"),
        ("Кулиев Рауф", "Quliyev Rauf Adil oğlu"),
        ("Алиев Ильхам", "İlham Əliyev"),
        ("Aliyev I.", "Əliyev İlham"),
        ("Ахмедов Гасан", "Əhmədov Həsən"),
        ("Mamedov Ali", "Məmmədov Əli"),
    ],
)
def test_spellings_of_one_name_resemble(one: str, other: str) -> None:
    there, back = score(person(one), person(other)), score(person(other), person(one))
    assert there.score >= LEAST_SCORE, there
    assert there == back


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Мамедов Али", "Məmmədov Vüqar"),
        ("Мамедов Али", "Əliyev Əli"),
        ("Həsənov Rauf", "Hüseynli Rauf"),
        ("", "Əliyev Əli"),
        ("12 / -", "Əliyev Əli"),
        ("oğlu", "Həsən oğlu"),
    ],
)
def test_names_of_others_do_not(one: str, other: str) -> None:
    assert score(person(one), person(other)).score < LEAST_SCORE


def test_what_is_printed_decides_the_order() -> None:
    asked = person("Məmmədov Əli")
    names = ["Məmmədov Əli", "Мамедов Али", "Məmmədov Ə.", "Məmmədova Əli"]
    scores = [score(asked, person(name)).score for name in names]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_days_of_birth_count() -> None:
    born = date(1960, 3, 1)
    assert "birth-day-same" in score(person("Əli", born), person("Али", born)).reasons
    assert score(person("Əli", born), person("Əli", date(1961, 3, 1))).score == 0.0
    assert score(person("Əli", born), person("Əli")).score == 1.0


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_two_texts_are_compared_alike_both_ways(one: str, other: str) -> None:
    there, back = score(person(one), person(other)), score(person(other), person(one))
    assert 0.0 <= there.score <= 1.0
    assert (there.score >= LEAST_SCORE) == (back.score >= LEAST_SCORE)


@given(st.text(alphabet="abcdefghijklmnopqrstuvxyz", max_size=30))
def test_a_skeleton_is_its_own(word: str) -> None:
    once = compute_skeleton(word)
    assert len(once) <= max(len(word), 1)
