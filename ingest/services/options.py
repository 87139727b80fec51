"""What a caller asks for when he loads a file: which file, into which district, how it is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DistrictOptions:
    """A file of district boundaries, attached by code or by name."""

    path: Path
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    actor: str = "operator"
    spill: Path | None = None


@dataclass(frozen=True, slots=True)
class ShapeFileOptions:
    """A file of shapes and how it is read."""

    path: Path
    district: str
    layer: str | None = None
    crs: str | None = None
    operation: str | None = None
    mapping: tuple[str, ...] = ()
    encoding: str | None = None
    actor: str = "operator"
    spill: Path | None = None


@dataclass(frozen=True, slots=True)
class LoadOptions(ShapeFileOptions):
    """A file of parcels, and how many processes check it."""

    workers: int = 2


@dataclass(frozen=True, slots=True)
class VectorOptions(ShapeFileOptions):
    """Streets, entrances or buildings; ``without_line`` enters streets that are no line by name only."""

    without_line: bool = False


@dataclass(frozen=True, slots=True)
class TableOptions:
    """A table of rights or units (CSV, XLSX, Parquet); ``sheet`` names one of a workbook."""

    path: Path
    sheet: str | None = None
    actor: str = "operator"
    spill: Path | None = None


@dataclass(frozen=True, slots=True)
class ZoneOptions:
    """A file of cadastral zones; without ``district`` every row names its own."""

    path: Path
    district: str | None = None
    layer: str | None = None
    crs: str | None = None
    operation: str | None = None
    mapping: tuple[str, ...] = ()
    encoding: str | None = None
    actor: str = "operator"
    spill: Path | None = None


class Progress(Protocol):
    """Shows how far a load is."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Take note of ``done`` rows out of ``total`` in a stage (read, check)."""
        ...


__all__ = [
    "DistrictOptions",
    "LoadOptions",
    "Progress",
    "ShapeFileOptions",
    "TableOptions",
    "VectorOptions",
    "ZoneOptions",
]
