"""Codes and their names in three languages, through a small port that the codelists fill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from cadastre.extract.record import Text3
from cadastre.extract.text import nfc
from cadastre.kernel.errors import InvalidInput

T = TypeVar("T")


class Labels(Protocol):
    """Where codes get their names.

    Codelists asked for: ``object_kind``, ``ownership_form``, ``land_category``,
    ``party_kind``, ``right_kind``, ``restriction_kind``, ``basis_kind``, ``capacity``.
    """

    def label(self, codelist: str, code: str) -> Text3:
        """Name of a code, raising when the codelist does not hold it."""
        ...


@dataclass(frozen=True, slots=True)
class LabelTable:
    """Labels from a plain mapping of (codelist, code) to text."""

    table: Mapping[tuple[str, str], Text3]

    def label(self, codelist: str, code: str) -> Text3:
        """Name of a code."""
        try:
            return self.table[codelist, code]
        except KeyError:
            raise InvalidInput(
                f"Codelist {codelist} has no code {code!r}.", code="unknown-code", codelist=codelist
            ) from None


@dataclass(frozen=True, slots=True)
class Coder:
    """Writes a code with its labels into a statement."""

    labels: Labels

    def __call__(self, codelist: str, code: str) -> dict[str, Any]:
        """Give ``{"code": ..., "label": {"az", "en", "ru"}}``."""
        return {"code": code, "label": text3(self.labels.label(codelist, code))}


def text3(text: Text3) -> dict[str, str]:
    """Write a text in three languages; a missing one repeats the Azerbaijani."""
    az = nfc(text.az)
    return {"az": az, "en": nfc(text.en) if text.en else az, "ru": nfc(text.ru) if text.ru else az}


def optional(value: T | None, write: Callable[[T], Any]) -> Any:
    """Write a value, or keep the ``None`` that stands for an empty field."""
    return None if value is None else write(value)
