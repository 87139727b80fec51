"""Reads public keys given on a command line or in a setting: as lines, or as files of lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from cadastre.kernel.errors import InvalidInput

T = TypeVar("T")
_MAX_BYTES = 100_000


def read_keys(given: Iterable[str], parse: Callable[[str], T]) -> list[T]:
    """Read keys, each given as a line or as a file of lines (empty ones and ``#`` comments are passed over).

    Raises
    ------
    InvalidInput
        One is no key and no readable file, or there is none at all.
    """
    keys = [parse(line) for word in given for line in _lines_of(word)]
    if not keys:
        raise InvalidInput("No key is given.", code="no-key")
    return keys


def _lines_of(word: str) -> list[str]:
    path = Path(word)
    try:
        if "+" in word and not path.is_file():
            return [word]
        text = path.read_text(encoding="utf-8") if path.stat().st_size <= _MAX_BYTES else ""
    except (OSError, UnicodeDecodeError, ValueError):
        raise InvalidInput(f"{word[:200]} is no key and no file of keys.", code="no-key") from None
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


__all__ = ["read_keys"]
