"""How alike two mentions of a party are, across alphabets and spellings; it orders, it never decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from cadastre.domain.party import PartyKind
from cadastre.kernel.text import fold

LEAST_SCORE: Final = 0.5

_SAME, _OTHER_SPELLING, _INITIAL = 1.0, 0.9, 0.5
_KINSHIP: Final = frozenset({"oglu", "oqlu", "oqli", "ogli", "qizi", "kizi", "gizi"})
_VELARS: Final = str.maketrans("gqkx", "hhhh")
_VOWELS: Final = re.compile("[aeiouy]+")
_DOUBLED: Final = re.compile(r"(.)\1+")
_FEMININE: Final = re.compile("[oe]va$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A party as it is printed somewhere."""

    kind: PartyKind
    name: str
    born_on: date | None = None


@dataclass(frozen=True, slots=True)
class MatchScore:
    """Likeness from 0 to 1, and the codes of what speaks for it and against it."""

    score: float
    reasons: tuple[str, ...]


def score(one: Mention, other: Mention) -> MatchScore:
    """Compare two mentions: word for word, whatever their order, whichever alphabet.

    The longest word of the shorter name (as a rule the surname) must be found in the other one; what
    only one of them says (a father's name) does not count against it.

    Examples
    --------
    >>> legacy = Mention(PartyKind.NATURAL, "Мамедов Али")
    >>> score(legacy, Mention(PartyKind.NATURAL, "Məmmədov Əli Həsən oğlu"))
    MatchScore(score=0.9, reasons=('other-spelling', 'words-missing'))
    >>> score(legacy, Mention(PartyKind.NATURAL, "Məmmədova Leyla"))
    MatchScore(score=0.0, reasons=('words-differ',))
    >>> score(legacy, Mention(PartyKind.LEGAL, "Мамедов Али"))
    MatchScore(score=0.0, reasons=('kind-differs',))
    """
    if one.kind is not other.kind:
        return MatchScore(0.0, ("kind-differs",))
    if one.born_on is not None and other.born_on is not None and one.born_on != other.born_on:
        return MatchScore(0.0, ("birth-day-differs",))
    shorter, longer = sorted((_words(one.name), _words(other.name)), key=len)
    likeness, free = [], list(longer)
    for word in sorted(shorter, key=len, reverse=True):
        best = max(free, key=lambda candidate: _likeness(word, candidate), default="")
        likeness.append(_likeness(word, best))
        if best in free:
            free.remove(best)
    if not likeness or likeness[0] < _OTHER_SPELLING or 0.0 in likeness:
        return MatchScore(0.0, ("words-differ",))
    return _weigh(one, other, likeness, words_missing=bool(free))


def _weigh(one: Mention, other: Mention, likeness: list[float], *, words_missing: bool) -> MatchScore:
    found = sum(likeness) / len(likeness)
    reasons = []
    for value, code in ((_OTHER_SPELLING, "other-spelling"), (_INITIAL, "initial-only")):
        if value in likeness:
            reasons.append(code)
    if not reasons:
        reasons.append("same-spelling")
    if words_missing:
        reasons.append("words-missing")
    if _is_feminine(one.name) != _is_feminine(other.name):
        found, reasons = found / 2, [*reasons, "gender-differs"]
    if one.born_on is not None and one.born_on == other.born_on:
        reasons.append("birth-day-same")
    return MatchScore(round(found, 3), tuple(reasons))


def _words(name: str) -> list[str]:
    return [word for word in fold(name).split() if word not in _KINSHIP]


def _is_feminine(name: str) -> bool:
    return any(_FEMININE.search(word) for word in _words(name))


def _likeness(one: str, other: str) -> float:
    """Compare two words of folded names."""
    if not one or not other:
        return 0.0
    if one == other:
        return _SAME
    if len(one) == 1 or len(other) == 1:
        return _INITIAL if _first_sound(one) == _first_sound(other) else 0.0
    alike = compute_skeleton(one) == compute_skeleton(other) and abs(len(one) - len(other)) <= 2
    return _OTHER_SPELLING if alike else 0.0


def _first_sound(word: str) -> str:
    return _VOWELS.sub("a", word[0].translate(_VELARS))


def compute_skeleton(word: str) -> str:
    """Give what Russian and Azerbaijani spellings of a folded word share: its consonants, г = h = q = k = x.

    A word of vowels is its own first letter.

    Examples
    --------
    >>> compute_skeleton("memmedov"), compute_skeleton("mamedov"), compute_skeleton("quseynov")
    ('mmdv', 'mmdv', 'hsnv')
    >>> compute_skeleton("aya"), compute_skeleton("")
    ('a', '')
    """
    bare = _VOWELS.sub(" ", _DOUBLED.sub(r"\1", word.translate(_VELARS)))
    return "".join(bare.split()) or word[:1]


__all__ = ["LEAST_SCORE", "MatchScore", "Mention", "compute_skeleton", "score"]
