"""A load of coordinates beyond everything says what is wrong with the rows, and nothing else."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.database import Database

PROGRAM = "import sys; from api.cli import main; main(sys.argv[1:])"
HUGE = 1e300
BAKU = (49.9, 40.4)


def ring(x: float, y: float, size: float) -> list[list[float]]:
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def write_geojson(path: Path, geometries: list[dict[str, object]]) -> Path:
    features = [
        {"type": "Feature", "geometry": geometry, "properties": {"name": f"n{at}", "kind": "kuce"}}
        for at, geometry in enumerate(geometries)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("size", [HUGE, 1e155])
def test_huge_parcels_are_findings_and_stderr_is_silent(
    fresh_database: Database, tmp_path: Path, workers: str, size: float
) -> None:
    nowhere = [[*BAKU], [math.nan, BAKU[1]], [BAKU[0], BAKU[1] + 1], [*BAKU]]
    crossed = [[size, size], [size, -size], [-size, size], [size, size]]
    rings = [ring(*BAKU, 0.0002), ring(*BAKU, size), ring(-size, -size, size), nowhere, crossed]
    file = write_geojson(tmp_path / "p.geojson", [{"type": "Polygon", "coordinates": [r]} for r in rings])
    done = load(fresh_database, "parcels", file, "--district", "BAK-XEZ", "--workers", workers)
    assert done.stderr == ""
    assert done.returncode == 1
    facts = json.loads(done.stdout.splitlines()[-1])
    assert (facts["read"], facts["rejected"]) == (5, 4)


@pytest.mark.parametrize("what", ["streets", "entrances", "buildings", "districts"])
def test_other_files_with_huge_shapes_say_one_line_at_most(
    fresh_database: Database, tmp_path: Path, what: str
) -> None:
    shapes: dict[str, list[dict[str, object]]] = {
        "streets": [
            {"type": "LineString", "coordinates": [list(BAKU), [HUGE, HUGE]]},
            {"type": "LineString", "coordinates": [list(BAKU), [math.nan, 40.0]]},
            {"type": "LineString", "coordinates": [list(BAKU), [49.91, 40.41]]},
        ],
        "entrances": [
            {"type": "Point", "coordinates": [HUGE, -HUGE]},
            {"type": "Point", "coordinates": list(BAKU)},
        ],
    }
    outlines: list[dict[str, object]] = [
        {"type": "Polygon", "coordinates": [ring(*BAKU, HUGE)]},
        {"type": "Polygon", "coordinates": [[[*BAKU], [math.nan, 40.0], [49.0, 41.0], [*BAKU]]]},
        {"type": "Polygon", "coordinates": [ring(*BAKU, 0.001)]},
    ]
    file = write_geojson(tmp_path / "s.geojson", shapes.get(what, outlines))
    district = [] if what == "districts" else ["--district", "BAK-XEZ"]
    done = load(fresh_database, what, file, *district)
    assert done.returncode in {1, 2}
    assert len(done.stderr.splitlines()) == (done.returncode == 2), done.stderr
    assert "Warning" not in done.stderr


def load(database: Database, what: str, file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, "load", what, str(file), *options],
        env={**os.environ, **database.environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
