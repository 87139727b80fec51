"""Judges what concurrent askers were answered: each extract against its serial re-issue, and against whose it is.

Three ways of finding a leak, none of which rests on another: the words of other families in it, the same
statement decided once more, alone, at its (valid time, ledger index), and the owners as plain rows say.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.db.unit_of_work import Isolation, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.codelist import load_codelist
from cadastre.domain.extract import ExtractRequest
from cadastre.domain.look import Subject
from cadastre.domain.moment import Moment
from cadastre.extract.jws import verify_detached
from cadastre.extract.kinds import StatementKind
from cadastre.kernel.clock import FixedClock
from cadastre.kernel.errors import CadastreError
from cadastre.services.extract_decision import BAKU, Decision, DeskParts, Draft
from cadastre.store.ledger import append_leaf
from cadastre.store.properties import PropertyRows
from tests.proof.extract_askers import Account
from tests.proof.extract_ground import Family

AT_ONCE: Final = 200
"""Re-issues that one transaction makes, and takes back."""
_FAMILIES = text("""
    WITH RECURSIVE kin AS (
        SELECT property_id AS root, property_id FROM unnest(CAST(:roots AS bigint[])) AS r (property_id)
         UNION SELECT kin.root, l.to_property_id
                 FROM kin JOIN cadastre.property_lineage l ON l.from_property_id = kin.property_id
    ) SELECT root, property_id, register_number FROM kin JOIN cadastre.property USING (property_id)
""")
_OWNERS = text("""
    SELECT p.name || ' ' || CASE WHEN r.joint THEN 'joint'
                                 ELSE r.share_numerator || '/' || r.share_denominator END
      FROM cadastre.property_right r
      JOIN party.party p USING (party_id)
      JOIN ledger.leaf opened ON opened.leaf_id = r.recorded_leaf
      LEFT JOIN ledger.leaf closed ON closed.leaf_id = r.superseded_leaf
     WHERE r.property_id = :property AND r.kind = 'ownership' AND opened.ledger_index <= :index
       AND (closed.ledger_index IS NULL OR closed.ledger_index > :index)
       AND r.valid_from <= :day AND (r.valid_to IS NULL OR r.valid_to > :day)
     ORDER BY 1
""")


class _Replay:
    """Gives the identifiers that a statement has."""

    def __init__(self, *known: UUID) -> None:
        self._left = list(known)

    def new_id(self) -> UUID:
        return self._left.pop(0)


class Reissue(Decision):
    """The decision that ships, made once more at the state that a statement names; nothing is entered."""

    def __init__(
        self, parts: DeskParts, connection: Connection, line: Mapping[str, Any], by: Account, leaf: int
    ) -> None:
        asked, self.line, self.look = line["asked"], line, leaf
        issued = datetime.fromisoformat(line["issued_at"])
        again = replace(
            parts,
            clock=FixedClock(issued.astimezone(UTC)),
            ids=_Replay(uuid4(), UUID(line["id"])),
            new_token=lambda: str(line["token"]),
        )
        request = ExtractRequest(
            asked["register_number"],
            asked["kind"],
            by.capacity,
            asked["basis"],
            by.purpose,
            None,
            asked.get("known_at"),
            asked["acting_for"],
        )
        caller = Caller(by.subject, CallerRole(by.role), by.name, fin=by.fin, voen=by.voen)
        super().__init__(again, connection, request, caller)
        self.head = int(line["state"]["ledger_index"])

    def _moment(self) -> tuple[Moment, bool]:
        state = self.line["state"]
        day = datetime.fromisoformat(state["valid_time"]).astimezone(BAKU).date()
        return Moment(day, state["ledger_index"]), bool(state["historic"])

    def _log_request(self, shown: tuple[Subject, ...]) -> int:
        return self.look

    def _is_own_today(self, property_id: int | None) -> bool:
        return True  # it was when he asked, and may not be any more; whose it is, its marks tell

    def _write(
        self, kind: StatementKind, rows: PropertyRows | None, moment: Moment, *, historic: bool
    ) -> bytes:
        self.journal_number = int(self.line["request"]["number"].rpartition("-")[2])
        self.document_number = int(self.line["number"].removeprefix("EX"))
        return super()._write(kind, rows, moment, historic=historic)

    def _record(self, *_: object) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that is not what it should be, and why."""

    why: str
    line: Mapping[str, Any]

    @property
    def extract_id(self) -> str:
        """Which extract it is; empty for a refusal."""
        return str(self.line.get("id", ""))


@dataclass
class Judgement:
    """What was found in the answers: faults, and how much of what was judged."""

    faults: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    once: dict[str, set[str]] = field(default_factory=lambda: {"id": set(), "number": set(), "token": set()})

    def add(self, other: Judgement) -> None:
        """Take in what another judge found in other answers."""
        self.faults += other.faults
        self.counts += other.counts
        for name, seen in other.once.items():
            for each in sorted(seen):
                self.see(name, {name: each})

    def see(self, name: str, line: Mapping[str, Any]) -> None:
        """Remember what may be given only once."""
        if line[name] in self.once[name]:
            self.faults.append(Fault(f"its {name} was given before", line))
        self.once[name].add(line[name])


