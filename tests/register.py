"""Builds small registers in a real database, through the roles and triggers that ship."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from shapely import Polygon, box
from sqlalchemy import Connection, text

from cadastre.store.ledger import append_leaf
from tests.register_cases import CaseWriter

DAY = date(2024, 5, 2)
KHAZAR_EAST, KHAZAR_NORTH = 425_000.0, 4_480_000.0

_RESTRICTION_TERMS = (
    "rank",
    "amount",
    "currency",
    "until",
    "burdened_party_id",
    "continues_restriction_id",
)
_OF_SECTIONS = (
    "cadastre.property_right",
    "cadastre.restriction",
    "cadastre.property_object",
    "cadastre.property",
)
_SECTION_OF_GROUND = """
    SELECT o.property_id FROM cadastre.parcel_version v JOIN cadastre.property_object o USING (parcel_id)
     WHERE v.{key} = :id AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
"""


def square(east_m: float, north_m: float, side_m: float = 20.0) -> Polygon:
    """Square in Xəzər district, EPSG:32639, its south-west corner offset in metres from a fixed point."""
    west, south = KHAZAR_EAST + east_m, KHAZAR_NORTH + north_m
    return box(west, south, west + side_m, south + side_m)


_AS_APPLICATION = text("""
    SELECT set_config('role', 'cadastre_write', true)
     WHERE session_user = 'cadastre_app' AND current_user = session_user
""")
"""The application's login may do nothing by itself; tests that chose another role keep it."""


