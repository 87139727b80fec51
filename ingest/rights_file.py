"""The columns of a rights file, and the reading of one row: what is unreadable becomes findings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from cadastre.domain.codelist import load_codelist
from cadastre.domain.party import PartyKind, PartyMention, list_number_misfits
from cadastre.domain.register_row import Basis, RegisterRow, RestrictionEntry, RightEntry
from cadastre.domain.share import Share, parse_share
from cadastre.domain.unit import UnitKey
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.ids import (
    check_cadastral_number,
    check_fin,
    check_voen,
    parse_cadastral_number,
    parse_fin,
    parse_register_number,
    parse_voen,
)
from cadastre.rules.finding import Finding
from cadastre.rules.packaged import holds_back
from ingest.columns import require_columns
from ingest.rights_cells import RowCells
from ingest.section_cells import FALSE, SECTION_COLUMNS, TRUE, read_section
from ingest.tabular import TableRow

REQUIRED: Final = (
    "cadastral_number",
    "object_kind",
    "party_kind",
    "party_name",
    "right_kind",
    "registration_number",
    "registration_date",
)
OPTIONAL: Final = (
    "register_number",
    "building_number",
    "unit_number",
    "fin",
    "voen",
    "share_numerator",
    "share_denominator",
    "joint",
    "basis_kind",
    "basis_number",
    "basis_date",
    "basis_issuer",
    "right_scope",
    "restriction_scope",
    "restriction_kind",
    "restriction_beneficiary",
    "restriction_until",
    "restriction_rank",
    "restriction_amount",
    "restriction_currency",
    "book_number",
    "sheet_number",
    *SECTION_COLUMNS,
)
_ABSENT: Final = dict.fromkeys((*REQUIRED, *OPTIONAL), "")
_AMOUNT: Final = re.compile(r"\d{1,14}(?:\.\d{1,2})?")
_DETAILS_OF_RESTRICTION: Final = ("beneficiary", "until", "rank", "amount", "currency", "scope")


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row after reading: the entry when it is readable, its findings, and whose property it is of."""

    source: TableRow
    entry: RegisterRow | None
    findings: list[Finding]
    register_number: str | None
    cadastral_number: str | None
    unit: UnitKey | None = None


def place_columns(name: str, columns: Sequence[str]) -> dict[str, int]:
    """Give the position of every column; a wrong header is refused with what is missing and unknown.

    Examples
    --------
    >>> place_columns("r.csv", ["fin", "owner"])
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: r.csv lacks the columns cadastral_number, object_kind, party_kind, \
party_name, right_kind, registration_number, registration_date; it has unknown columns owner.
    """
    return require_columns(name, columns, REQUIRED, OPTIONAL)


class RightsReader:
    """Reads the rows of one file; ``today`` is the day after which no date may lie."""

    def __init__(self, columns: Mapping[str, int], today: date) -> None:
        self._columns = columns
        self._today = today
        self._codes = {
            name: {entry.code: entry for entry in load_codelist(name) if not entry.flag("by_case_only")}
            for name in ("object_kinds", "party_kinds", "right_kinds", "restriction_kinds", "basis_kinds")
        }

    def read(self, source: TableRow) -> ReadRow:
        """Read one row."""
        cells = dict(_ABSENT)
        for name, at in self._columns.items():
            cells[name] = source.cells[at]
        row = _RowReading(source.number, cells, self._today, self._codes)
        register_number, unit = row.register_number(), row.unit()
        cadastral_number = row.cadastral_number()
        blames_land = unit is not None or not row.needs_unit
        numbers = (register_number, cadastral_number if blames_land else None)
        if source.fault is not None:
            rule, seen = source.fault
            row.add(rule, seen=seen)
            return ReadRow(source, None, row.findings, *numbers, unit)
        entry = row.entry(register_number, cadastral_number or "", unit)
        if holds_back(row.findings):
            entry = None
        return ReadRow(source, entry, row.findings, *numbers, unit)


