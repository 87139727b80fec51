"""What the sections of the sample say of their objects."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.ingest.sample.conftest import Sample


@pytest.fixture(params=["rights", "flat_rights"])
def rows(request: pytest.FixtureRequest, town: Sample) -> pd.DataFrame:
    return getattr(town, request.param)


def test_houses_and_flats_are_measured_and_bare_land_is_not(town: Sample) -> None:
    land = town.rights[town.rights.object_kind == "land_parcel"]
    assert (land.total_area_m2 == "").all()
    for homes in (town.rights[town.rights.object_kind == "individual_house"], town.flat_rights):
        areas = homes[["total_area_m2", "living_area_m2", "auxiliary_area_m2"]].astype(float)
        assert (areas.total_area_m2 > 5).all()
        assert (areas.living_area_m2 + areas.auxiliary_area_m2 - areas.total_area_m2).abs().max() < 0.051


def test_most_sections_stand_in_a_book_and_some_on_paper(rows: pd.DataFrame) -> None:
    first = rows.drop_duplicates("register_number")
    assert (first.book_number != "").mean() > 0.9
    assert ((first.book_number != "") == (first.sheet_number != "")).all()
    assert 0.2 < (first.paper_series == "RX").mean() < 0.6
    assert first.former_address[first.former_address != ""].str.contains("sintetik").all()


def test_documents_have_issuers_and_only_ownership_has_shares(rows: pd.DataFrame) -> None:
    assert (rows.basis_issuer[rows.basis_kind != ""] != "").all()
    other = rows[~rows.right_kind.isin(["", "ownership"])]
    assert (other.share_numerator == "").all()
