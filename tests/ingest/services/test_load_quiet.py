"""A load of coordinates beyond everything says what is wrong with the rows, and nothing else."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli import main
from tests.database import Database

PROGRAM = "import sys; from api.cli import main; main(sys.argv[1:])"
Load = Callable[..., "Loaded"]
HUGE = 1e300
BAKU = (49.9, 40.4)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load left behind."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def load(database_environment: Database, capfd: pytest.CaptureFixture[str]) -> Load:
    """Function that loads a file in this process, where a warning is an error; all that libraries write is seen."""

    def call(what: str, file: Path, *options: str) -> Loaded:
        with pytest.raises(SystemExit) as leaving:
            main(["load", what, str(file), *options])
        return Loaded(int(leaving.value.code or 0), *capfd.readouterr())

    return call


@pytest.fixture
def load_by_processes(fresh_database: Database) -> Load:
    """Function that loads a file in a process of its own, which starts others."""

    def call(what: str, file: Path, *options: str) -> Loaded:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "load", what, str(file), *options],
            env={**os.environ, **fresh_database.environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return Loaded(done.returncode, done.stdout, done.stderr)

    return call


def ring(x: float, y: float, size: float) -> list[list[float]]:
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def write_geojson(path: Path, geometries: list[dict[str, object]]) -> Path:
    features = [
        {"type": "Feature", "geometry": geometry, "properties": {"name": f"n{at}", "kind": "kuce"}}
        for at, geometry in enumerate(geometries)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.mark.parametrize(("loading", "workers"), [("load", "1"), ("load_by_processes", "2")])
@pytest.mark.parametrize("size", [HUGE, 1e155])
def test_huge_parcels_are_findings_and_stderr_is_silent(
    request: pytest.FixtureRequest, tmp_path: Path, loading: str, workers: str, size: float
) -> None:
    load: Load = request.getfixturevalue(loading)
    nowhere = [[*BAKU], [math.nan, BAKU[1]], [BAKU[0], BAKU[1] + 1], [*BAKU]]
    crossed = [[size, size], [size, -size], [-size, size], [size, size]]
    rings = [ring(*BAKU, 0.0002), ring(*BAKU, size), ring(-size, -size, size), nowhere, crossed]
    file = write_geojson(tmp_path / "p.geojson", [{"type": "Polygon", "coordinates": [r]} for r in rings])
    done = load("parcels", file, "--district", "BAK-XEZ", "--workers", workers)
    assert done.stderr == ""
    assert done.returncode == 1
    facts = json.loads(done.stdout.splitlines()[-1])
    assert (facts["read"], facts["rejected"]) == (5, 4)


@pytest.mark.parametrize("what", ["streets", "entrances", "buildings", "districts"])
def test_other_files_with_huge_shapes_say_one_line_at_most(load: Load, tmp_path: Path, what: str) -> None:
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
    done = load(what, file, *district)
    assert done.returncode in {1, 2}
    assert len(done.stderr.splitlines()) == (done.returncode == 2), done.stderr
    assert "Warning" not in done.stderr
