"""The register's tables as SQLAlchemy Core sees them; the SQL migrations define, a test compares."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import REAL

metadata = MetaData()


def _validity() -> list[Column[Any]]:
    return [Column("valid_from", Date, nullable=False), Column("valid_to", Date)]


def _recording() -> list[Column[Any]]:
    return [
        Column("recorded_leaf", BigInteger, nullable=False),
        Column("superseded_leaf", BigInteger),
        Column("load_id", BigInteger),
    ]


def _shape(kind: str, *, required: bool = False) -> list[Column[Any]]:
    """Legal geometry in the district's UTM zone, and its generated EPSG:4326 twin."""
    return [
        Column("geom", Geometry(kind, srid=-1, spatial_index=False), nullable=not required),
        Column("geom_wgs84", Geometry(kind, srid=4326, spatial_index=False)),
    ]


leaf = Table(
    "leaf",
    metadata,
    Column("leaf_id", BigInteger, primary_key=True),
    Column("closing_number", BigInteger),
    Column("recorded_time", DateTime(timezone=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("salt", LargeBinary),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("ledger_index", BigInteger),
    schema="ledger",
)

district = Table(
    "district",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name_az", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("name_ru", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent_code", Text),
    Column("iso_code", Text),
    Column("legal_srid", Integer, nullable=False),
    Column("office_code", Text, nullable=False),
    *_validity(),
    schema="cadastre",
)

cadastral_zone = Table(
    "cadastral_zone",
    metadata,
    Column("zone_id", BigInteger, primary_key=True),
    Column("district_code", Text, nullable=False),
    Column("zone_code", Text, nullable=False),
    Column("name_az", Text, nullable=False),
    *_validity(),
    *_recording(),
    Column("geom_wgs84", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
    schema="cadastre",
)

tolerance = Table(
    "tolerance",
    metadata,
    Column("name", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("value", Float, nullable=False),
    Column("unit", Text, nullable=False),
    Column("source", Text, nullable=False),
    schema="cadastre",
)

deployment = Table(
    "deployment",
    metadata,
    Column("only_row", Boolean, primary_key=True),
    Column("synthetic", Boolean, nullable=False),
    schema="cadastre",
)

parcel = Table(
    "parcel",
    metadata,
    Column("parcel_id", BigInteger, primary_key=True),
    Column("cadastral_number", Text, nullable=False),
    Column("district_code", Text, nullable=False),
    schema="cadastre",
)

parcel_version = Table(
    "parcel_version",
    metadata,
    Column("version_id", BigInteger, primary_key=True),
    Column("parcel_id", BigInteger, nullable=False),
    *_validity(),
    *_recording(),
    *_shape("POLYGON"),
    Column("surveyed_area_m2", Numeric(14, 2)),
    Column("documentary_area_m2", Numeric(14, 2)),
    Column("land_category", SmallInteger),
    Column("ownership_form", Text),
    Column("purpose", Text),
    Column("quality_group", SmallInteger),
    Column("address_text", Text),
    Column("source_number", Text),
    Column("source_date", Date),
    Column("accuracy_m", REAL),
    Column("source_srid", Integer),
    Column("operation_code", Text),
    Column("operation_accuracy_m", REAL),
    schema="cadastre",
)

building = Table(
    "building",
    metadata,
    Column("building_id", BigInteger, primary_key=True),
    Column("building_number", Text, nullable=False),
    Column("parcel_id", BigInteger),
    Column("kind", Text, nullable=False),
    Column("floors", SmallInteger),
    *_validity(),
    *_recording(),
    *_shape("POLYGON"),
    Column("footprint_area_m2", Numeric(14, 2)),
    schema="cadastre",
)

building_unit = Table(
    "building_unit",
    metadata,
    Column("unit_id", BigInteger, primary_key=True),
    Column("building_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("unit_number", Text, nullable=False),
    Column("entrance_number", SmallInteger),
    Column("floor", SmallInteger),
    Column("room_count", SmallInteger),
    Column("total_area_m2", Numeric(10, 2)),
    Column("living_area_m2", Numeric(10, 2)),
    Column("auxiliary_area_m2", Numeric(10, 2)),
    *_recording(),
    schema="cadastre",
)

party = Table(
    "party",
    metadata,
    Column("party_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("fin", Text),
    Column("voen", Text),
    Column("born_on", Date),
    Column("foreign_number", Text),
    Column("recorded_leaf", BigInteger, nullable=False),
    Column("load_id", BigInteger),
    schema="party",
)

administrative_source = Table(
    "administrative_source",
    metadata,
    Column("source_id", BigInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("number", Text),
    Column("dated", Date),
    Column("issuer", Text),
    Column("series", Text),
    Column("document_id", Uuid),
    Column("case_id", Uuid),
    Column("recorded_leaf", BigInteger, nullable=False),
    Column("load_id", BigInteger),
    schema="cadastre",
)

property_ = Table(
    "property",
    metadata,
    Column("property_id", BigInteger, primary_key=True),
    Column("register_number", Text, nullable=False),
    Column("object_kind", Text, nullable=False),
    Column("district_code", Text, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("book_number", Text),
    Column("sheet_number", Text),
    Column("former_address", Text),
    Column("paper_series", Text),
    Column("paper_number", Text),
    Column("divisible", Boolean),
    Column("total_area_m2", Numeric(10, 2)),
    Column("living_area_m2", Numeric(10, 2)),
    Column("auxiliary_area_m2", Numeric(10, 2)),
    Column("room_count", SmallInteger),
    *_recording(),
    schema="cadastre",
)

property_object = Table(
    "property_object",
    metadata,
    Column("property_object_id", BigInteger, primary_key=True),
    Column("property_id", BigInteger, nullable=False),
    Column("parcel_id", BigInteger),
    Column("building_id", BigInteger),
    Column("unit_id", BigInteger),
    *_validity(),
    *_recording(),
    schema="cadastre",
)

property_right = Table(
    "property_right",
    metadata,
    Column("right_id", BigInteger, primary_key=True),
    Column("property_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("party_id", Uuid, nullable=False),
    Column("share_numerator", BigInteger),
    Column("share_denominator", BigInteger),
    Column("joint", Boolean, nullable=False),
    Column("scope", Text),
    Column("registration_number", Text, nullable=False),
    Column("registration_date", Date, nullable=False),
    Column("source_id", BigInteger),
    Column("case_id", Uuid),
    Column("continues_right_id", BigInteger),
    Column("until", Date),
    Column("rent", Numeric(14, 2)),
    Column("rent_currency", Text),
    Column("rent_period", Text),
    Column("dispose_by", Date),
    Column("part_geom", Geometry("POLYGON", srid=-1, spatial_index=False)),
    *_validity(),
    *_recording(),
    schema="cadastre",
)

restriction = Table(
    "restriction",
    metadata,
    Column("restriction_id", BigInteger, primary_key=True),
    Column("property_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("beneficiary_party_id", Uuid),
    Column("registration_number", Text, nullable=False),
    Column("registration_date", Date, nullable=False),
    Column("source_id", BigInteger),
    Column("amount", Numeric(16, 2)),
    Column("currency", Text),
    Column("rank", SmallInteger),
    Column("until", Date),
    Column("scope", Text),
    Column("case_id", Uuid),
    Column("continues_restriction_id", BigInteger),
    Column("burdened_party_id", Uuid),
    Column("benefits_property_id", BigInteger),
    Column("interest_rate", Numeric(7, 4)),
    Column("note_number", Text),
    Column("note_dated", Date),
    Column("authority", Text),
    Column("confirm_by", DateTime(timezone=True)),
    Column("confirms_restriction_id", BigInteger),
    Column("part_geom", Geometry("POLYGON", srid=-1, spatial_index=False)),
    *_validity(),
    *_recording(),
    schema="cadastre",
)

extract_request = Table(
    "extract_request",
    metadata,
    Column("request_id", Uuid, primary_key=True),
    Column("requester", Text, nullable=False),
    Column("requester_role", Text, nullable=False),
    Column("requester_name", Text),
    Column("journal_number", BigInteger, nullable=False),
    Column("capacity", Text, nullable=False),
    Column("acting_for", Text),
    Column("basis", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("register_number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("as_of", Date),
    Column("known_at", BigInteger),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    schema="evidence",
)

extract = Table(
    "extract",
    metadata,
    Column("extract_id", Uuid, primary_key=True),
    Column("request_id", Uuid, nullable=False),
    Column("document_number", BigInteger, nullable=False),
    Column("property_id", BigInteger),
    Column("kind", Text, nullable=False),
    Column("register_number", Text, nullable=False),
    Column("verify_token", Text, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("valid_time", Date, nullable=False),
    Column("ledger_index", BigInteger, nullable=False),
    Column("statement", LargeBinary, nullable=False),
    Column("statement_sha256", LargeBinary, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    Column("statement_jws", Text),
    Column("jws", Text),
    Column("pdf", LargeBinary),
    Column("signed_at", DateTime(timezone=True)),
    Column("signed_leaf", BigInteger),
    schema="evidence",
)

published_parcel = Table(
    "parcel",
    metadata,
    Column("parcel_id", BigInteger, primary_key=True),
    Column("version_id", BigInteger, nullable=False),
    Column("cadastral_number", Text, nullable=False),
    Column("district_code", Text, nullable=False),
    Column("land_category", SmallInteger),
    Column("ownership_form", Text),
    Column("purpose", Text),
    Column("quality_group", SmallInteger),
    Column("surveyed_area_m2", Numeric(14, 2)),
    Column("documentary_area_m2", Numeric(14, 2)),
    Column("accuracy_m", REAL),
    Column("source_srid", Integer),
    Column("operation_code", Text),
    Column("valid_from", Date),
    Column("recorded_leaf", BigInteger),
    Column("address_text", Text),
    *_shape("POLYGON"),
    schema="publish",
)
