"""Paper extracts (kupça) of a section, as part of the question for the section itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from cadastre.store.standing import known
from cadastre.store.subject_tables import paper_extract
from cadastre.store.tables import property_


def list_papers() -> ScalarSelect[Any]:
    """Give the papers of a row of ``property`` known at a moment (bound): series, number, state, day."""
    paper = func.jsonb_build_object(
        literal_column("'series'"),
        paper_extract.c.series,
        literal_column("'number'"),
        paper_extract.c.number,
        literal_column("'state'"),
        paper_extract.c.state,
        literal_column("'issued_on'"),
        paper_extract.c.issued_on,
        type_=JSONB,
    )
    listed = func.jsonb_agg(aggregate_order_by(paper, paper_extract.c.paper_id.asc()), type_=JSONB)
    return (
        select(func.coalesce(listed, func.jsonb_build_array(type_=JSONB), type_=JSONB))
        .where(paper_extract.c.property_id == property_.c.property_id, known(paper_extract))
        .correlate(property_)
        .scalar_subquery()
    )


__all__ = ["list_papers"]
