"""Invented persons, firms, banks and bodies.

A person is a number: name and FİN follow from it alone, so that one FİN never
has two names, in whichever sample it turns up. Synthetic FİNs begin with
``ZZ`` and synthetic VÖENs with territory ``00``, so nobody takes them for those of
real people and firms; the rest keeps the rules (alphabet, check digit).
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.ids import compute_voen_check_digit
from ingest.sample.streets import Ints
from ingest.sample.words import FEMALE_NAMES, MALE_NAMES, STREET_WORDS, SURNAMES

FIN_PREFIX: Final = "ZZ"
VOEN_TERRITORY: Final = "00"
_FIN_LETTERS: Final = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", dtype=np.uint8)
PERSON_LIMIT: Final = len(_FIN_LETTERS) ** 5


def person_fins(person: Ints) -> pa.Array:
    """Give the synthetic FİN of each person.

    Examples
    --------
    >>> person_fins(np.array([0, 35])).to_pylist()
    ['ZZ00000', 'ZZ00011']
    """
    if len(person) and int(person.max()) >= PERSON_LIMIT:
        raise InvalidInput(f"A sample has room for {PERSON_LIMIT} persons; ask for fewer parcels.")
    letters = np.empty((len(person), 7), np.uint8)
    letters[:, :2] = np.frombuffer(FIN_PREFIX.encode(), np.uint8)
    rest = person.copy()
    for place in range(6, 1, -1):
        rest, digit = np.divmod(rest, len(_FIN_LETTERS))
        letters[:, place] = _FIN_LETTERS[digit]
    return _text(letters)


def person_names(person: Ints) -> pa.Array:
    """Give surname, given name and patronymic of each person.

    Examples
    --------
    >>> names = person_names(np.arange(50)).to_pylist()
    >>> all(name.endswith((" oğlu", " qızı")) and len(name.split()) == 4 for name in names)
    True
    """
    mixed = _mix(person)
    woman = (mixed & np.uint64(1)).astype(bool)
    surname = ((mixed >> np.uint64(8)) % np.uint64(len(SURNAMES))).astype(np.int64) * 2 + woman
    first_he = ((mixed >> np.uint64(20)) % np.uint64(len(MALE_NAMES))).astype(np.int64)
    first_she = ((mixed >> np.uint64(20)) % np.uint64(len(FEMALE_NAMES))).astype(np.int64)
    father = ((mixed >> np.uint64(36)) % np.uint64(len(MALE_NAMES))).astype(np.int64)
    surnames = pa.array([stem + end for stem, man, wife in SURNAMES for end in (man, wife)])
    firsts = pa.array([*MALE_NAMES, *FEMALE_NAMES])
    return pc.binary_join_element_wise(
        surnames.take(pa.array(surname)),
        firsts.take(pa.array(np.where(woman, first_she + len(MALE_NAMES), first_he))),
        pa.array(MALE_NAMES).take(pa.array(father)),
        pa.array(["oğlu", "qızı"]).take(pa.array(woman.astype(np.int64))),
        " ",
    )


def firm_voens(firm: Ints) -> pa.Array:
    """Give the synthetic VÖEN of each firm: territory 00, check digit kept, last digit 1.

    Examples
    --------
    >>> from cadastre.kernel.ids import check_voen
    >>> [check_voen(voen) for voen in firm_voens(np.array([0, 7, 123456])).to_pylist()]
    [(), (), ()]
    """
    serial = _usable_serials()[firm % len(_usable_serials())]
    digits = np.zeros((len(firm), 10), np.uint8)
    rest = serial.copy()
    for place in range(7, 1, -1):
        rest, digits[:, place] = np.divmod(rest, 10)
    digits[:, 8] = _check_digits(serial)
    digits[:, 9] = 1
    return _text(digits + ord("0"))


def firm_names(firm: Ints) -> pa.Array:
    """Give the name of each firm; it says that it is synthetic."""
    word = pa.array(STREET_WORDS).take(pa.array(firm % len(STREET_WORDS)))
    number = pa.array(firm // len(STREET_WORDS) + 1).cast(pa.string())
    n = len(firm)
    return pc.binary_join_element_wise(
        pa.repeat(pa.scalar("Sintetik"), n), word, number, pa.repeat(pa.scalar("MMC"), n), " "
    )


def _text(letters: NDArray[np.uint8]) -> pa.Array:
    """Turn rows of ASCII codes into strings."""
    n, width = letters.shape
    data = np.ascontiguousarray(letters)
    offsets = np.arange(n + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(data))


@cache
def _usable_serials() -> Ints:
    """Give the serials whose check digit exists: a remainder of 10 has none."""
    serial = np.arange(1, 1_000_000, dtype=np.int64)
    return serial[_check_digits(serial) < 10]


@cache
def _weights() -> Ints:
    """Read the weights of the check digit off the function that defines it."""
    places = [["1" if i == place else "0" for i in range(8)] for place in range(2, 8)]
    return np.array([compute_voen_check_digit("".join(digits)) for digits in places])


def _check_digits(serial: Ints) -> Ints:
    digits = serial[:, None] // 10 ** np.arange(5, -1, -1) % 10
    check: Ints = (digits * _weights()).sum(axis=1) % 11
    return check


def _mix(number: Ints) -> NDArray[np.uint64]:
    """Scatter numbers over 64 bits, always alike (splitmix64)."""
    z = number.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
