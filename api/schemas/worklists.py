"""Worklists as they are answered: their names in three languages, and what waits in each."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from cadastre.domain.codelist import Entry, Language
from cadastre.services.worklists import WorkItem, Worklist, tell_finding


class Name(BaseModel):
    """A name in three languages."""

    az: str
    en: str
    ru: str


class WorklistLine(BaseModel):
    """A list that there is: its name, what it is about, and what is done about its items."""

    name: str
    title: Name
    what_to_do: Name
    subject: str = Field(description="parcel, property, case, entry or finding.")
    next_steps: list[str] = Field(description="Steps of a case that end its waiting; empty for others.")


class Worklists(BaseModel):
    """All lists, in the order in which they are shown."""

    worklists: list[WorklistLine]


class WorkItemShown(BaseModel):
    """One thing that waits; no party and no name of one."""

    key: int = Field(description="Its place in the list; the next page is asked for after the last one.")
    subject: str = Field(description="Cadastral, register, registration or journal number.")
    district_codes: list[str]
    office_code: str
    case_id: UUID | None
    since: date | datetime | None
    due: date | datetime | None
    is_late: bool
    due_certain: bool = Field(description="False: decisions on holidays of that time are not all known.")
    facts: dict[str, JsonValue]


class WorklistShown(WorklistLine):
    """A page of a list; ``after`` is what the next one is asked with, null after the last."""

    items: list[WorkItemShown]
    after: int | None


def write_line(entry: Entry) -> WorklistLine:
    """Write what a list is."""
    return WorklistLine(
        name=entry.code,
        title=Name(az=entry.az, en=entry.en, ru=entry.ru),
        what_to_do=Name(az=entry.text("do_az"), en=entry.text("do_en"), ru=entry.text("do_ru")),
        subject=entry.text("subject"),
        next_steps=list(entry.texts("steps")),
    )


def write_worklist(found: Worklist, language: Language, today: date) -> WorklistShown:
    """Write a page of a list; findings speak in one language."""
    items = [_item(item, language, today) for item in found.items]
    return WorklistShown(**write_line(found.entry).model_dump(), items=items, after=found.after)


def _item(item: WorkItem, language: Language, today: date) -> WorkItemShown:
    told = dict(tell_finding(item, language, today))
    rule = {} if item.rule is None else {"rule": item.rule, **told}
    return WorkItemShown(
        key=item.key,
        subject=item.subject,
        district_codes=list(item.districts),
        office_code=item.office_code,
        case_id=item.case_id,
        since=item.since,
        due=item.due,
        is_late=item.is_late,
        due_certain=item.is_certain,
        facts={**rule, **item.facts},
    )


__all__ = ["WorklistShown", "Worklists", "write_line", "write_worklist"]
