"""Orders for many extracts, and watched sections."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.errors import ONE_LINE
from api.schemas.codes import codes_of
from cadastre.domain.extract import ExtractRequest, RequestedKind
from cadastre.services.batches import MOST_NUMBERS, BatchOrder, BatchPage, BatchState
from cadastre.services.watches import MOST_AT_ONCE

Line = Annotated[str, StringConstraints(pattern=ONE_LINE, strip_whitespace=True)]
Number = Annotated[Line, Field(max_length=40)]


class BatchAsked(BaseModel):
    """One application for the extracts of many numbers."""

    model_config = ConfigDict(extra="forbid")

    register_numbers: Annotated[list[Number], Field(min_length=1, max_length=MOST_NUMBERS)]
    kind: RequestedKind = "extract"
    capacity: Annotated[Line, Field(max_length=40, json_schema_extra=codes_of("applicant_capacities"))]
    basis: Annotated[Line, Field(max_length=300)]
    purpose: Annotated[Line, Field(max_length=40, json_schema_extra=codes_of("purposes"))]
    acting_for: Annotated[Line, Field(max_length=300)] | None = None
    as_of: date | None = None

    def to_order(self) -> BatchOrder:
        """Write the order for the desk."""
        template = ExtractRequest(
            "", self.kind, self.capacity, self.basis, self.purpose, self.as_of, None, self.acting_for
        )
        return BatchOrder(tuple(self.register_numbers), template)


class Batch(BaseModel):
    """How far an order has come."""

    id: UUID
    kind: str
    items: int
    done: int = Field(description="Decided so far, one way or the other.")
    failed: int = Field(description="Of these, without an extract; each result says why.")
    submitted_at: datetime
    ended_at: datetime | None = Field(description="When the last was decided.")

    @classmethod
    def of(cls, state: BatchState) -> Batch:
        """Write a state as it goes over the wire."""
        return cls(
            id=state.batch_id,
            kind=state.kind,
            items=state.items,
            done=state.done,
            failed=state.failed,
            submitted_at=state.submitted_at,
            ended_at=state.ended_at,
        )


class BatchResult(BaseModel):
    """What became of one number: an extract, a problem, or nothing yet."""

    place: int = Field(description="Its place in the order, from 1.")
    register_number: str
    extract_id: UUID | None
    problem: str | None = Field(description="Code, as a single application would have been refused with.")


class BatchResults(BaseModel):
    """A page of results; ``after`` is what the next one is asked with, null after the last."""

    results: list[BatchResult]
    after: int | None

    @classmethod
    def of(cls, page: BatchPage) -> BatchResults:
        """Write a page as it goes over the wire."""
        results = [
            BatchResult(
                place=row.place,
                register_number=row.register_number,
                extract_id=row.extract_id,
                problem=row.problem,
            )
            for row in page.items
        ]
        return cls(results=results, after=page.after)


class WatchAsked(BaseModel):
    """Sections to be told of."""

    model_config = ConfigDict(extra="forbid")

    register_numbers: Annotated[list[Number], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Watched(BaseModel):
    """What became of each number: ``watched``, or the code of a problem."""

    results: dict[str, str]


class WatchList(BaseModel):
    """Numbers that the account watches; the next page is asked for after the last."""

    register_numbers: list[str]


__all__ = ["Batch", "BatchAsked", "BatchResults", "WatchAsked", "WatchList", "Watched"]
