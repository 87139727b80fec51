from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

import pandas as pd
import pytest

from cadastre.kernel.ids import check_cadastral_number, check_fin, check_voen, parse_register_number
from ingest.rights_file import RightsReader, place_columns
from ingest.sample.rights import COLUMNS
from ingest.tabular import open_table
from tests.ingest.sample.conftest import Sample


@pytest.fixture(params=["rights", "flat_rights"])
def rows(request: pytest.FixtureRequest, town: Sample) -> pd.DataFrame:
    return getattr(town, request.param)


def test_the_columns_are_those_of_a_rights_file(rows: pd.DataFrame) -> None:
    assert tuple(rows.columns) == COLUMNS


def test_ownership_is_joint_or_adds_up_to_exactly_one(rows: pd.DataFrame) -> None:
    owned = rows[rows.right_kind == "ownership"]
    total: dict[str, Fraction] = defaultdict(Fraction)
    joint = owned[owned.joint == "true"]
    assert (joint.share_numerator == "").all()
    assert joint.register_number.value_counts().min() >= 2
    for row in owned[owned.joint == "false"].itertuples():
        total[row.register_number] += Fraction(int(row.share_numerator), int(row.share_denominator))
    assert set(total.values()) == {Fraction(1)}
    assert not set(joint.register_number) & set(total)
    assert set(total) | set(joint.register_number) == set(rows.register_number)


def test_shares_of_several_kinds_occur(town: Sample) -> None:
    pairs = set(zip(town.rights.share_numerator, town.rights.share_denominator, strict=True))
    assert pairs >= {("1", "1"), ("1", "2"), ("1", "3"), ("1", "4"), ("2", "3")}


def test_fins_and_voens_keep_their_rules_and_are_marked(rows: pd.DataFrame) -> None:
    fins = rows.fin[rows.fin != ""].unique()
    voens = rows.voen[rows.voen != ""].unique()
    assert all(check_fin(fin) == () and fin.startswith("ZZ") for fin in fins)
    assert all(check_voen(voen) == () and voen.startswith("00") for voen in voens)
    assert len(fins) > 500
    assert len(voens) > 10


def test_one_identifier_names_one_party(town: Sample) -> None:
    rows = pd.concat([town.rights, town.flat_rights])
    for column in ("fin", "voen"):
        known = rows[rows[column] != ""]
        assert (known.groupby(column).party_name.nunique() == 1).all()
    assert town.rights[town.rights.fin != ""].fin.duplicated().any(), "some persons own more than once"


def test_no_party_holds_one_right_twice(rows: pd.DataFrame) -> None:
    held = rows[rows.right_kind != ""]
    assert not held.duplicated(["register_number", "right_kind", "party_name", "fin"]).any()


def test_identifiers_match_kinds(rows: pd.DataFrame) -> None:
    natural = rows.party_kind == "natural"
    assert ((rows.fin != "") == natural).all()
    assert ((rows.voen != "") == (rows.party_kind == "legal")).all()
    foreign = rows[rows.party_kind == "foreign_natural"]
    assert (foreign.right_kind == "lease").all(), "foreigners hold land on lease only"


def test_numbers_are_unique_and_well_formed(town: Sample) -> None:
    rows = pd.concat([town.rights, town.flat_rights])
    assert rows.registration_number.is_unique
    assert rows.registration_number.str.fullmatch(r"90\d{8}").all()
    assert (rows.registration_number.str[2:4] == rows.registration_date.str[2:4]).all()
    for number in rows.register_number.unique()[:200]:
        assert parse_register_number(number).startswith("99")
    for number in town.parcels.cadastral_number[:200]:
        assert check_cadastral_number(number) == ()


def test_restrictions_name_a_beneficiary_and_follow_the_ownership(rows: pd.DataFrame) -> None:
    burdens = rows[rows.restriction_kind != ""]
    assert (burdens.restriction_beneficiary != "").all()
    assert (burdens.right_kind == "").all()
    opened = rows[rows.right_kind == "ownership"].groupby("register_number").registration_date.min()
    assert (burdens.registration_date.to_numpy() >= opened[burdens.register_number].to_numpy()).all()
    mortgages = burdens[burdens.restriction_kind == "mortgage"]
    assert mortgages.restriction_beneficiary.str.contains("sintetik").all()
    assert (mortgages.restriction_until > mortgages.registration_date).all()


def test_every_kind_of_right_and_restriction_occurs(town: Sample) -> None:
    assert set(town.rights.restriction_kind) >= {"mortgage", "arrest", "prohibition", "servitude"}
    assert set(town.rights.right_kind) >= {"ownership", "lease", "usufruct", "permanent_use"}
    assert set(town.rights.party_kind) >= {"natural", "legal", "state", "municipality"}
    assert set(town.rights.object_kind) == {"land_parcel", "individual_house", "garden_house"}
    assert set(town.flat_rights.object_kind) == {"flat"}


def test_co_owners_rest_on_one_document(town: Sample) -> None:
    owned = town.rights[town.rights.right_kind == "ownership"]
    assert (owned.groupby("register_number").basis_number.nunique() == 1).all()
    assert (owned.basis_date < owned.registration_date).all()


def test_the_migration_reads_every_row_without_a_finding(town: Sample) -> None:
    with open_table(town.files.rights) as table:
        reader = RightsReader(place_columns("rights.csv", table.columns), date(2026, 11, 22))
        rows = [reader.read(row) for row in table.rows]
    assert len(rows) == len(town.rights)
    assert all(row.entry is not None for row in rows)
    assert [finding.rule for row in rows for finding in row.findings] == []


def test_a_few_parcels_are_not_in_the_register(town: Sample) -> None:
    without = set(town.lawful.cadastral_number) - set(town.rights.cadastral_number)
    assert 40 < len(without) < 400
    assert set(town.rights.cadastral_number) <= set(town.lawful.cadastral_number)


def test_one_parcel_belongs_to_one_property(town: Sample) -> None:
    assert (town.rights.groupby("cadastral_number").register_number.nunique() == 1).all()
    assert (town.rights.groupby("register_number").cadastral_number.nunique() == 1).all()
