"""The header of a table whose columns are agreed."""

from __future__ import annotations

from collections.abc import Sequence

from cadastre.kernel.errors import InvalidInput


def require_columns(
    name: str, columns: Sequence[str], required: Sequence[str], optional: Sequence[str]
) -> dict[str, int]:
    """Give the position of every column of a table whose columns are ``required`` and ``optional``.

    Raises
    ------
    InvalidInput
        A required column is missing, or there is one that is neither.
    """
    placed = {column.casefold(): at for at, column in enumerate(columns)}
    missing = [column for column in required if column not in placed]
    unknown = [column for column in columns if column.casefold() not in {*required, *optional}]
    faults = []
    if missing:
        faults.append(f"lacks the columns {', '.join(missing)}")
    if unknown:
        faults.append(f"{'it ' if missing else ''}has unknown columns {', '.join(unknown[:20])}")
    if faults:
        raise InvalidInput(
            f"{name} {'; '.join(faults)}.", code="wrong-header", missing=missing, unknown=unknown[:20]
        )
    return placed


__all__ = ["require_columns"]
