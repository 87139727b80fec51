"""News of the office, and how far somebody has read them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from cadastre.services.events import Audience, Event, Page


class EventBody(BaseModel):
    """One piece of news; the same ``event_id`` may come again, it says the same then."""

    model_config = ConfigDict(from_attributes=True)

    event_id: int
    kind: str = Field(examples=["case.registered", "priority.holds", "property.changed"])
    ledger_index: int = Field(description="Orders the news; what is acknowledged is named by it.")
    recorded_at: datetime
    payload: dict[str, JsonValue] = Field(description="Numbers and codes; no personal data.")

    @classmethod
    def of(cls, event: Event) -> Self:
        """Describe a piece of news."""
        return cls.model_validate(event)


class EventPage(BaseModel):
    """News in the order of the ledger; ask again with ``after`` = ``last_index``."""

    events: list[EventBody]
    last_index: int

    @classmethod
    def of(cls, page: Page) -> Self:
        """Describe a page."""
        return cls(events=[EventBody.of(event) for event in page.events], last_index=page.last_index)


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Acknowledgement(_Asked):
    """Everything up to an index has arrived."""

    index: Annotated[int, Field(ge=0, le=2**53 - 1)]
    audience: Audience = Audience.ACCOUNT


class Acknowledged(BaseModel):
    """How far the news are acknowledged now."""

    acknowledged_index: int


class SubscriptionAsked(_Asked):
    """Where news are sent to; null ends it, they can then be asked for only."""

    webhook_url: Annotated[str, Field(max_length=500, examples=["https://example.org/kadastr"])] | None


def write_event(event: Event) -> dict[str, Any]:
    """Write a piece of news as it is sent to an address."""
    return EventBody.of(event).model_dump(mode="json")


__all__ = ["Acknowledged", "Acknowledgement", "EventBody", "EventPage", "SubscriptionAsked", "write_event"]
