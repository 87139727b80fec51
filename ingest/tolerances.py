"""The dated limits that a load checks against, read once so that text and threshold cannot differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cadastre.domain.codelist import load_codelist


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Limits in force on the day of the load (``codelists/tolerances.toml``)."""

    overlap_width_m: float
    vertex_spacing_m: float
    coordinate_grid_m: float
    area_min_m2: float
    area_documentary_relative: float
    area_documentary_floor_m2: float
    linearise_sagitta_m: float
    ring_vertices_max: int
    seam_densify_m: float
    zone_overhang_deg: float

    def limit_of(self, name: str) -> float:
        """Return one limit by its name in the codelist."""
        return float(getattr(self, name))


def read_tolerances(on: date) -> Tolerances:
    """Read the limits in force on a day.

    Examples
    --------
    >>> read_tolerances(date(2026, 1, 1)).overlap_width_m
    0.002
    """
    codelist = load_codelist("tolerances")

    def value(name: str) -> float:
        return float(codelist.entry_at(name, on).number())

    return Tolerances(
        overlap_width_m=value("overlap_width_m"),
        vertex_spacing_m=value("vertex_spacing_m"),
        coordinate_grid_m=value("coordinate_grid_m"),
        area_min_m2=value("area_min_m2"),
        area_documentary_relative=value("area_documentary_relative"),
        area_documentary_floor_m2=value("area_documentary_floor_m2"),
        linearise_sagitta_m=value("linearise_sagitta_m"),
        ring_vertices_max=int(value("ring_vertices_max")),
        seam_densify_m=value("seam_densify_m"),
        zone_overhang_deg=value("zone_overhang_deg"),
    )


__all__ = ["Tolerances", "read_tolerances"]
