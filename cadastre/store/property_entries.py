"""Reads the rights, restrictions and closing of a property at any point of both time axes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, literal_column, select

from cadastre.store.nested_rows import nested, nested_text
from cadastre.store.party_numbers import number_of
from cadastre.store.registry_tables import case_file, registration
from cadastre.store.standing import begun, ever, known, standing
from cadastre.store.tables import administrative_source as source
from cadastre.store.tables import party, property_, property_right, restriction

_DIGITS = 9  # of a degree: a tenth of a millimetre
_burdened = party.alias("burdened")
_benefits = property_.alias("benefits")

_PARTY_AND_BASIS = (
    party.c.kind.label("party_kind"),
    party.c.name.label("party_name"),
    number_of(party, "fin").label("fin"),
    number_of(party, "voen").label("voen"),
    source.c.kind.label("basis_kind"),
    source.c.series.label("basis_series"),
    source.c.number.label("basis_number"),
    source.c.dated.label("basis_date"),
    source.c.issuer.label("basis_issuer"),
    case_file.c.journal_number,
)
# Closing and opening stand under one leaf: the index before it shows the section as it stood at its end.
CLOSING = nested_text(
    "closing",
    """
    SELECT c.closed_on, c.reason, ledger.index_of(c.recorded_leaf) AS closed_at,
           ARRAY(SELECT n.register_number
                   FROM cadastre.property_lineage l
                   JOIN cadastre.property n ON n.property_id = l.to_property_id
                  WHERE l.from_property_id = c.property_id
                    AND ledger.is_known(l.recorded_leaf, NULL, CAST(:known_at AS bigint))
                  ORDER BY 1) AS successors
      FROM cadastre.property_closure c
     WHERE c.property_id = CAST(:property AS bigint) AND c.closed_on <= CAST(:as_of AS date)
       AND ledger.is_known(c.recorded_leaf, c.superseded_leaf, CAST(:known_at AS bigint))
    """,
    {"closed_on": date.fromisoformat, "reason": None, "closed_at": None, "successors": None},
)
"""When and why the section was closed by then, and the numbers of the sections that came of it."""


def _registered_here(table: Table) -> ColumnElement[bool]:
    """Join the act by which an entry was registered: rows that restate it keep its number."""
    return registration.c.registration_number == table.c.registration_number


def _part_wgs84(table: Table) -> ColumnElement[str]:
    """The burdened part as GeoJSON, EPSG:4326."""
    degrees = func.ST_Transform(table.c.part_geom, literal_column("4326"))
    return func.ST_AsGeoJSON(degrees, literal_column(str(_DIGITS)), literal_column("0")).label("part_wgs84")


_ever_rights = (
    select(property_right, *_PARTY_AND_BASIS, _part_wgs84(property_right))
    .join(party, party.c.party_id == property_right.c.party_id)
    .outerjoin(source, source.c.source_id == property_right.c.source_id)
    .outerjoin(registration, _registered_here(property_right))
    .outerjoin(case_file, case_file.c.case_id == registration.c.case_id)
    .where(property_right.c.property_id == bindparam("property"))
    .order_by(
        property_right.c.registration_date,
        property_right.c.registration_number,
        property_right.c.right_id,
    )
)
RIGHTS = nested("rights", _ever_rights.where(standing(property_right)))
"""Rights with holder, basis and the journal number of their case, in the order of registration."""
_ever_restrictions = (
    select(
        restriction,
        *_PARTY_AND_BASIS,
        _part_wgs84(restriction),
        _burdened.c.name.label("burdened_name"),
        _burdened.c.kind.label("burdened_kind"),
        number_of(_burdened, "fin").label("burdened_fin"),
        number_of(_burdened, "voen").label("burdened_voen"),
        _benefits.c.register_number.label("benefits_register_number"),
    )
    .outerjoin(party, party.c.party_id == restriction.c.beneficiary_party_id)
    .outerjoin(_burdened, _burdened.c.party_id == restriction.c.burdened_party_id)
    .outerjoin(_benefits, _benefits.c.property_id == restriction.c.benefits_property_id)
    .outerjoin(source, source.c.source_id == restriction.c.source_id)
    .outerjoin(registration, _registered_here(restriction))
    .outerjoin(case_file, case_file.c.case_id == registration.c.case_id)
    .where(restriction.c.property_id == bindparam("property"))
    .order_by(
        restriction.c.registration_date, restriction.c.registration_number, restriction.c.restriction_id
    )
)
RESTRICTIONS = nested("restrictions", _ever_restrictions.where(standing(restriction)))
"""Restrictions with whom and what they benefit and burden, in the order of registration."""


def _terminated(table: Table) -> ColumnElement[bool]:
    """Known at the moment, and by its day in force no more: what was voided was never in force."""
    return and_(ever(table), known(table), begun(table.c.valid_to))


TERMINATED_RIGHTS = _ever_rights.where(_terminated(property_right))
"""Rights that have ended, as the others are read."""
TERMINATED_RESTRICTIONS = _ever_restrictions.where(_terminated(restriction))
"""Restrictions that have ended, as the others are read."""

__all__ = ["CLOSING", "RESTRICTIONS", "RIGHTS", "TERMINATED_RESTRICTIONS", "TERMINATED_RIGHTS"]
