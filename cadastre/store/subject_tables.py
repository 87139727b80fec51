"""Tables of what became of properties, parcels, buildings and parties: lineage, flags, sameness, consent."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from cadastre.store.tables import metadata

property_closure = Table(
    "property_closure",
    metadata,
    Column("closure_id", BigInteger, primary_key=True),
    Column("property_id", BigInteger, nullable=False),
    Column("closed_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("recorded_leaf", BigInteger, nullable=False),
    Column("superseded_leaf", BigInteger),
    schema="cadastre",
)

property_lineage = Table(
    "property_lineage",
    metadata,
    Column("from_property_id", BigInteger, primary_key=True),
    Column("to_property_id", BigInteger, primary_key=True),
    Column("manner", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("recorded_leaf", BigInteger, nullable=False),
    schema="cadastre",
)

parcel_lineage = Table(
    "parcel_lineage",
    metadata,
    Column("from_version_id", BigInteger, primary_key=True),
    Column("to_version_id", BigInteger, primary_key=True),
    Column("manner", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("recorded_leaf", BigInteger, nullable=False),
    schema="cadastre",
)

building_site = Table(
    "building_site",
    metadata,
    Column("site_id", BigInteger, primary_key=True),
    Column("building_id", BigInteger, nullable=False),
    Column("parcel_id", BigInteger),
    Column("case_id", Uuid, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("recorded_leaf", BigInteger, nullable=False),
    Column("superseded_leaf", BigInteger),
    schema="cadastre",
)

investigation = Table(
    "investigation",
    metadata,
    Column("investigation_id", BigInteger, primary_key=True),
    Column("property_id", BigInteger),
    Column("parcel_id", BigInteger),
    Column("registration_number", Text),
    Column("party_id", Uuid),
    Column("attribute", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("case_id", Uuid),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("recorded_leaf", BigInteger, nullable=False),
    Column("superseded_leaf", BigInteger),
    schema="registry",
)

building_stage = Table(
    "building_stage",
    metadata,
    Column("stage_id", BigInteger, primary_key=True),
    Column("building_id", BigInteger, nullable=False),
    Column("stage", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("source_id", BigInteger),
    Column("case_id", Uuid),
    Column("recorded_leaf", BigInteger, nullable=False),
    Column("superseded_leaf", BigInteger),
    schema="registry",
)

paper_extract = Table(
    "paper_extract",
    metadata,
    Column("paper_id", BigInteger, primary_key=True),
    Column("series", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("property_id", BigInteger, nullable=False),
    Column("issued_on", Date),
    Column("state", Text, nullable=False),
    Column("document_id", Uuid),
    Column("case_id", Uuid),
    Column("recorded_leaf", BigInteger, nullable=False),
    Column("superseded_leaf", BigInteger),
    schema="registry",
)

party_link = Table(
    "party_link",
    metadata,
    Column("link_id", BigInteger, primary_key=True),
    Column("from_party_id", Uuid, nullable=False),
    Column("to_party_id", Uuid, nullable=False),
    Column("manner", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("source_id", BigInteger),
    Column("proposed_by", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("case_id", Uuid),
    Column("recorded_leaf", BigInteger, nullable=False),
    Column("superseded_leaf", BigInteger),
    schema="registry",
)

representation = Table(
    "representation",
    metadata,
    Column("representation_id", BigInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("principal_party_id", Uuid, nullable=False),
    Column("agent_party_id", Uuid, nullable=False),
    Column("operations", ARRAY(Text), nullable=False),
    Column("property_id", BigInteger),
    Column("permission_source_id", BigInteger),
    Column("source_id", BigInteger, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("end_reason", Text),
    Column("recorded_leaf", BigInteger, nullable=False),
    Column("superseded_leaf", BigInteger),
    schema="registry",
)

consent = Table(
    "consent",
    metadata,
    Column("consent_id", BigInteger, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("party_id", Uuid),
    Column("source_id", BigInteger, nullable=False),
    Column("given_on", Date, nullable=False),
    Column("until", Date),
    Column("recorded_leaf", BigInteger, nullable=False),
    Column("superseded_leaf", BigInteger),
    schema="registry",
)

competence = Table(
    "competence",
    metadata,
    Column("competence_id", BigInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("district_code", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("recorded_leaf", BigInteger, nullable=False),
    Column("superseded_leaf", BigInteger),
    schema="registry",
)