@dataclass(slots=True)
class _RowReading(RowCells):
    """The reading of one row in progress."""

    def register_number(self) -> str | None:
        text = self.cells["register_number"]
        if not text:
            return None
        try:
            return parse_register_number(text)
        except InvalidInput as error:
            self.add("register-number-malformed", reason=error.message)
            return None

    def cadastral_number(self) -> str | None:
        text = self.cells["cadastral_number"]
        if not text and self.needs_unit:
            return None
        codes = check_cadastral_number(text)
        if codes:
            self.add("cadastral-number-malformed", code=codes[0])
            return None
        return parse_cadastral_number(text)

    def entry(
        self, register_number: str | None, cadastral_number: str, unit: UnitKey | None
    ) -> RegisterRow | None:
        object_kind = self.code("object_kind", "object_kinds")
        registration_number = self.registration_number()
        registration_date = self.day("registration_date", past=True)
        if registration_date is None and not self.cells["registration_date"]:
            self.add("date-malformed", column="registration_date", seen="")
        right, restriction = self.right(), self.restriction(registration_date)
        if right is not None:
            self.check_term(right.until, registration_date)
        if right is None and restriction is None and not self.findings:
            self.add("right-missing")
        basis = self.basis(registration_date)
        book, sheet = self.text("book_number", 60), self.text("sheet_number", 60)
        section = read_section(self)
        if holds_back(self.findings) or registration_date is None:
            return None
        self.check_foreigner(object_kind or "", right, basis)
        return RegisterRow(
            self.number,
            register_number,
            cadastral_number,
            object_kind or "",
            registration_number,
            registration_date,
            right,
            restriction,
            basis,
            book,
            sheet,
            unit,
            section,
        )

    def right(self) -> RightEntry | None:
        if not self.cells["right_kind"]:
            return None
        kind = self.code("right_kind", "right_kinds")
        holder = self.party()
        if holder is None:
            return None
        joint = self.joint()
        share = self.share(kind, joint)
        if kind is None or joint is None:
            return None
        if share is None and not joint and (kind == "ownership" or self.has_share):
            return None  # the finding is written
        return RightEntry(kind, holder, share, joint, self.right_term(kind), self.text("right_scope", 300))

    def right_term(self, kind: str) -> date | None:
        """Give the term of a limited right; beside a restriction the term is the restriction's."""
        if kind == "ownership" or self.cells["restriction_kind"]:
            return None
        return self.day("restriction_until", past=False)

    def party(self) -> PartyMention | None:
        if not self.cells["party_name"] and not self.cells["party_kind"]:
            self.add("party-missing")
            return None
        kind = self.code("party_kind", "party_kinds", rule="party-kind-unknown")
        name = self.name("party_name")
        fin = self.number_of("fin", check_fin, parse_fin)
        voen = self.number_of("voen", check_voen, parse_voen)
        if kind is None or name is None:
            return None
        party = PartyMention(PartyKind(kind), name, fin, voen)
        for number in list_number_misfits(party.kind, fin, voen):
            self.add("party-number-misfit", column=number, kind=kind)
        if fin is None and voen is None and party.kind in (PartyKind.NATURAL, PartyKind.LEGAL):
            self.add("party-without-number")
        return party

    def share(self, kind: str | None, joint: bool | None) -> Share | None:
        upper, lower = self.cells["share_numerator"], self.cells["share_denominator"]
        if joint:
            if upper or lower:
                self.add("share-beside-joint")
            return None
        if not upper and not lower:
            if kind == "ownership":
                self.add("share-missing")
            return None
        try:
            return parse_share(upper, lower)
        except InvalidInput as error:
            self.add("share-malformed", reason=error.message)
            return None

    @property
    def has_share(self) -> bool:
        return bool(self.cells["share_numerator"] or self.cells["share_denominator"])

    def joint(self) -> bool | None:
        text = self.cells["joint"].casefold()
        if text in TRUE:
            return True
        if not text or text in FALSE:
            return False
        self.add("joint-unreadable", seen=text[:20])
        return None

    def restriction(self, registered: date | None) -> RestrictionEntry | None:
        if not self.cells["restriction_kind"]:
            self.check_restriction_absent()
            return None
        kind = self.code("restriction_kind", "restriction_kinds")
        beneficiary = self.beneficiary()
        if beneficiary is None and kind in ("mortgage", "pledge"):
            self.add("restriction-beneficiary-missing", kind=kind)
        until = self.day("restriction_until", past=False)
        self.check_term(until, registered)
        amount, currency = self.money()
        scope = self.text("restriction_scope", 300)
        return RestrictionEntry(kind or "", beneficiary, until, self.rank(kind), amount, currency, scope)

    def check_restriction_absent(self) -> None:
        given = [name for name in _DETAILS_OF_RESTRICTION if self.cells[f"restriction_{name}"]]
        if self.cells["right_kind"].casefold() not in ("", "ownership") and given == ["until"]:
            return
        if given:
            self.add("restriction-incomplete", columns=", ".join(given))

    def check_term(self, until: date | None, registered: date | None) -> None:
        if until is not None and registered is not None and until < registered:
            self.add("restriction-until-early", until=until.isoformat())
        elif until is not None and until < self.today:
            self.add("restriction-term-past", until=until.isoformat())

    def beneficiary(self) -> PartyMention | None:
        """Give the party named in restriction_beneficiary, or the row's own when it holds no right."""
        name = self.name("restriction_beneficiary") if self.cells["restriction_beneficiary"] else None
        if self.cells["right_kind"] or not self.cells["party_name"]:
            return None if name is None else PartyMention(PartyKind.LEGAL, name)
        party = self.party()
        if name is not None and party is not None and name != party.name:
            self.add("restriction-party-unclear")
        return party

    def rank(self, kind: str | None) -> int | None:
        text = self.cells["restriction_rank"]
        if not text:
            return None
        if kind == "mortgage" and text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= 99:
            return int(text)
        self.add("restriction-rank-malformed", seen=text[:20])
        return None

    def money(self) -> tuple[Decimal | None, str | None]:
        amount, currency = self.cells["restriction_amount"], self.cells["restriction_currency"].upper()
        if not amount and not currency:
            return None, None
        if not _AMOUNT.fullmatch(amount) or not re.fullmatch(r"[A-Z]{3}", currency):
            self.add("restriction-amount-malformed", seen=f"{amount} {currency}"[:40])
            return None, None
        return Decimal(amount), currency

    def basis(self, registered: date | None) -> Basis | None:
        number, dated = self.text("basis_number", 120), self.day("basis_date", past=True)
        issuer = self.text("basis_issuer", 200)
        if not self.cells["basis_kind"]:
            if number or dated or issuer:
                self.add("basis-incomplete")
            return None
        kind = self.code("basis_kind", "basis_kinds")
        if dated is not None and registered is not None and dated > registered:
            self.add("basis-after-registration", dated=dated.isoformat(), registered=registered.isoformat())
        return None if kind is None else Basis(kind, number, dated, issuer)

    def check_foreigner(self, object_kind: str, right: RightEntry | None, basis: Basis | None) -> None:
        if right is None or not right.holder.kind.is_foreign:
            return
        if not self.flag("object_kinds", object_kind, "is_land"):
            return
        if self.flag("right_kinds", right.kind, "foreigners_on_land"):
            return
        inherited = basis is not None and basis.kind == "inheritance_certificate"
        self.add("right-foreign-inherited" if inherited else "right-foreign-land", right=right.kind)


__all__ = ["OPTIONAL", "REQUIRED", "ReadRow", "RightsReader", "place_columns"]
