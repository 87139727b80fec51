"""The products of the register: what each of them is about, and what only some of them say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cadastre.extract.record import PartyRecord, RestrictionRecord, RightRecord


class StatementKind(StrEnum):
    """The product asked for."""

    EXTRACT = "extract"  # çıxarış (kupça)
    CERTIFICATE = "certificate"  # arayış: təsvir, hüquqlar, yüklülük
    PLAN = "plan"  # torpaq sahəsinin planı və ölçüsü
    REFERENCE_DESCRIPTION = "reference-description"  # arayış: təsvir
    REFERENCE_RIGHTS = "reference-rights"  # arayış: hüquqlar
    REFERENCE_ENCUMBRANCES = "reference-encumbrances"  # arayış: məhdudiyyətlər (yüklülük)
    ARCHIVE = "archive"  # xitam verilmiş hüquqlar barədə arxiv çıxarışı
    EXISTENCE = "existence"  # əmlakın olub-olmaması barədə arayış
    NOT_IN_REGISTER = "not-in-register"  # reyestrdə yoxdur


class Part(StrEnum):
    """A part of a statement; one that a product is not about is null, not empty."""

    PARCELS = "parcels"
    RIGHTS = "rights"
    RESTRICTIONS = "restrictions"
    SERVITUDES = "servitudes"
    TERMINATED = "terminated"


_WHOLE: Final = frozenset({Part.PARCELS, Part.RIGHTS, Part.RESTRICTIONS, Part.SERVITUDES})
PARTS: Final[Mapping[StatementKind, frozenset[Part]]] = MappingProxyType(
    {
        StatementKind.EXTRACT: _WHOLE,
        StatementKind.CERTIFICATE: _WHOLE,
        StatementKind.PLAN: _WHOLE,
        StatementKind.REFERENCE_DESCRIPTION: frozenset({Part.PARCELS}),
        StatementKind.REFERENCE_RIGHTS: frozenset({Part.RIGHTS, Part.SERVITUDES}),
        StatementKind.REFERENCE_ENCUMBRANCES: frozenset({Part.RESTRICTIONS}),
        StatementKind.ARCHIVE: frozenset({Part.TERMINATED}),
        StatementKind.EXISTENCE: frozenset(),
        StatementKind.NOT_IN_REGISTER: _WHOLE,
    }
)
"""What each product is about, besides the section that it names."""


@dataclass(frozen=True, slots=True)
class TerminatedRecord:
    """An entry that has ended: a right, or a restriction."""

    ended_on: date
    right: RightRecord | None = None
    restriction: RestrictionRecord | None = None


@dataclass(frozen=True, slots=True)
class HoldingRecord:
    """A section in which somebody stands, and as what."""

    register_number: str
    object_kind: str
    kinds: tuple[str, ...]  # codelists right_kind and restriction_kind


@dataclass(frozen=True, slots=True)
class ExistenceRecord:
    """Whether the person of a number stands in the register; which sections, only for those entitled."""

    person: PartyRecord  # by number alone: its name is nobody's business here
    exists: bool
    holdings: tuple[HoldingRecord, ...] | None = None


__all__ = ["PARTS", "ExistenceRecord", "HoldingRecord", "Part", "StatementKind", "TerminatedRecord"]
