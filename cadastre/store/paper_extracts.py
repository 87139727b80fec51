"""Paper extracts (kupça) of a section, as part of the question for the section itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from cadastre.domain.moment import Moment
from cadastre.store.standing import known
from cadastre.store.subject_tables import paper_extract
from cadastre.store.tables import property_


def list_papers(at: Moment) -> ScalarSelect[Any]:
    """Give the papers of a row of ``property`` known at a moment: series, number, state, day of issue."""
    paper = func.jsonb_build_object(
        "series",
        paper_extract.c.series,
        "number",
        paper_extract.c.number,
        "state",
        paper_extract.c.state,
        "issued_on",
        paper_extract.c.issued_on,
        type_=JSONB,
    )
    listed = func.jsonb_agg(aggregate_order_by(paper, paper_extract.c.paper_id.asc()), type_=JSONB)
    return (
        select(func.coalesce(listed, func.jsonb_build_array(type_=JSONB), type_=JSONB))
        .where(paper_extract.c.property_id == property_.c.property_id, known(paper_extract, at))
        .correlate(property_)
        .scalar_subquery()
    )


__all__ = ["list_papers"]
