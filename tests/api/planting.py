"""Plants a small register into a test database: parcels with and without rights, and canary parties."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.store.ledger import append_leaf
from tests.register import Register

CANARY_NAME = "Kanareyka Əzizağa qızı"
CANARY_BENEFICIARY = "Kanarbank ASC"
CANARY_FIN = "7CANARY"
CANARY_VOEN = "1401555071"
CANARIES = (CANARY_NAME, "Kanareyka", CANARY_BENEFICIARY, "Kanarbank", CANARY_FIN, CANARY_VOEN)

OWNED_PARCEL = "585-03-36-001/2,A>B"
BARE_PARCEL = "585-03-36-002"
REGISTER_NUMBER = "203015000123"
UNKNOWN_NUMBER = "203015999999"
EASTING, NORTHING = 420_000.0, 4_475_000.0
SIDE_M = 40.0

_PARCEL = text(
    "INSERT INTO cadastre.parcel (cadastral_number, district_code) VALUES (:n, 'BAK-XEZ') RETURNING parcel_id"
)
_VERSION = text("""
    INSERT INTO cadastre.parcel_version (parcel_id, valid_from, recorded_leaf, geom, surveyed_area_m2,
        documentary_area_m2, land_category, ownership_form, purpose, address_text, accuracy_m)
    SELECT :parcel, DATE '2020-05-01', :leaf, g, round(ST_Area(ST_Transform(g, 4326)::geography)::numeric, 2),
           1600, 2, 'xususi', 'Fərdi yaşayış evi', 'Mərdəkan qəs., Sergey Yesenin küç., 7', 0.1
      FROM ST_MakeEnvelope(:west, :south, :west + :side, :south + :side, 32639) AS g
""")
_PROPERTY = text("""
    INSERT INTO cadastre.property (register_number, object_kind, district_code, opened_on, recorded_leaf)
    VALUES (:number, 'land_parcel', 'BAK-XEZ', DATE '2020-05-01', :leaf) RETURNING property_id
""")
_OBJECT = text("""
    INSERT INTO cadastre.property_object (property_id, parcel_id, valid_from, recorded_leaf)
    VALUES (:property, :parcel, DATE '2020-05-01', :leaf)
""")
_PARTY = text("""
    INSERT INTO party.party (kind, name, fin, voen, recorded_leaf)
    VALUES (:kind, :name, :fin, :voen, :leaf) RETURNING party_id
""")
_RIGHT = text("""
    INSERT INTO cadastre.property_right (property_id, kind, party_id, share_numerator, share_denominator,
        registration_number, registration_date, case_id, source_id, valid_from, recorded_leaf)
    VALUES (:property, 'ownership', :party, 1, 1, '0120000017', DATE '2020-05-01', :case, :source,
            DATE '2020-05-01', :leaf)
""")
_MORTGAGE = text("""
    INSERT INTO cadastre.restriction (property_id, kind, beneficiary_party_id, registration_number,
        registration_date, case_id, source_id, amount, currency, rank, valid_from, recorded_leaf)
    VALUES (:property, 'mortgage', :party, '0121000018', DATE '2021-02-01', :case, :source, 50000, 'AZN', 1,
            DATE '2021-02-01', :leaf)
""")


@dataclass(frozen=True, slots=True)
class Planted:
    """Keys of what was planted."""

    property_id: int
    owner_party: str


def plant_register(app_url: str) -> Planted:
    """Register two neighbouring parcels, one of them owned and mortgaged, as the application role."""
    engine = create_engine(app_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
        leaf = append_leaf(connection, kind="register.planted", actor="test", payload={"event": "planted"})
        access = append_leaf(connection, kind="access.planted", actor="test", payload={"event": "planted"})
        assert access > leaf
        planted = _plant(connection, leaf)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        connection.exec_driver_sql("SET ROLE cadastre_write")
        connection.exec_driver_sql("SELECT ledger.sequence_leaves()")
        connection.commit()
    engine.dispose()
    return planted


def _plant(connection: Connection, leaf: int) -> Planted:
    parcels = {}
    for index, number in enumerate((OWNED_PARCEL, BARE_PARCEL)):
        parcels[number] = connection.execute(_PARCEL, {"n": number}).scalar_one()
        place = {"west": EASTING + index * SIDE_M, "south": NORTHING, "side": SIDE_M}
        connection.execute(_VERSION, {"parcel": parcels[number], "leaf": leaf, **place})
    key = connection.execute(_PROPERTY, {"number": REGISTER_NUMBER, "leaf": leaf}).scalar_one()
    connection.execute(_OBJECT, {"property": key, "parcel": parcels[OWNED_PARCEL], "leaf": leaf})
    register = Register(connection)
    case = register.decision_about(key)
    source = register.basis_of(case, kind="sale_contract", number="17", dated="2020-04-20")
    owner = _party(connection, leaf, "natural", CANARY_NAME, CANARY_FIN, None)
    bank = _party(connection, leaf, "legal", CANARY_BENEFICIARY, None, CANARY_VOEN)
    entry = {"property": key, "case": case, "source": source, "leaf": leaf}
    connection.execute(_RIGHT, {**entry, "party": owner})
    connection.execute(_MORTGAGE, {**entry, "party": bank})
    return Planted(key, owner)


def _party(connection: Connection, leaf: int, kind: str, name: str, fin: str | None, voen: str | None) -> str:
    row = {"kind": kind, "name": name, "fin": fin, "voen": voen, "leaf": leaf}
    return str(connection.execute(_PARTY, row).scalar_one())
