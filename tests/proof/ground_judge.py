"""Judges contested ground after the contest: one self-join of all parcels, areas along lineage, the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from cadastre.domain.lineage import list_families
from cadastre.kernel.width import is_wider

_VERSIONS = text("""
    SELECT v.version_id, v.parcel_id, ST_AsBinary(v.geom) AS outline, v.surveyed_area_m2,
           entered.closing_number AS entered, closed.closing_number AS closed
      FROM cadastre.parcel_version v
      JOIN ledger.leaf entered ON entered.leaf_id = v.recorded_leaf
      LEFT JOIN ledger.leaf closed ON closed.leaf_id = v.superseded_leaf
     WHERE v.valid_to IS NULL ORDER BY v.version_id
""")
_STEPS = text("SELECT from_version_id, to_version_id, case_id FROM cadastre.parcel_lineage")
_JOURNAL = text("SELECT journal_number FROM registry.registration_journal ORDER BY 1")
_REGISTERED = text("""
    SELECT case_id FROM registry.case_step WHERE kind = 'register' AND actor NOT LIKE 'planting-%' ORDER BY 1
""")
_SPLIT = text("""
    SELECT count(*) FROM (
        SELECT parcel_id FROM cadastre.parcel_version
         WHERE superseded_leaf IS NULL AND valid_to IS NULL GROUP BY parcel_id HAVING count(*) > 1) twice
""")
_PAIRS_AT_ONCE = 200_000
_FOREVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Versions:
    """Every version of a parcel that ever stood, and from which to which closing number it did."""

    ids: NDArray[np.int64]
    parcels: NDArray[np.int64]
    outlines: NDArray[np.object_]
    areas_m2: NDArray[np.float64]
    entered: NDArray[np.int64]
    closed: NDArray[np.int64]

    @property
    def is_current(self) -> NDArray[np.bool_]:
        """Mask of those that stand now."""
        return np.asarray(self.closed == _FOREVER, dtype=np.bool_)


def read_versions(connection: Connection) -> Versions:
    """Read all versions, restatements of the past left out."""
    rows = connection.execute(_VERSIONS).all()
    return Versions(
        np.array([row.version_id for row in rows], dtype=np.int64),
        np.array([row.parcel_id for row in rows], dtype=np.int64),
        shapely.from_wkb(np.array([bytes(row.outline) for row in rows], dtype=object)),
        np.array([float(row.surveyed_area_m2) for row in rows]),
        np.array([row.entered for row in rows], dtype=np.int64),
        np.array([_FOREVER if row.closed is None else row.closed for row in rows], dtype=np.int64),
    )


def count_overlaps(outlines: NDArray[np.object_], width_m: float) -> int:
    """Pairs of outlines that overlap by more than a width, by the definition that loads use."""
    return len(
        _list_overlaps(
            outlines, np.zeros(len(outlines), dtype=np.int64), np.ones(len(outlines), dtype=np.int64), width_m
        )
    )


def count_overlaps_ever(versions: Versions, width_m: float) -> int:
    """Pairs that overlapped at one moment of the register, current or past."""
    return len(_list_overlaps(versions.outlines, versions.entered, versions.closed, width_m))


def _list_overlaps(
    outlines: NDArray[np.object_], begins: NDArray[np.int64], ends: NDArray[np.int64], width_m: float
) -> list[tuple[int, int]]:
    """Positions of pairs that share ground and time."""
    tree = shapely.STRtree(outlines)
    found: list[tuple[int, int]] = []
    for start in range(0, len(outlines), 2_000):
        block, other = tree.query(outlines[start : start + 2_000])
        block = block + start
        together = (block < other) & (begins[block] < ends[other]) & (begins[other] < ends[block])
        block, other = block[together], other[together]
        for at in range(0, len(block), _PAIRS_AT_ONCE):
            one, two = block[at : at + _PAIRS_AT_ONCE], other[at : at + _PAIRS_AT_ONCE]
            wide = is_wider(shapely.intersection(outlines[one], outlines[two]), width_m)
            found += list(zip(one[wide].tolist(), two[wide].tolist(), strict=True))
    return found


def measure_case_imbalance(connection: Connection, versions: Versions) -> float:
    """The greatest difference between the land that one case closed and that which it opened, m2 of the plane."""
    place = {version: at for at, version in enumerate(versions.ids.tolist())}
    areas = shapely.area(versions.outlines)
    befores: defaultdict[object, set[int]] = defaultdict(set)
    afters: defaultdict[object, set[int]] = defaultdict(set)
    for former, later, case_id in connection.execute(_STEPS):
        befores[case_id].add(place[former])
        afters[case_id].add(place[later])
    gaps = [
        abs(float(areas[list(befores[case])].sum() - areas[list(afters[case])].sum())) for case in befores
    ]
    return max(gaps, default=0.0)


def list_family_grounds(
    connection: Connection, versions: Versions
) -> list[tuple[BaseGeometry, BaseGeometry, float]]:
    """The ground of each family of versions when it began and now, and its registered area now."""
    place = {version: at for at, version in enumerate(versions.ids.tolist())}
    parents: defaultdict[int, tuple[int, ...]] = defaultdict(tuple)
    for former, later, _ in connection.execute(_STEPS):
        parents[later] += (former,)
    related = {each for later, formers in parents.items() for each in (later, *formers)}
    grounds = []
    for family in list_families(dict(parents), sorted(related)):
        roots = [place[each] for each in family if each not in parents]
        leaves = [place[each] for each in family if versions.is_current[place[each]]]
        before, after = (shapely.union_all(versions.outlines[part]) for part in (roots, leaves))
        grounds.append((before, after, float(versions.areas_m2[leaves].sum())))
    return grounds


def list_gaps_in_journal(connection: Connection) -> list[int]:
    """Numbers of the journal that nobody has."""
    numbers = list(connection.execute(_JOURNAL).scalars())
    return sorted(set(range(1, len(numbers) + 1)) - set(numbers))


def list_registered(connection: Connection) -> Sequence[str]:
    """Cases that clients registered, one entry for each deciding step."""
    return [str(case_id) for case_id in connection.execute(_REGISTERED).scalars()]


def count_split_parcels(connection: Connection) -> int:
    """Parcels with more than one current version."""
    return int(connection.execute(_SPLIT).scalar_one())
