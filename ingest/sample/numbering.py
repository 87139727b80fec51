"""Street names, and entrance numbers: odd on the left, even on the right, from the street's start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.sample.streets import AVENUE, LANE, Bools, Floats, Ints, StreetPlan
from ingest.sample.words import (
    AVENUE_NAMES,
    FEMALE_NAMES,
    MALE_NAMES,
    QUALIFIED,
    QUALITIES,
    STREET_WORDS,
    SURNAMES,
)

KIND_TEXT: Final = {"prospekt": "prospekti", "kuce": "küçəsi", "donge": "döngəsi"}
_LETTERS: Final = np.array(["", *"ABCDEFGHKLMNPRST"])
_UNIT_ENDING: Final = ("", "ci", "ci", "cü", "cü", "ci", "cı", "ci", "ci", "cu")
_TENS_ENDING: Final = ("cü", "cu", "ci", "cu", "cı", "ci", "cı", "ci", "ci", "cı")


@dataclass(slots=True)
class StreetNames:
    """Names by street number; ``kind`` is prospekt, kuce or donge; ``full`` as written in an address."""

    name: dict[int, str]
    kind: dict[int, str]

    def full(self, street: int) -> str:
        """Write the name with its kind, as ``3-cü Nərgiz döngəsi``."""
        return f"{self.name[street]} {KIND_TEXT[self.kind[street]]}"


def ordinal(n: int) -> str:
    """Write a number as an Azerbaijani ordinal.

    Examples
    --------
    >>> [ordinal(n) for n in (1, 3, 6, 9, 10, 20, 40, 100, 110, 1000)]
    ['1-ci', '3-cü', '6-cı', '9-cu', '10-cu', '20-ci', '40-cı', '100-cü', '110-cu', '1000-ci']
    """
    if n % 10:
        return f"{n}-{_UNIT_ENDING[n % 10]}"
    if n % 100:
        return f"{n}-{_TENS_ENDING[n // 10 % 10]}"
    return f"{n}-{'cü' if n % 1000 else 'ci'}"


def name_streets(plan: StreetPlan, kept: Ints, rng: np.random.Generator) -> StreetNames:
    """Name the kept streets; most lanes are numbered along the street that they leave."""
    numbered = (plan.level == LANE) & (rng.random(plan.count) < 0.8)
    root = np.arange(plan.count)
    root[numbered] = plan.parent[numbered]
    while numbered[root].any():
        root = np.where(numbered[root], plan.parent[root], root)
    own = np.unique(root[kept])
    names = dict(zip(own.tolist(), _own_names(plan.level[own] == AVENUE, rng), strict=True))
    kinds = {s: "prospekt" if plan.level[s] == AVENUE else "kuce" for s in own.tolist()}
    lanes = kept[numbered[kept]]
    along = ((plan.start[lanes] - plan.start[root[lanes]]) ** 2).sum(axis=1)
    lanes = lanes[np.lexsort((along, root[lanes]))]
    count, previous = 0, -1
    for lane in lanes.tolist():
        parent = int(root[lane])
        count = count + 1 if parent == previous else 1
        previous = parent
        names[lane] = f"{ordinal(count)} {_one_word(names[parent])}"
        kinds[lane] = "donge"
    return StreetNames(*_without_namesakes(names, kinds, kept))


def _one_word(name: str) -> str:
    """Take the last word of a two-word name, so that lane, number and kind stay three words.

    Examples
    --------
    >>> _one_word("Nizami Gəncəvi"), _one_word("28 May"), _one_word("Lalə")
    ('Gəncəvi', 'May', 'Lalə')
    """
    return name.rsplit(" ", 1)[-1]


def _without_namesakes(
    names: dict[int, str], kinds: dict[int, str], kept: Ints
) -> tuple[dict[int, str], dict[int, str]]:
    """Count on where two streets' lanes would bear one name."""
    seen: dict[tuple[str, str], int] = {}
    out: dict[int, str] = {}
    for street in kept.tolist():
        name, kind = names[street], kinds[street]
        if kind == "donge":
            word = _one_word(name)
            seen[word, kind] = seen.get((word, kind), 0) + 1
            name = f"{ordinal(seen[word, kind])} {word}"
        out[street] = name
    return out, {s: kinds[s] for s in out}


def _own_names(avenue: Bools, rng: np.random.Generator) -> list[str]:
    """Give a different name of one or two words to each street."""
    people = [f"{first} {stem}{man}" for first in MALE_NAMES for stem, man, _ in SURNAMES[:48]]
    people += [f"{first} {stem}{woman}" for first in FEMALE_NAMES for stem, _, woman in SURNAMES[:48]]
    qualified = [f"{quality} {noun}" for quality in QUALITIES for noun in QUALIFIED]
    streets = list(rng.permutation(np.array(sorted(set(STREET_WORDS) - set(AVENUE_NAMES)))))
    more = list(rng.permutation(np.array(sorted(set(qualified + people)))))
    grand = list(AVENUE_NAMES)
    wanted = len(avenue)
    plain = streets + more
    count = 1
    while len(plain) + len(grand) < wanted * 2:
        count += 1
        plain += [f"{ordinal(count)} {word}" for word in streets]
    plain.reverse()
    grand.reverse()
    return [str(grand.pop()) if is_avenue and grand else str(plain.pop()) for is_avenue in avenue.tolist()]


def number_entrances(
    street: Ints, left: Bools, along: Floats, building: Ints, shares: Bools
) -> tuple[Ints, Ints]:
    """Number entrances along their streets.

    Further entrances of one building, and those that ``shares`` marks, take the number before
    them and a letter.

    Parameters
    ----------
    street, left, along
        (n,) street, whether on its left, and metres from its start.
    building
        (n,) which entrances belong together.

    Returns
    -------
    tuple
        (n,) the number and (n,) the place of its letter (0 none, 1 A, ...), in the order given.

    Examples
    --------
    >>> street, left = np.zeros(4, int), np.array([True, False, True, True])
    >>> along, building = np.array([9.0, 5, 3, 12]), np.array([0, 1, 2, 0])
    >>> number, letter = number_entrances(street, left, along, building, np.zeros(4, bool))
    >>> number.tolist(), letter.tolist()
    ([3, 2, 1, 3], [0, 0, 0, 1])
    >>> number_entrances(street[:0], left[:0], along[:0], building[:0], left[:0])[0].tolist()
    []
    """
    order = np.lexsort((building, along, ~left, street))
    s, lft, b = street[order], left[order], building[order]
    new_side = np.ones(len(order), bool)
    new_side[1:] = (s[1:] != s[:-1]) | (lft[1:] != lft[:-1])
    same = np.zeros(len(order), bool)
    same[1:] = b[1:] == b[:-1]
    fresh = new_side | ~(same | shares[order])
    running = np.cumsum(fresh)
    rank: Ints = running - np.maximum.accumulate(np.where(new_side, running, 0))
    position = np.arange(len(order))
    letter = position - np.maximum.accumulate(np.where(fresh, position, 0))
    number = np.empty(len(order), np.int64)
    place = np.empty(len(order), np.int64)
    number[order] = 2 * rank + np.where(lft, 1, 2)
    place[order] = np.minimum(letter, len(_LETTERS) - 1)
    return number, place


def number_text(number: Ints, letter: Ints) -> list[str]:
    """Write numbers with their letters.

    Examples
    --------
    >>> number_text(np.array([12, 12]), np.array([0, 1]))
    ['12', '12A']
    """
    letters = _LETTERS[letter].tolist()
    return [f"{n}{a}" for n, a in zip(number.tolist(), letters, strict=True)]