class Judge:
    """Judges answers over a register at rest."""

    def __init__(
        self,
        parts: DeskParts,
        keys: Mapping[str, Ed25519PublicKey],
        superuser_url: str,
        families: Sequence[Family],
        accounts: Sequence[Account],
    ) -> None:
        self.parts, self.keys = parts, keys
        self.accounts = {each.subject: each for each in accounts}
        self.engine = create_engine(superuser_url, poolclass=NullPool)
        self.purposes = load_codelist("purposes")
        roots = {each.property_id: each.mark for each in families}
        self.owners: dict[tuple[str, int, date], list[str]] = {}
        self.sections: dict[str, int] = {}
        self.numbers: dict[str, set[str]] = {mark: set() for mark in roots.values()}
        with self.engine.connect() as connection:
            for row in connection.execute(_FAMILIES, {"roots": list(roots)}):
                self.numbers[roots[row.root]].add(row.register_number)
                self.sections[row.register_number] = row.property_id

    def judge(self, lines: Iterator[Mapping[str, Any]]) -> Judgement:
        """Judge answers in the order in which they were written down."""
        found, waiting = Judgement(), []
        for line in lines:
            found.counts["answers"] += 1
            found.counts["asked again"] += line["tries"] - 1
            if line["status"] != 201:
                found.counts[str(line["code"])] += 1
                if (line["status"], line["code"]) != self._refusal(line):
                    found.faults.append(Fault("refused", line))
                continue
            found.counts[f"kind {line['kind']}"] += 1
            found.faults += [Fault(why, line) for why in self.list_strange(line)]
            for name in found.once:
                found.see(name, line)
            waiting.append(line)
            if len(waiting) == AT_ONCE:
                found.faults += self.reissue(waiting)
                waiting = []
        found.faults += self.reissue(waiting)
        return found

    def _refusal(self, line: Mapping[str, Any]) -> tuple[int, str]:
        """The one refusal that an asker may meet: what is not his own is not found."""
        return (404, "property-not-found") if self.accounts[line["by"]].mark else (201, "")

    def list_strange(self, line: Mapping[str, Any]) -> list[str]:
        """Tell what in an answer is not of the section, the asker or the moment that were asked for."""
        by, asked, mark = self.accounts[line["by"]], line["asked"], line["mark"]
        said = line["request"]
        own = {
            "subject": by.subject,
            "name": by.name,
            "basis": asked["basis"],
            "acting_for": asked["acting_for"],
            "purpose": self.purposes.entry_at(by.purpose, date.fromisoformat(line["issued_at"][:10])).az,
        }
        strange = []
        if {**own, "capacity": by.capacity} != {
            **{n: said[n] for n in own},
            "capacity": said["capacity"]["code"],
        }:
            strange.append("another's application")
        if not set(line["marks"]) <= ({mark} if mark else set()):
            strange.append("another family")
        if not set(line["numbers"]) <= (self.numbers[mark] if mark else set()) | {asked["register_number"]}:
            strange.append("another section")
        if by.mark is not None and by.mark != mark:
            strange.append("a section that is not his")
        if line["asked_kind"] != asked["kind"] or line["kind"] not in (asked["kind"], "not-in-register"):
            strange.append("another kind")
        if asked.get("known_at", line["state"]["ledger_index"]) != line["state"]["ledger_index"]:
            strange.append("another moment")
        if line["owners"] is not None and line["owners"] != self._owners_of(line):
            strange.append("other owners than the rows tell")
        return strange

    def _owners_of(self, line: Mapping[str, Any]) -> list[str]:
        """Who owns the section at the moment of an answer, as plain rows tell."""
        state = line["state"]
        day = datetime.fromisoformat(state["valid_time"]).astimezone(BAKU).date()
        key = (line["register_number"], state["ledger_index"], day)
        if key not in self.owners:
            values = {"property": self.sections.get(key[0]), "index": key[1], "day": day}
            with self.engine.connect() as connection:
                self.owners[key] = list(connection.execute(_OWNERS, values).scalars())
        return sorted(self.owners[key])

    def reissue(self, lines: Sequence[Mapping[str, Any]]) -> list[Fault]:
        """Decide each statement once more, alone; gives those that are not the same bytes under their signature."""
        found: list[Fault] = []

        def decide(uow: UnitOfWork) -> None:
            found.clear()
            leaf = append_leaf(uow.connection, kind="access.test", actor="judge", payload={})
            for line in lines:
                again = Reissue(self.parts, uow.connection, line, self.accounts[line["by"]], leaf).make()
                found.extend(Fault(why, line) for why in self._compare(again, line))
            raise _TakenBack

        with suppress(_TakenBack):
            self.parts.database.run(decide, isolation=Isolation.REPEATABLE_READ)
        return found

    def _compare(self, again: object, line: Mapping[str, Any]) -> list[str]:
        if not isinstance(again, Draft):
            return [f"serially {again}"]
        if hashlib.sha256(again.canonical).hexdigest() != line["sha256"]:
            return ["not what is issued serially"]
        try:
            verify_detached(line["jws"], again.canonical, self.keys)
        except CadastreError:
            return ["not under its signature"]
        return []


class _TakenBack(Exception):
    """Ends a transaction that shall leave nothing."""


def read_lines(path: Path) -> Iterator[Mapping[str, Any]]:
    """Read answers as an asker wrote them down."""
    with path.open(encoding="utf-8") as log:
        yield from map(json.loads, log)


__all__ = ["Judge", "Judgement", "Reissue", "read_lines"]
