"""Several applications decided in one transaction: each by itself, all asked, read and written together.

Only plain ones are grouped: for the present, by register number, of whoever may see any property. A group is
an economy, never a fate: when one of it cannot be decided so, nothing of the group is kept, and each is
decided alone. What is refused without an error (``NoDraft``) leaves its look, as it does alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from cadastre.domain.caller import Caller, is_bound_to_own_property
from cadastre.domain.extract import ExtractRequest
from cadastre.domain.moment import Moment
from cadastre.extract.kinds import StatementKind
from cadastre.extract.record import Text3
from cadastre.kernel.errors import Conflict
from cadastre.kernel.ids import is_register_number
from cadastre.services.addresses import list_leaves_of_extract
from cadastre.services.extract_decision import Decision, issued_payload
from cadastre.services.extract_parts import DeskParts, Draft, NoDraft, Settled
from cadastre.services.extract_record import address_asked
from cadastre.services.idempotent import RequestKey
from cadastre.services.ledger_clock import require_numbered
from cadastre.store import extract_groups as store
from cadastre.store.ledger import leaf_values
from cadastre.store.properties import PropertyRows


@dataclass(frozen=True, slots=True)
class Order:
    """An application that was taken in, who applies, and the key of his request."""

    request: ExtractRequest
    caller: Caller
    key: RequestKey | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it may be decided in a group."""
        request = self.request
        of_now = request.as_of is None and request.known_at is None
        return (
            of_now
            and is_register_number(request.register_number)
            and not is_bound_to_own_property(self.caller)
        )


class Member(Decision):
    """The decision about one application of a group, which asks and writes nothing by itself."""

    begun: store.Begun
    row: dict[str, Any]

    def __init__(self, desk: DeskParts, connection: Connection, order: Order) -> None:
        super().__init__(desk, connection, order.request, order.caller)
        self.key = order.key
        self.address: Text3 | None = None

    def opening(self) -> dict[str, Any]:
        """Give what is written of the application before the register is read."""
        return {
            "number": self.number,
            "actor": self.caller.subject,
            **_leaf(self._request_payload()),
            "actor_role": self.caller.role.value,
            "actor_name": self.caller.name or self.caller.subject,
            "as_of": self.today,
            **self._said(),
        }

    def begin(self, begun: store.Begun) -> None:
        """Take in where the application stands now."""
        self.begun, self.head = begun, begun.head

    def settle(self, rows: PropertyRows | None) -> Settled | NoDraft:
        """Settle what the statement is about."""
        return self._settle(rows, Moment(self.today, self.head), historic=False)

    def finish(self, settled: Settled, numbers: tuple[int, int]) -> Draft:
        """Write and sign the statement; what is to be entered of it is then in ``row``."""
        self.journal_number, self.document_number = numbers
        return self._finish(settled, self.begun.property_id, self.begun.leaf_id)

    def _find_head(self) -> int:
        return -1  # told when it begins

    def _is_synthetic(self) -> bool:
        return self.begun.synthetic

    def _recorded_time(self, index: int) -> datetime:
        return self.begun.recorded_time if index == self.head else super()._recorded_time(index)

    def _address(self, rows: PropertyRows, moment: Moment) -> Text3 | None:
        return self.address

    def _record(
        self,
        kind: StatementKind,
        property_id: int | None,
        moment: Moment,
        canonical: bytes,
        request_leaf: int,
    ) -> None:
        row = self._extract_row(kind, property_id, moment, canonical)
        journal = self._journal_row(moment, request_leaf)
        leaf = _leaf(issued_payload(row))
        self.leaf = (str(leaf["payload"]), leaf["salt"])
        named = ("requester", "requester_role", "requester_name", "journal_number", "capacity", "acting_for")
        key = self.key
        self.row = {
            **{name: journal[name] for name in (*named, "basis", "purpose")},
            **row,
            "request_leaf": request_leaf,
            "asked_kind": journal["kind"],
            "statement": canonical.decode(),
            **leaf,
            "key": None if key is None else key.key,
            "route": None if key is None else key.route,
            "body_sha256": None if key is None else key.body_sha256,
        }


def decide_group(desk: DeskParts, connection: Connection, orders: Sequence[Order]) -> list[Draft | NoDraft]:
    """Decide plain orders in one snapshot; gives what came of each, in their order.

    Raises
    ------
    CadastreError
        One of them cannot be decided so; nothing of any may be kept.
    """
    members = [Member(desk, connection, order) for order in orders]
    moment = _begin(desk, connection, members)
    named = {member.begun.property_id for member in members}
    sections = store.find_sections(connection, [each for each in named if each is not None], moment)
    settled = [member.settle(sections.get(member.begun.property_id or 0)) for member in members]
    going = [(m, found) for m, found in zip(members, settled, strict=True) if isinstance(found, Settled)]
    made = iter(_finish(desk, connection, going, moment) if going else ())
    return [next(made) if isinstance(found, Settled) else found for found in settled]


def _begin(desk: DeskParts, connection: Connection, members: Sequence[Member]) -> Moment:
    """Write down the applications; all of them speak of one moment."""
    found = store.begin_requests(connection, [member.opening() for member in members])
    for member, begun in zip(members, found, strict=True):
        member.begin(begun)
        if begun.has_pending and begun.property_id is not None:
            leaves = list_leaves_of_extract(connection, begun.property_id, desk.addresses)
            require_numbered(connection, leaves)
    today = members[0].today
    if any(member.today != today for member in members):
        raise Conflict("It became midnight within a group.", code="contention")
    return Moment(today, members[0].head)


def _finish(
    desk: DeskParts, connection: Connection, going: Sequence[tuple[Member, Settled]], moment: Moment
) -> list[Draft]:
    placed = [(member, settled.rows) for member, settled in going if settled.rows is not None]
    asked = [address_asked(rows) for _, rows in placed]
    addresses = desk.addresses.find_texts(connection, asked, moment)
    for (member, _), address in zip(placed, addresses, strict=True):
        member.address = address
    numbers = store.draw_numbers(connection, len(going))
    made = [member.finish(settled, drawn) for (member, settled), drawn in zip(going, numbers, strict=True)]
    taken = store.enter_extracts(connection, [member.row for member, _ in going])
    if taken != sum(member.key is not None for member, _ in going):
        raise Conflict("A request of the group was answered before.", code="contention")
    return made


def _leaf(payload: dict[str, Any]) -> dict[str, Any]:
    said = leaf_values(kind="", actor="", payload=payload)
    return {"payload": said["leaf_payload"], "salt": said["leaf_salt"], "leaf_hash": said["leaf_hash"]}


__all__ = ["Member", "Order", "decide_group"]
