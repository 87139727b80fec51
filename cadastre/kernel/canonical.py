"""RFC 8785 canonical JSON at the speed of the standard library, where that writes the same bytes.

Texts, whole numbers, truth values, null, lists and objects with ASCII names are
written by the C encoder of ``json``: it escapes as RFC 8785 says, and sorts
ASCII names as UTF-16 does. Whatever else there is goes to ``rfc8785``, which
writes or refuses it; a test holds the two equal.
"""

from __future__ import annotations

import json
from typing import Any, Final

import rfc8785

_MOST: Final = 2**53 - 1
_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, check_circular=False, separators=(",", ":")
)


def canonical_json(value: Any) -> bytes:
    """Write a value as canonical JSON.

    Raises
    ------
    rfc8785.CanonicalizationError
        It cannot be written so.

    Examples
    --------
    >>> canonical_json({"b": [1, None], "a": "ə"}).decode()
    '{"a":"ə","b":[1,null]}'
    """
    if _is_plain(value):
        try:
            return _ENCODER.encode(value).encode()
        except UnicodeEncodeError:  # half a surrogate pair
            pass
    return rfc8785.dumps(value)


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        for name, member in value.items():
            if type(name) is not str or not name.isascii() or not (type(member) is str or _is_plain(member)):
                return False
        return True
    if kind is list:
        return all(map(_is_plain, value))
    return kind is int and -_MOST <= value <= _MOST


__all__ = ["canonical_json"]
