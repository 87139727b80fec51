"""Reads the entries of a section that have ended by a moment."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection

from cadastre.db.prepared import PreparedQuery, fetch, written
from cadastre.domain.moment import Moment
from cadastre.store.property_entries import TERMINATED_RESTRICTIONS, TERMINATED_RIGHTS
from cadastre.store.standing import bound


@cache
def _queries() -> tuple[PreparedQuery, PreparedQuery]:
    return written(TERMINATED_RIGHTS), written(TERMINATED_RESTRICTIONS)


def list_terminated(connection: Connection, property_id: int, at: Moment) -> tuple[list[Any], list[Any]]:
    """Give the rights and the restrictions that were known and over at a moment, in registration order."""
    values = bound(at, property=property_id)
    rights, restrictions = (fetch(connection, query, values) for query in _queries())
    return rights, restrictions


__all__ = ["list_terminated"]
