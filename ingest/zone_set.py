"""Zones of a file as a set: against each other, against the register, against their districts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from ingest.finding_log import FindingLog
from ingest.load_transaction import LoadTransaction
from ingest.zone_checks import Geometries, ZoneOverlaps, find_overhangs, find_zone_overlaps, to_metres
from ingest.zone_rows import Zone

Mask = npt.NDArray[np.bool_]
_BOUNDARY: Final = """
    SELECT ST_AsBinary(geom_wgs84) FROM cadastre.district_boundary
     WHERE district_code = %s AND superseded_leaf IS NULL AND valid_to IS NULL
"""
_REGISTERED: Final = """
    SELECT zone_code, ST_AsBinary(geom_wgs84) FROM cadastre.cadastral_zone
     WHERE district_code = %s AND superseded_leaf IS NULL AND valid_to IS NULL ORDER BY zone_id
"""
_MOST_OUTSIDE: Final = 0.5


@dataclass(frozen=True, slots=True)
class ZoneSet:
    """Checks the zones that passed the row rules; the caller holds the lock on the register's zones.

    ``districts`` gives the UTM zone of each district, ``step_m`` the longest edge that is
    measured, ``width_m`` the permitted width of overlaps and overhangs.
    """

    transaction: LoadTransaction
    log: FindingLog
    districts: Mapping[str, int]
    step_m: float
    width_m: float

    def check(self, zones: Sequence[Zone]) -> list[Zone]:
        """Return the zones that stand, in the order of the file; the others get their findings."""
        single = self._drop_repeated(zones)
        kept: list[Zone] = []
        for district in sorted({zone.district for zone in single}):
            kept += self._check_district(district, [zone for zone in single if zone.district == district])
        return sorted(kept, key=lambda zone: zone.row)

    def _drop_repeated(self, zones: Sequence[Zone]) -> list[Zone]:
        seen: dict[tuple[str, str], int] = {}
        single = []
        for zone in zones:
            earlier = seen.setdefault((zone.district, zone.code), zone.row)
            if earlier == zone.row:
                single.append(zone)
            else:
                self._find("zone-duplicate", zone, {"earlier_row": earlier})
        return single

    def _check_district(self, district: str, zones: Sequence[Zone]) -> list[Zone]:
        registered = {
            str(code): shapely.from_wkb(bytes(wkb))
            for code, wkb in self.transaction.fetch(_REGISTERED, (district,))
        }
        fresh = [zone for zone in zones if zone.code not in registered]
        for zone in zones:
            if zone.code in registered:
                self._find("zone-registered", zone, {"district": district})
        if not fresh:
            return []
        areas = self._measure([zone.shape for zone in fresh], district)
        lost = self._find_outside(district, fresh, areas)
        others = self._measure(list(registered.values()), district)
        pairs = find_zone_overlaps(areas, others, self.width_m)
        self._find_registered(fresh, list(registered), pairs, lost)
        self._find_overlapping(fresh, find_zone_overlaps(areas, None, self.width_m), lost)
        return [zone for zone, gone in zip(fresh, lost, strict=True) if not gone]

    def _find_outside(self, district: str, zones: Sequence[Zone], areas: Geometries) -> Mask:
        """Find what reaches out of the district; tell which zones it keeps out of the register."""
        lost = np.zeros(len(zones), dtype=np.bool_)
        rows = self.transaction.fetch(_BOUNDARY, (district,))
        if not rows:
            self.log.add("zone-boundary-unknown", None, {"district": district})
            return lost
        boundary = self._measure([shapely.from_wkb(bytes(rows[0][0]))], district)[0]
        outside_m2, wide = find_overhangs(areas, boundary, self.width_m)
        shares = outside_m2 / shapely.area(areas)
        for at, zone in enumerate(zones):
            share = round(float(shares[at]), 4)
            detail = {"district": district, "share": share, "permitted_width_m": self.width_m}
            if shares[at] > _MOST_OUTSIDE:
                lost[at] = self._find("zone-outside-district", zone, detail, float(outside_m2[at]))
            elif wide[at]:
                self._find("zone-overhangs-district", zone, detail, float(outside_m2[at]))
        return lost

    def _find_registered(
        self, zones: Sequence[Zone], codes: Sequence[str], pairs: ZoneOverlaps, lost: Mask
    ) -> None:
        for first, second, area in zip(pairs.first, pairs.second, pairs.area_m2, strict=True):
            detail = {"zone": codes[first], "permitted_width_m": self.width_m}
            self._find("zone-overlap-registered", zones[second], detail, float(area))
            lost[second] = True

    def _find_overlapping(self, zones: Sequence[Zone], pairs: ZoneOverlaps, lost: Mask) -> None:
        """Decide in the order of the file: a zone that is itself rejected rejects nobody."""
        for first, second, area in zip(pairs.first, pairs.second, pairs.area_m2, strict=True):
            if lost[first]:
                continue
            earlier = zones[first]
            detail = {"zone": earlier.code, "earlier_row": earlier.row, "permitted_width_m": self.width_m}
            self._find("zone-overlap", zones[second], detail, float(area))
            lost[second] = True

    def _measure(self, shapes: Sequence[shapely.Geometry], district: str) -> Geometries:
        return to_metres(np.array(shapes, dtype=object), self.districts[district], self.step_m)

    def _find(
        self, rule: str, zone: Zone, detail: Mapping[str, Any], measured_m2: float | None = None
    ) -> bool:
        measured = None if measured_m2 is None else round(measured_m2, 2)
        return self.log.add(rule, zone.row, detail, subject=zone.code, measured=measured, place=zone.place)


__all__ = ["ZoneSet"]
