"""Arithmetic of shares: exact, and a share that does not change keeps the form in which it was printed."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from cadastre.domain.share import Share


def of_value(value: Fraction) -> Share:
    """Write an exact value as a share in lowest terms.

    Raises
    ------
    InvalidInput
        It is not greater than 0 and at most 1, or its denominator is beyond any real title.
    """
    return Share(value.numerator, value.denominator)


def add(one: Share, other: Share) -> Share:
    """Add two shares; the sum is in lowest terms.

    Examples
    --------
    >>> str(add(Share(1, 4), Share(2, 8)))
    '1/2'
    >>> add(Share(2, 3), Share(1, 2))
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: The share 7/6 is not greater than 0 and at most 1.
    """
    return of_value(one.value + other.value)


def subtract(whole: Share, part: Share) -> Share | None:
    """Take a part away; None when nothing remains.

    Examples
    --------
    >>> str(subtract(Share(2, 4), Share(1, 4))), subtract(Share(2, 4), Share(1, 2))
    ('1/4', None)
    """
    rest = whole.value - part.value
    return None if rest == 0 else of_value(rest)


def restate(value: Fraction, printed: Iterable[Share]) -> Share:
    """Write a value as one of the printed shares when it equals one, else in lowest terms.

    Examples
    --------
    >>> str(restate(Fraction(1, 2), [Share(2, 4)])), str(restate(Fraction(1, 2), [Share(1, 4)]))
    ('2/4', '1/2')
    """
    return next((share for share in printed if share.value == value), None) or of_value(value)


def balance(taken: Iterable[Fraction], acquired: Iterable[Fraction]) -> Fraction:
    """Give what is taken and not acquired; less than 0 when more is acquired than is given up.

    Examples
    --------
    >>> balance([Fraction(1, 2)], [Fraction(1, 3), Fraction(1, 6)])
    Fraction(0, 1)
    """
    return sum(taken, Fraction(0)) - sum(acquired, Fraction(0))


__all__ = ["add", "balance", "of_value", "restate", "subtract"]
