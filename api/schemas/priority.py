"""Priority notices: a place kept before a property."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.codes import codes_of
from api.schemas.properties import Property
from cadastre.domain.priority import NoticeState
from cadastre.services.priority import NoticeOrder, OwnerConsent, TakenNotice


class ConsentAsked(BaseModel):
    """Consent of an owner: a scan of kind owner_consent that the bank handed in, and the owner's FIN."""

    model_config = ConfigDict(extra="forbid")

    document_id: UUID
    owner_fin: Annotated[str, Field(max_length=20)]


class NoticeAsked(BaseModel):
    """What a place is to be kept for; the look at the property is logged under ``purpose``."""

    model_config = ConfigDict(extra="forbid")

    register_number: Annotated[str, Field(max_length=40, examples=["203015000123"])]
    service: Annotated[str, Field(max_length=40, json_schema_extra=codes_of("services"))]
    purpose: Annotated[str, Field(max_length=40, json_schema_extra=codes_of("purposes"))] = "disposal"

    consent: ConsentAsked | None = Field(
        default=None, description="What a bank brings that holds no mortgage of the property yet."
    )

    def to_order(self) -> NoticeOrder:
        """Write it for the service."""
        given = None if self.consent is None else OwnerConsent(**self.consent.model_dump())
        return NoticeOrder(self.register_number, self.service, self.purpose, given)


class PriorityNotice(BaseModel):
    """A notice as it now stands; who has the lowest living place of a property holds the priority."""

    id: UUID = Field(description="`notice_id` of the property in an application that rests on it.")
    register_number: str
    service: str
    state: NoticeState
    holds: bool = Field(description="True: an application may be filed on it now.")
    ahead: int = Field(description="Living notices before this one.")
    queue_number: int
    journal_number: int = Field(description="Its place, and that of the application that rests on it.")
    taken_at: datetime
    expires_at: datetime
    renewals: int
    version: int = Field(description="Version of the property; the application sends it back.")

    @classmethod
    def of(cls, taken: TakenNotice) -> Self:
        """Describe a notice."""
        notice = taken.notice
        return cls(
            id=notice.notice_id,
            register_number=taken.register_number,
            service=notice.service,
            state=notice.state,
            holds=taken.holds,
            ahead=taken.ahead,
            queue_number=notice.queue_number,
            journal_number=notice.journal_number,
            taken_at=notice.taken_at,
            expires_at=notice.expires_at,
            renewals=notice.renewals,
            version=taken.version,
        )


class PriorityTaken(PriorityNotice):
    """A notice that was taken, and the property as the same transaction read it."""

    property: Property


__all__ = ["NoticeAsked", "PriorityNotice", "PriorityTaken"]
