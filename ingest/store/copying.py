"""COPY from Python values: the one fast way into PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from ingest.load_transaction import LoadTransaction

_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_NAME: Final = re.compile(r"[a-z_][a-z0-9_.]*")


def copy_rows(
    transaction: LoadTransaction, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Append rows to a table; None is NULL, everything else is written as ``str`` gives it."""
    if not all(_NAME.fullmatch(name) for name in (table, *columns)):
        raise ValueError(f"not a table or column name: {table} {columns}")
    lines = "".join("\t".join(map(_field, row)) + "\n" for row in rows)
    transaction.copy_text(f"COPY {table} ({', '.join(columns)}) FROM STDIN", lines)


def _field(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    text = value if isinstance(value, str) else str(value)
    if text.isprintable() and "\\" not in text:
        return text
    return text.translate(_ESCAPES)


__all__ = ["copy_rows"]
