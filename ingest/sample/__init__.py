"""Seeded synthetic districts for demonstrations, tests and benchmarks; all of it says so."""

from __future__ import annotations

from ingest.sample.generate import generate
from ingest.sample.spec import ANCHORS, DistrictFiles, SamplePaths, SampleSpec

__all__ = ["ANCHORS", "DistrictFiles", "SamplePaths", "SampleSpec", "generate"]
