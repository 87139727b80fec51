"""Reading JSON from strangers: bounded, without duplicate keys, without floats."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from cadastre.kernel.errors import InvalidInput

MAX_BYTES = 16_000_000  # a parcel of 100,000 corners takes about 10 MB
MAX_DEPTH = 32
_MAX_SAFE_INTEGER = 2**53 - 1


def read_object(data: bytes, *, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """Parse one JSON object.

    Raises
    ------
    InvalidInput
        Too large, too deep, not UTF-8, a duplicate key, a float, an integer
        beyond 2^53, a lone surrogate, or anything else than an object.

    Examples
    --------
    >>> read_object(b'{"a": [1]}')
    {'a': [1]}
    >>> read_object(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: The JSON names a key twice: 'a'.
    """
    if len(data) > max_bytes:
        raise InvalidInput(f"The JSON is larger than {max_bytes} bytes.", code="json-too-large")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_float=_no_float,
            parse_constant=_no_float,
            parse_int=_bounded_int,
        )
    except UnicodeDecodeError:
        raise InvalidInput("The JSON is not UTF-8.", code="json-not-utf8") from None
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"The JSON cannot be parsed: {error.msg} at character {error.pos}.", code="json-malformed"
        ) from None
    if not isinstance(value, dict):
        raise InvalidInput("The JSON is not an object.", code="json-not-an-object")
    require_plain(value)
    return value


def require_plain(value: object) -> None:
    """Raise unless a value holds only what a statement may hold, not nested too deeply."""
    level: list[object] = [value]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.keys())
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            else:
                _require_scalar(item)
        if not below:
            return
        level = below
    raise _too_deep()


def _require_scalar(item: object) -> None:
    if isinstance(item, str):
        if not item.isascii() and any("\ud800" <= c <= "\udfff" for c in item):
            raise InvalidInput("The JSON holds a lone surrogate.", code="json-surrogate")
    elif isinstance(item, int):
        if abs(item) > _MAX_SAFE_INTEGER:
            raise _big_integer()
    elif item is not None:
        _no_float(type(item).__name__)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InvalidInput(f"The JSON names a key twice: {key[:60]!r}.", code="json-duplicate-key")
        found[key] = value
    return found


def _no_float(text: str) -> NoReturn:
    raise InvalidInput(f"The JSON holds a number that is not whole: {text[:40]}.", code="json-float")


def _bounded_int(text: str) -> int:
    if len(text) > 17:
        raise _big_integer()
    return int(text)


def _big_integer() -> InvalidInput:
    return InvalidInput("The JSON holds an integer beyond 2^53.", code="json-integer")


def _too_deep() -> InvalidInput:
    return InvalidInput(f"The JSON is nested deeper than {MAX_DEPTH} levels.", code="json-too-deep")
