"""Names the codes of a codelist in the published description, when that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cadastre.domain.codelist import load_codelist


def codes_of(codelist: str) -> Callable[[dict[str, Any]], None]:
    """Make the hook that writes every code of a list into a field's JSON schema.

    The list is dated, so a code is judged by the service on the day it is used.
    """

    def describe(schema: dict[str, Any]) -> None:
        schema["enum"] = list(dict.fromkeys(entry.code for entry in load_codelist(codelist)))

    return describe


__all__ = ["codes_of"]
