"""Questions for sections of the register by something other than their number."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from address_registry import parse_entrance_number, parse_street
from api.schemas.codes import codes_of
from cadastre.domain.search import (
    ByAddress,
    ByPaper,
    ByParcel,
    ByParty,
    FoundProperties,
    Question,
)
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.ids import parse_cadastral_number, parse_paper_series
from cadastre.kernel.person_numbers import parse_fin, parse_voen
from cadastre.kernel.text import clean_text

_HOW = "Give exactly one of fin, voen, paper, cadastral_number and address."


class PropertyQuestion(BaseModel):
    """One thing to find sections by, and what for."""

    model_config = ConfigDict(extra="forbid")

    fin: str | None = Field(default=None, max_length=20, description="FİN of a holder.")
    voen: str | None = Field(default=None, max_length=20, description="VÖEN of a holder or mortgagee.")
    paper: str | None = Field(default=None, max_length=30, examples=["RX 0123456"])
    cadastral_number: str | None = Field(default=None, max_length=60)
    address: str | None = Field(
        default=None,
        max_length=200,
        description="Street, then a comma and the house.",
        examples=["Nizami küç., 7"],
    )
    district: str | None = Field(
        default=None, max_length=10, description="Codelist districts; for an address."
    )
    purpose: str = Field(
        max_length=40, description="Codelist purposes; logged.", json_schema_extra=codes_of("purposes")
    )
    as_of: date | None = Field(
        default=None, description="Day of the law's time. Else the day of known_at, or today."
    )
    known_at: str | None = Field(
        default=None,
        max_length=40,
        description="Ledger index, or instant with offset: what was recorded by then.",
        examples=["4711"],
    )
    limit: int = Field(default=50, ge=1, le=200)

    def question(self) -> Question:
        """Read what is asked by.

        Raises
        ------
        InvalidInput
            Nothing, two things, or something malformed.
        """
        asked = [self.fin, self.voen, self.paper, self.cadastral_number, self.address]
        if sum(value is not None for value in asked) != 1 or (self.district and self.address is None):
            raise InvalidInput(_HOW, code="bad-question")
        if self.fin is not None:
            return ByParty(fin=parse_fin(self.fin))
        if self.voen is not None:
            return ByParty(voen=parse_voen(self.voen))
        if self.paper is not None:
            paper = parse_paper_series(self.paper)
            return ByPaper(paper[:2], paper[2:])
        if self.cadastral_number is not None:
            return ByParcel(parse_cadastral_number(self.cadastral_number))
        return self._address(clean_text(self.address or "", field="address"))

    def _address(self, text: str) -> ByAddress:
        """Read a street and a house: what stands before the street (a settlement) does not count."""
        *street, last = [part.strip() for part in text.split(",")]
        house = parse_entrance_number(last) if street and last[:1].isdigit() else None
        key = parse_street(street[-1] if house else last).key
        if not key:
            raise InvalidInput("The address names no street.", code="bad-question")
        return ByAddress(key, house, self.district)


class PropertySummary(BaseModel):
    """A section that was found; its rights are read by its number."""

    register_number: str
    object_kind: str
    district_code: str
    is_closed: bool
    cadastral_numbers: list[str]
    held_as: list[str] = Field(
        description="As what the party asked for stands in it (right_kinds, restriction_kinds)."
    )


class PropertyList(BaseModel):
    """Sections in the order of their numbers."""

    properties: list[PropertySummary]
    more: bool = Field(description="There are others; ask more narrowly or raise limit.")
    as_of: date = Field(description="Day of the law's time that is shown.")
    ledger_index: int = Field(description="Newest ledger entry that this answer knows of (known_at).")

    @classmethod
    def of(cls, found: FoundProperties) -> Self:
        """Describe what was found."""
        return cls(
            properties=[
                PropertySummary(
                    register_number=each.register_number,
                    object_kind=each.object_kind,
                    district_code=each.district_code,
                    is_closed=each.is_closed,
                    cadastral_numbers=list(each.cadastral_numbers),
                    held_as=list(each.held_as),
                )
                for each in found.properties
            ],
            more=found.more,
            as_of=found.as_of,
            ledger_index=found.ledger_index,
        )


__all__ = ["PropertyList", "PropertyQuestion", "PropertySummary"]