@dataclass
class Register(CaseWriter):
    """Writes entries as the application role does: every row under a leaf of its own transaction.

    What rests on no case of the test's own rests on one that is filed and registered with it.
    """

    connection: Connection
    serial: int = 0
    decided: dict[int, UUID] = field(default_factory=dict)
    _leaf: int | None = field(default=None)

    def __post_init__(self) -> None:
        self.connection.execute(_AS_APPLICATION)

    def leaf(self, kind: str = "access.test") -> int:
        """Leaf of the current transaction; the kind opens personal data to it."""
        self._leaf = append_leaf(self.connection, kind=kind, actor="test", payload={"n": self.serial})
        return self._leaf

    def _current_leaf(self) -> int:
        return self._leaf if self._leaf is not None else self.leaf()

    def parcel(self, number: str, shape: Polygon, *, district: str = "BAK-XEZ", srid: int = 32639) -> int:
        """Registered parcel with one version; gives ``parcel_id``."""
        parcel_id = self.connection.execute(
            text("""INSERT INTO cadastre.parcel (cadastral_number, district_code)
                    VALUES (:number, :district) RETURNING parcel_id"""),
            {"number": number, "district": district},
        ).scalar_one()
        self.version(parcel_id, shape, srid=srid)
        return int(parcel_id)

    def version(
        self, parcel_id: int, shape: Polygon, *, srid: int = 32639, area_m2: float | None = None
    ) -> int:
        """Further version of a parcel, of the area of its shape unless told otherwise; gives ``version_id``."""
        return int(
            self.connection.execute(
                text("""INSERT INTO cadastre.parcel_version
                            (parcel_id, valid_from, recorded_leaf, geom, surveyed_area_m2, documentary_area_m2,
                             land_category, ownership_form, purpose)
                        VALUES (:parcel, :day, :leaf, ST_GeomFromWKB(:wkb, :srid), :area, :area, 2, 'xususi',
                                'fərdi yaşayış evi') RETURNING version_id"""),
                {
                    "parcel": parcel_id,
                    "day": DAY,
                    "leaf": self._current_leaf(),
                    "wkb": shape.wkb,
                    "srid": srid,
                    "area": round(shape.area if area_m2 is None else area_m2, 2),
                },
            ).scalar_one()
        )

    def property(self, number: str, *parcel_ids: int, district: str = "BAK-XEZ") -> int:
        """Property over parcels, as yet without a right; gives ``property_id``."""
        property_id = self.connection.execute(
            text("""INSERT INTO cadastre.property (register_number, object_kind, district_code, opened_on,
                                                   recorded_leaf)
                    VALUES (:number, 'land_parcel', :district, :day, :leaf) RETURNING property_id"""),
            {"number": number, "district": district, "day": DAY, "leaf": self._current_leaf()},
        ).scalar_one()
        self.decision_about(property_id)
        for parcel_id in parcel_ids:
            self.connection.execute(
                text("""INSERT INTO cadastre.property_object (property_id, parcel_id, valid_from, recorded_leaf)
                        VALUES (:property, :parcel, :day, :leaf)"""),
                {"property": property_id, "parcel": parcel_id, "day": DAY, "leaf": self._current_leaf()},
            )
        return int(property_id)

    def party(
        self, name: str, *, kind: str = "natural", fin: str | None = None, voen: str | None = None
    ) -> UUID:
        """Party (synthetic); gives ``party_id``."""
        party_id = self.connection.execute(
            text("""INSERT INTO party.party (kind, name, fin, voen, recorded_leaf)
                    VALUES (:kind, :name, :fin, :voen, :leaf) RETURNING party_id"""),
            {"kind": kind, "name": name, "fin": fin, "voen": voen, "leaf": self._current_leaf()},
        ).scalar_one()
        return UUID(str(party_id))

    def right(
        self,
        property_id: int,
        party_id: UUID,
        share: tuple[int, int] | None = (1, 1),
        *,
        kind: str = "ownership",
        case: UUID | None = None,
        continues: int | None = None,
        ended: bool = False,
    ) -> int:
        """Right of one holder; ``share=None`` is joint. Gives ``right_id``.

        It may rest on a ``case`` and restate a closed row (``continues``), with today as its end (``ended``).
        """
        self.serial += 1
        case = case or self.decision_about(property_id)
        return int(
            self.connection.execute(
                text("""INSERT INTO cadastre.property_right
                            (property_id, kind, party_id, share_numerator, share_denominator, joint,
                             registration_number, registration_date, valid_from, valid_to, case_id, source_id,
                             continues_right_id, recorded_leaf)
                        VALUES (:property, :kind, :party, :numerator, :denominator, :joint, :number, :day, :day,
                                CASE WHEN :ended THEN ledger.today() END, :case, :source, :continues, :leaf)
                        RETURNING right_id"""),
                {
                    "case": case,
                    "source": self.basis_of(case),
                    "continues": continues,
                    "ended": ended,
                    "property": property_id,
                    "kind": kind,
                    "party": party_id,
                    "numerator": share and share[0],
                    "denominator": share and share[1],
                    "joint": share is None,
                    "number": f"2324{self.serial:06d}",
                    "day": DAY,
                    "leaf": self._current_leaf(),
                },
            ).scalar_one()
        )

    def restriction(
        self, property_id: int, kind: str, beneficiary: UUID | None = None, **values: object
    ) -> int:
        """Restriction; its terms, ``case_id``, ``burdened_party_id`` and what it continues may be given.

        Gives ``restriction_id``.
        """
        self.serial += 1
        row = dict.fromkeys(_RESTRICTION_TERMS) | values
        given = row.get("case_id")
        case = given if isinstance(given, UUID) else self.decision_about(property_id)
        return int(
            self.connection.execute(
                text("""INSERT INTO cadastre.restriction
                            (property_id, kind, beneficiary_party_id, registration_number, registration_date,
                             amount, currency, rank, until, case_id, source_id, burdened_party_id,
                             continues_restriction_id, valid_from, recorded_leaf)
                        VALUES (:property, :kind, :beneficiary, :number, :day, :amount, :currency, :rank, :until,
                                :case_id, :source, :burdened_party_id, :continues_restriction_id, :day, :leaf)
                        RETURNING restriction_id"""),
                {
                    **row,
                    "case_id": case,
                    "source": self.basis_of(case),
                    "property": property_id,
                    "kind": kind,
                    "beneficiary": beneficiary,
                    "number": f"2324{self.serial:06d}",
                    "day": DAY,
                    "leaf": self._current_leaf(),
                },
            ).scalar_one()
        )

    def close(self, table: str, key: str, identity: int) -> None:
        """Close a row (``superseded_leaf``), by the decision about its section if it is in one."""
        leaf = self._current_leaf()
        for section in self._sections_of(table, key, identity):
            self.decision_about(section)
        self.connection.execute(
            text(f"UPDATE {table} SET superseded_leaf = :leaf WHERE {key} = :id"),
            {"leaf": leaf, "id": identity},
        )

    def _sections_of(self, table: str, key: str, identity: int) -> list[int]:
        if table in _OF_SECTIONS:
            query = f"SELECT DISTINCT property_id FROM {table} WHERE {key} = :id AND superseded_leaf IS NULL"
        elif table == "cadastre.parcel_version":
            query = _SECTION_OF_GROUND.format(key=key)
        else:
            return []
        return list(self.connection.execute(text(query), {"id": identity}).scalars())
