"""Reads the tables of examples that Python and SQL are both held to."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "golden" / "text"


def read(name: str) -> dict[str, Any]:
    """Read one table."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


CASES: list[dict[str, str]] = read("casing")["cases"]
SPELLINGS: list[tuple[str, str]] = [
    (spelling, entry["key"]) for entry in read("folding")["keys"] for spelling in entry["spellings"]
]
WORDS: list[str] = read("order")["words"]
