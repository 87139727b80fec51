"""Remembers what every read of the register said after each step, and asks for all of it again at the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import rfc8785

from api.schemas.lineage import Lineage as WrittenLineage
from api.schemas.parcels import Parcel
from api.schemas.properties import Property
from api.schemas.search import PropertyList
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.extract import ExtractRequest, RequestedKind
from cadastre.domain.lineage import Direction
from cadastre.domain.moment import NOW, AskedMoment, Moment
from cadastre.domain.search import ByParcel, Question
from cadastre.kernel.errors import NotFound
from cadastre.kernel.ids import parse_cadastral_number
from cadastre.services.extract_decision import Decision, DeskParts, Draft
from cadastre.services.ledger_clock import run_when_numbered
from cadastre.services.lineage import get_parcel_lineage, get_property_lineage
from cadastre.services.parcels import get_parcel
from cadastre.services.properties import get_property_view
from cadastre.services.search import find_properties
from tests.cadastre.services.registering import Office

REGISTRAR = Caller("registrar-1", CallerRole.REGISTRAR, "Qeydiyyatçı")
OF_ITSELF = {"id", "number", "issued_at", "request", "verification"}
"""What two statements of the same facts differ in."""


def write_json(content: Any) -> bytes:
    """RFC 8785 bytes."""
    return rfc8785.dumps(json.loads(json.dumps(content, default=str)))


@dataclass
class Reader:
    """Reads as a registrar does, of now or of any moment; every answer as canonical JSON."""

    office: Office
    parts: DeskParts

    def section(self, number: str, moment: AskedMoment = NOW) -> bytes:
        """A section; its version names the present only."""
        view = get_property_view(
            self.office.database,
            number,
            caller=REGISTRAR,
            purpose="disposal",
            today=self.office.today(),
            moment=moment,
        )
        return write_json(Property.model_validate(view).model_dump(mode="json", exclude={"version"}))

    def lineage(self, number: str, direction: Direction, moment: AskedMoment) -> bytes:
        """Lineage of a section; which moment was asked for is no part of it."""
        found = get_property_lineage(
            self.office.database,
            number,
            direction,
            caller=REGISTRAR,
            purpose="division",
            today=self.office.today(),
            as_of=moment.as_of,
            known_at=moment.known_at,
        )
        return write_json(_lineage(found))

    def lineage_of_parcel(self, number: str, direction: Direction, moment: AskedMoment) -> bytes:
        """Lineage of a parcel."""
        found = self.office.database.read(
            lambda uow: get_parcel_lineage(
                uow, number, direction, as_of=moment.as_of, known_at=moment.known_at
            )
        )
        return write_json(_lineage(found))

    def parcel(self, number: str, moment: Moment) -> bytes:
        """Public facts of a parcel; b"" when it does not stand."""
        try:
            facts = self.office.database.read(lambda uow: get_parcel(uow, number, moment))
        except NotFound:
            return b""
        return write_json(Parcel.of(facts).model_dump(mode="json"))

    def search(self, question: Question, moment: AskedMoment = NOW) -> bytes:
        """What is found."""
        found = find_properties(
            self.office.database,
            question,
            REGISTRAR,
            purpose="disposal",
            today=self.office.today(),
            limit=50,
            moment=moment,
        )
        return write_json(PropertyList.of(found).model_dump(mode="json"))

    def statement(self, number: str, moment: AskedMoment = NOW, kind: RequestedKind = "certificate") -> bytes:
        """What an extract would say; b"" when nothing may be signed."""
        order = ExtractRequest(
            number, kind, "registry_officer", "Sınaq", "official_duty", moment.as_of, moment.known_at
        )
        draft = run_when_numbered(
            self.office.database,
            lambda uow: Decision(self.parts, uow.connection, order, REGISTRAR).make(),
        )
        if not isinstance(draft, Draft):
            return b""
        said = json.loads(draft.canonical)
        said["state"].pop("historic")
        said["state"].pop("valid_time")  # of the moment itself while it is the present
        return write_json({key: value for key, value in said.items() if key not in OF_ITSELF})


def _lineage(found: Any) -> dict[str, Any]:
    plain = replace(found, as_of=None, known_at=None)
    return WrittenLineage.model_validate(plain).model_dump(mode="json")


@dataclass
class Memory:
    """Answers of the past, each with the question that must give it again."""

    reader: Reader
    kept: list[tuple[str, bytes, Callable[[], bytes]]] = field(default_factory=list)

    def remember(self, step: str, number: str) -> None:
        """Keep all that is said of a section now, and how to ask for it later."""
        reader = self.reader
        section = reader.section(number)
        said = json.loads(section)
        at = AskedMoment(date.fromisoformat(said["as_of"]), said["ledger_index"])
        moment = Moment(at.as_of, at.known_at)  # type: ignore[arg-type]
        self._keep(f"{step}: section {number}", section, lambda: reader.section(number, at))
        for direction in Direction:
            self._keep(
                f"{step}: lineage {direction} of {number}",
                reader.lineage(number, direction, at),
                lambda direction=direction: reader.lineage(number, direction, at),
            )
        self._keep(
            f"{step}: extract of {number}", reader.statement(number, at), lambda: reader.statement(number, at)
        )
        for parcel in said["cadastral_numbers"]:
            self._remember_parcel(step, parcel, moment, at)

    def _remember_parcel(self, step: str, number: str, moment: Moment, at: AskedMoment) -> None:
        reader = self.reader
        self._keep(
            f"{step}: parcel {number}", reader.parcel(number, moment), lambda: reader.parcel(number, moment)
        )
        self._keep(
            f"{step}: lineage of parcel {number}",
            reader.lineage_of_parcel(number, Direction.DOWN, at),
            lambda: reader.lineage_of_parcel(number, Direction.DOWN, at),
        )
        question = ByParcel(parse_cadastral_number(number))
        found = reader.search(question)
        seen = json.loads(found)
        then = AskedMoment(date.fromisoformat(seen["as_of"]), seen["ledger_index"])
        self._keep(f"{step}: search by {number}", found, lambda: reader.search(question, then))

    def _keep(self, what: str, said: bytes, again: Callable[[], bytes]) -> None:
        self.kept.append((what, said, again))

    def list_forgotten(self) -> list[str]:
        """Ask for everything again; gives what is not said as it was, byte for byte."""
        return [what for what, said, again in self.kept if again() != said]


__all__ = ["REGISTRAR", "Memory", "Reader", "write_json"]
