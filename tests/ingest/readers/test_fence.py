"""GDAL keeps to the allowlist, whoever imports what first."""

from __future__ import annotations

import os
import subprocess
import sys

from ingest.gdal_fence import SETTINGS

PROGRAM = """
import ingest.sample, ingest.readers.gdal_env as env
env.require_fenced()
print(sorted(env.pyogrio.list_drivers()))
"""
UNFENCED = """
import pyogrio
pyogrio.list_drivers()
import ingest.readers.gdal_env as env
env.require_fenced()
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment
    )


def test_only_the_allowlist_is_left_and_nothing_is_said() -> None:
    done = run(PROGRAM)
    assert done.stdout.strip() == "['ESRI Shapefile', 'FlatGeobuf', 'GPKG', 'GeoJSON', 'MEM']"
    assert done.stderr == ""


def test_a_gdal_loaded_before_the_fence_is_refused() -> None:
    done = run(UNFENCED)
    assert "import ingest before anything that imports pyogrio" in done.stderr
    assert done.returncode == 1
