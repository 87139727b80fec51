from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from ingest.sample import DistrictFiles, SamplePaths, SampleSpec, generate


@dataclass
class Sample:
    paths: SamplePaths

    @property
    def files(self) -> DistrictFiles:
        return self.paths.districts[0]

    @cached_property
    def parcels(self) -> gpd.GeoDataFrame:
        return gpd.read_file(self.files.parcels)

    @cached_property
    def lawful(self) -> gpd.GeoDataFrame:
        """The parcels without the planted ones."""
        return self.parcels[~self.parcels.cadastral_number.str.contains("-SX-")]

    @cached_property
    def buildings(self) -> gpd.GeoDataFrame:
        return gpd.read_file(self.files.buildings)

    @cached_property
    def streets(self) -> gpd.GeoDataFrame:
        return gpd.read_file(self.files.streets)

    @cached_property
    def entrances(self) -> gpd.GeoDataFrame:
        return gpd.read_file(self.files.entrances)

    @cached_property
    def rights(self) -> pd.DataFrame:
        return pd.read_csv(self.files.rights, dtype=str, keep_default_na=False)

    @cached_property
    def flats(self) -> pd.DataFrame:
        return pd.read_csv(self.files.flats, dtype=str, keep_default_na=False)

    @cached_property
    def flat_rights(self) -> pd.DataFrame:
        return pd.read_csv(self.files.flat_rights, dtype=str, keep_default_na=False)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    out: Path = tmp_path_factory.mktemp("town")
    return Sample(generate(SampleSpec(parcels=4000, out=out, seed=7, planted_overlaps=24)))


@pytest.fixture(scope="session")
def gauss_kruger_town(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    out: Path = tmp_path_factory.mktemp("gk9")
    return Sample(generate(SampleSpec(parcels=900, out=out, seed=7, srid=28409)))
