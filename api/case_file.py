"""Applications and scans as files of the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from api.composition import Rooms
from api.schemas.applications import Application, DocumentAsked
from cadastre.db.unit_of_work import Isolation
from cadastre.domain.caller import Caller
from cadastre.domain.document import FORMATS, NewDocument
from cadastre.extract.strict_json import read_object
from cadastre.kernel.errors import InvalidInput, UnreadableInput
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.services.documents import keep_document

MAX_APPLICATION_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Scan:
    """A file that is kept as a document of the case."""

    role: str
    new: NewDocument

    def keep(self, rooms: Rooms, caller: Caller) -> DocumentAsked:
        """Keep the scan and give it as applications name it."""
        document_id = TimeOrderedIds(rooms.clock).new_id()
        rooms.database.run(
            lambda uow: keep_document(uow, self.new, caller, document_id=document_id, today=rooms.today()),
            isolation=Isolation.READ_COMMITTED,
        )
        return DocumentAsked(document_id=document_id, role=self.role)


def read_application(path: Path) -> Application:
    """Read an application from a JSON file.

    Raises
    ------
    UnreadableInput
        No JSON object, or not one of an application; the first faults are named, never the values.
    """
    try:
        return Application.model_validate(read_object(path.read_bytes(), max_bytes=MAX_APPLICATION_BYTES))
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()[:3]
        )
        raise UnreadableInput(f"{path}: {faults}.", code="application-malformed") from None


def read_scan(text: str) -> Scan:
    """Read what ``ROLE:KIND:FILE`` names."""
    role, _, rest = text.partition(":")
    kind, _, name = rest.partition(":")
    path = Path(name)
    media_type = next(
        (media for media, form in FORMATS.items() if form.suffix == path.suffix.lstrip(".")), None
    )
    if not (role and kind and name) or media_type is None:
        known = ", ".join(sorted(form.suffix for form in FORMATS.values()))
        raise InvalidInput(
            f"{text!r} is not ROLE:KIND:FILE with a file that ends in {known}.", code="scan-malformed"
        )
    return Scan(role, NewDocument(kind, path.name, media_type, path.read_bytes(), None))


__all__ = ["Scan", "read_application", "read_scan"]
