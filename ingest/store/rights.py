"""Sets of a rights load: staged rows, what the register knows of them, and their promotion."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from cadastre.domain.codelist import load_codelist
from cadastre.domain.register_row import RegisterRow, SectionFacts
from cadastre.domain.unit import UnitKey
from cadastre.kernel.errors import Conflict
from ingest.load_transaction import LoadTransaction
from ingest.store.copying import copy_rows
from ingest.store.sections import list_sections, read_sql

_REMINT_ROUNDS: Final = 1000
_ROW_COLUMNS: Final = (
    "row_number",
    "attributes",
    "readable",
    "register_number",
    "cadastral_number",
    "building_number",
    "unit_number",
    "object_kind",
    "registration_number",
    "registration_date",
    "right_kind",
    "holder_kind",
    "holder_name",
    "holder_fin",
    "holder_voen",
    "share_numerator",
    "share_denominator",
    "joint",
    "restriction_kind",
    "beneficiary_kind",
    "beneficiary_name",
    "beneficiary_fin",
    "beneficiary_voen",
    "until",
    "rank",
    "amount",
    "currency",
    "basis_kind",
    "basis_number",
    "basis_date",
    "basis_issuer",
    "right_scope",
    "restriction_scope",
    "book_number",
    "sheet_number",
)
_SECTION_COLUMNS: Final = tuple(field.name for field in fields(SectionFacts))
_VERDICT_COLUMNS: Final = (
    "row_number",
    "group_key",
    "accepted",
    "opens_right",
    "opens_restriction",
    "holder",
    "beneficiary",
)
_LOCK: Final = """
    LOCK TABLE cadastre.property, cadastre.property_object, cadastre.property_right, cadastre.restriction,
               party.party IN SHARE ROW EXCLUSIVE MODE
"""
_PLACED: Final = """
    SELECT {columns}, g.group_key, o.object_key IS NOT NULL, o.object_of, o.unit_kind, o.stands_on,
           o.district_code, c.claimed_by, t.register_number IS NOT NULL,
           hf.party_id, hf.kind, hf.name, hf.other,
           hv.party_id, hv.kind, hv.name, hv.other,
           bf.party_id, bf.kind, bf.name, bf.other,
           bv.party_id, bv.kind, bv.name, bv.other
      FROM rights_row r
      JOIN rights_group g USING (row_number)
      LEFT JOIN rights_claim c ON c.object_key = r.object_key
      LEFT JOIN rights_object o ON o.object_key = r.object_key
      LEFT JOIN cadastre.property t ON t.register_number = r.register_number
      LEFT JOIN rights_fin hf ON hf.fin = r.holder_fin
      LEFT JOIN rights_voen hv ON hv.voen = r.holder_voen
      LEFT JOIN rights_fin bf ON bf.fin = r.beneficiary_fin
      LEFT JOIN rights_voen bv ON bv.voen = r.beneficiary_voen
     ORDER BY g.first_row, g.group_key, r.row_number
