"""Servitudes that other sections bear for a section: entered there, and read here too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from cadastre.store.standing import standing
from cadastre.store.tables import property_, restriction

_serving = property_.alias("serving")


def list_servitudes() -> ScalarSelect[Any]:
    """Give what other sections bear for a row of ``property`` at a moment (bound): where, by what number."""
    borne = func.jsonb_build_object(
        literal_column("'kind'"),
        restriction.c.kind,
        literal_column("'register_number'"),
        _serving.c.register_number,
        literal_column("'registration_number'"),
        restriction.c.registration_number,
        literal_column("'registration_date'"),
        restriction.c.registration_date,
        literal_column("'until'"),
        restriction.c.until,
        type_=JSONB,
    )
    listed = func.jsonb_agg(aggregate_order_by(borne, restriction.c.restriction_id.asc()), type_=JSONB)
    return (
        select(func.coalesce(listed, func.jsonb_build_array(type_=JSONB), type_=JSONB))
        .where(
            restriction.c.benefits_property_id == property_.c.property_id,
            _serving.c.property_id == restriction.c.property_id,
            standing(restriction),
        )
        .correlate(property_)
        .scalar_subquery()
    )


__all__ = ["list_servitudes"]
