"""What this register holds, for whoever sets one up."""

from __future__ import annotations

from dataclasses import dataclass

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.store.contents import (
    count_loaded,
    find_example_property,
    find_example_unit,
    holds_anything,
    list_loaded_files,
)
from cadastre.store.deployment import is_synthetic


@dataclass(frozen=True, slots=True)
class Contents:
    """Whether there is anything, rows accepted by kind of load, files loaded, properties to try."""

    empty: bool
    loaded: dict[str, int]
    files: frozenset[str]
    synthetic: bool
    example_register_number: str | None
    example_unit_register_number: str | None


def describe_contents(uow: UnitOfWork) -> Contents:
    """Tell what was loaded; names no person."""
    connection = uow.connection
    return Contents(
        empty=not holds_anything(connection),
        loaded=count_loaded(connection),
        files=list_loaded_files(connection),
        synthetic=is_synthetic(connection),
        example_register_number=find_example_property(connection),
        example_unit_register_number=find_example_unit(connection),
    )


__all__ = ["Contents", "describe_contents"]