""".format(columns=", ".join(f"r.{column}" for column in _ROW_COLUMNS if column != "attributes"))


class PlacedValues(NamedTuple):
    """A staged row and what is known beside it, in the order of the query.

    The last facts are those of the holder's and the beneficiary's FİN and VÖEN: registered
    party, kind, name, and the other number of whoever has this one.
    """

    row_number: int
    readable: bool
    register_number: str | None
    cadastral_number: str | None
    building_number: str | None
    unit_number: str | None
    object_kind: str | None
    registration_number: str | None
    registration_date: date | None
    right_kind: str | None
    holder_kind: str | None
    holder_name: str | None
    holder_fin: str | None
    holder_voen: str | None
    share_numerator: int | None
    share_denominator: int | None
    joint: bool | None
    restriction_kind: str | None
    beneficiary_kind: str | None
    beneficiary_name: str | None
    beneficiary_fin: str | None
    beneficiary_voen: str | None
    until: date | None
    rank: int | None
    amount: Decimal | None
    currency: str | None
    basis_kind: str | None
    basis_number: str | None
    basis_date: date | None
    basis_issuer: str | None
    right_scope: str | None
    restriction_scope: str | None
    book_number: str | None
    sheet_number: str | None
    group_key: str
    object_known: bool
    object_of: str | None
    unit_kind: str | None
    stands_on: str | None
    district_code: str | None
    claimed_by: str | None
    number_taken: bool
    hf_party: str | None
    hf_kind: str | None
    hf_name: str | None
    hf_other: str | None
    hv_party: str | None
    hv_kind: str | None
    hv_name: str | None
    hv_other: str | None
    bf_party: str | None
    bf_kind: str | None
    bf_name: str | None
    bf_other: str | None
    bv_party: str | None
    bv_kind: str | None
    bv_name: str | None
    bv_other: str | None


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A row on its way to staging; ``entry`` is None when it could not be read."""

    number: int
    attributes: Mapping[str, str]
    entry: RegisterRow | None
    register_number: str | None
    cadastral_number: str | None
    unit: UnitKey | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one row."""

    row: int
    group_key: str
    accepted: bool
    opens_right: bool
    opens_restriction: bool
    holder: str | None
    beneficiary: str | None


def begin(transaction: LoadTransaction) -> None:
    """Let other writers of rights wait, readers go on, and make the temporary tables."""
    transaction.execute(_LOCK)
    transaction.execute(read_sql("rights_staging"))


def stage_rows(transaction: LoadTransaction, rows: Iterable[StagedRow]) -> None:
    """Append rows as read."""
    copy_rows(transaction, "rights_row", (*_ROW_COLUMNS, *_SECTION_COLUMNS), map(_staged_values, rows))


def stage_verdicts(transaction: LoadTransaction, verdicts: Iterable[Verdict]) -> None:
    """Append what became of rows."""
    values = (
        (v.row, v.group_key, v.accepted, v.opens_right, v.opens_restriction, v.holder, v.beneficiary)
        for v in verdicts
    )
    copy_rows(transaction, "rights_verdict", _VERDICT_COLUMNS, values)


def stream_placed(transaction: LoadTransaction) -> Iterator[PlacedValues]:
    """Yield all staged rows beside what is known of them, the rows of one property together.

    The transaction must have opened its leaf: parties are read.
    """
    transaction.execute(read_sql("rights_placement"))
    return map(PlacedValues._make, transaction.stream(_PLACED))


def promote(transaction: LoadTransaction) -> None:
    """Bring the accepted rows into the register and the others into staging, under the recorded load.

    The deferred checks (ownership shares) are made before it returns.
    """
    bound = {
        "load_id": transaction.load_id,
        "leaf_id": transaction.leaf_id,
        "with_building": [
            entry.code for entry in load_codelist("object_kinds") if entry.flag("has_building")
        ],
    }
    transaction.execute("ANALYZE rights_verdict")
    for section in list_sections("rights_promotion"):
        if section.name == "remint":
            _remint(transaction, section.sql)
        else:
            transaction.execute(section.sql, bound)
    transaction.execute("SET CONSTRAINTS cadastre.tg_property_right_shares IMMEDIATE")


def _remint(transaction: LoadTransaction, statement: str) -> None:
    for _ in range(_REMINT_ROUNDS):
        if not transaction.fetch(statement):
            return
    raise Conflict("No free register number was found; nothing was changed.", code="no-free-register-number")


def _staged_values(row: StagedRow) -> Sequence[object]:
    head = (row.number, json.dumps(row.attributes, ensure_ascii=False).replace("\\u0000", "\u2400"))
    entry = row.entry
    if entry is None:
        numbers = (row.register_number, row.cadastral_number, *(row.unit or (None, None)))
        return (*head, False, *numbers, *[None] * (len(_ROW_COLUMNS) - 7 + len(_SECTION_COLUMNS)))
    right, restriction, basis = entry.right, entry.restriction, entry.basis
    holder = right.holder if right else None
    beneficiary = restriction.beneficiary if restriction else None
    share = right.share if right else None
    return (
        *head,
        True,
        entry.register_number,
        entry.cadastral_number or None,
        *(entry.unit or (None, None)),
        entry.object_kind,
        entry.registration_number,
        entry.registration_date,
        right and right.kind,
        holder and holder.kind.value,
        holder and holder.name,
        holder and holder.fin,
        holder and holder.voen,
        share and share.numerator,
        share and share.denominator,
        right.joint if right else None,
        restriction and restriction.kind,
        beneficiary and beneficiary.kind.value,
        beneficiary and beneficiary.name,
        beneficiary and beneficiary.fin,
        beneficiary and beneficiary.voen,
        restriction.until if restriction else right and right.until,
        restriction and restriction.rank,
        restriction and restriction.amount,
        restriction and restriction.currency,
        basis and basis.kind,
        basis and basis.number,
        basis and basis.dated,
        basis and basis.issuer,
        right and right.scope,
        restriction and restriction.scope,
        entry.book_number,
        entry.sheet_number,
        *(getattr(entry.section, name) for name in _SECTION_COLUMNS),
    )


__all__ = [
    "PlacedValues",
    "StagedRow",
    "Verdict",
    "begin",
    "promote",
    "stage_rows",
    "stage_verdicts",
    "stream_placed",
]
