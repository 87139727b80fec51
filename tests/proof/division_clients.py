"""One client of the contest about ground: a process that enters, moves, divides, merges and redraws parcels.

Run as ``python -m tests.proof.division_clients ORDER`` with the order as JSON; prints what came of it as JSON.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from uuid import UUID

import shapely
from shapely import Polygon
from sqlalchemy import text

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import Command, Divide, Merge, Piece, ShiftBoundary
from cadastre.kernel.clock import SystemClock
from cadastre.kernel.errors import CadastreError
from cadastre.rules.engine import judge, require_passed
from cadastre.rules.proposal import Proposal, ServiceFacts, Stage
from cadastre.rules.rulebook import Rulebook, load_rulebook
from cadastre.services.registration import Draft, register_case
from tests.cadastre.services.registering import DECIDER
from tests.proof.crowded_ground import (
    LEAST_M,
    ROWS,
    Plot,
    are_broad,
    cut_sides,
    draw_parcel,
    outline,
    read_plot,
    row_outline,
    south_of,
)
from tests.register import Register

_LAND_RULES = ("areas-balance", "pieces-cover-original", "outline-off-grid", "merged-is-one-polygon")
_PLOTS = text("""
    SELECT o.property_id, v.parcel_id, ST_AsBinary(v.geom) AS outline
      FROM cadastre.parcel_version v
      JOIN cadastre.property_object o ON o.parcel_id = v.parcel_id AND o.superseded_leaf IS NULL
                                     AND o.valid_to IS NULL
     WHERE v.superseded_leaf IS NULL AND v.valid_to IS NULL
       AND v.geom_wgs84 && ST_Transform(ST_GeomFromWKB(:row, 32639), 4326)
""")
_CLOSE = text("""
    UPDATE cadastre.parcel_version SET superseded_leaf = :leaf
     WHERE parcel_id = :parcel AND superseded_leaf IS NULL AND valid_to IS NULL
       AND NOT EXISTS (SELECT FROM cadastre.property_object o WHERE o.parcel_id = :parcel)
""")


@dataclass(frozen=True, slots=True)
class ClientOrder:
    """What one client shall do, in how many rows; of 100 transactions so many go through the service."""

    url: str
    seed: int
    transactions: int
    levels: tuple[str, ...]
    operations_in_100: int
    rows: int = ROWS


@dataclass(slots=True)
class ClientReport:
    """What came of it: outcomes by name, the cases that were acknowledged, and the tries they took."""

    outcomes: dict[str, int] = field(default_factory=dict)
    registered_cases: list[str] = field(default_factory=list)
    attempts: int = 0


class _NothingToDo(CadastreError):
    """What was to be changed is gone, or there is no room."""


class Client:
    """Draws transactions and runs each at a level drawn for it."""

    def __init__(self, order: ClientOrder) -> None:
        self._order = order
        self._database = Database(order.url, pool_size=1)
        self._dice = random.Random(order.seed)
        self._levels = [Isolation(level) for level in order.levels]
        self._entered: list[int] = []
        self._report = ClientReport()
        self._rules = Rulebook(tuple(rule for rule in load_rulebook() if rule.id in _LAND_RULES))

    def connect(self) -> None:
        """Open the connection, so that nothing is left to do but the work."""
        self._database.run(lambda uow: uow.connection.execute(text("SELECT 1")))

    def work(self) -> ClientReport:
        """Do the whole order."""
        told: Counter[str] = Counter()
        for at in range(self._order.transactions):
            through_service = self._dice.randrange(100) < self._order.operations_in_100
            told[self._operate() if through_service else self._write(at)] += 1
        self._database.close()
        self._report.outcomes = dict(told)
        return self._report

    def _write(self, at: int) -> str:
        """Enter a parcel, move one or give one up: rows written as by any program that may write."""
        shape = draw_parcel(self._dice, self._order.rows)
        choice = self._dice.random()
        if choice < 0.7 or not self._entered:
            number, made = f"C-{self._order.seed}-{at}", [0]

            def insert(uow: UnitOfWork) -> None:
                made[:] = [Register(uow.connection).parcel(number, shape)]

            told = self._tell("insert", insert)
            if told.endswith("done"):
                self._entered += made
            return told
        parcel = self._dice.choice(self._entered) + self._dice.choice((0, 0, 0, -1, 1))  # or another client's
        if choice < 0.85:
            return self._tell("move", lambda uow: _move(uow, parcel, shape))
        return self._tell("vacate", lambda uow: _vacate(uow, parcel))

    def _operate(self) -> str:
        """File a case about plots of a row and decide it; the plan was drawn before, as surveys are."""
        row = self._dice.randrange(self._order.rows)
        plots = self._database.run(lambda uow: _read_plots(uow, row), isolation=Isolation.READ_COMMITTED)
        drawn = self._draw(plots)
        if drawn is None:
            return "no room"
        service, command, properties = drawn
        case: list[UUID] = []

        def file(uow: UnitOfWork) -> None:
            register = Register(uow.connection, serial=self._order.seed)
            register.enter(*properties)
            case[:] = [register.file(service, *properties)]

        filed = self._tell(f"{service} filing", file)
        if not filed.endswith("done"):
            return filed
        told = self._tell(service, lambda uow: self._decide(uow, case[0], command))
        if told.endswith("done"):
            self._report.registered_cases.append(str(case[0]))
        else:
            self._database.run(
                lambda uow: Register(uow.connection).step(case[0], "withdraw", "notary-1"),
                isolation=Isolation.READ_COMMITTED,
            )
        return told

    def _decide(self, uow: UnitOfWork, case_id: UUID, command: Command) -> None:
        caller = replace(DECIDER, subject=f"registrar-{100 + self._order.seed}")
        register_case(uow, case_id, lambda *_: [command], caller, judge=self._judge)

    def _judge(self, _: UnitOfWork, draft: Draft) -> bytes:
        """Ask the rules on land that ship; people and papers are another proof's matter."""
        entry = load_codelist("services").entry_at(draft.case.service, draft.today)
        proposal = Proposal(
            Stage.DECISION,
            draft.today,
            SystemClock().now(),
            draft.states,
            ServiceFacts.of(entry),
            draft.commands,
            draft.plan,
        )
        report = judge(proposal, self._rules)
        require_passed(report)
        return report.sha256

    def _draw(self, plots: list[Plot]) -> tuple[str, Command, tuple[int, ...]] | None:
        """Divide, merge or redraw what stands in a row; None when nothing there is broad enough."""
        dice = self._dice
        kind = dice.choice(("division", "division", "merger", "boundary_change", "partial_transfer"))
        at = dice.randrange(len(plots) - 1)
        west, east = plots[at], plots[at + 1]
        if kind == "division":
            pieces = dice.choice((2, 2, 3))
            sides = cut_sides(dice, west.west, west.east, pieces) if west.width_m > 2 * LEAST_M else []
            if len(plots) > 12 or not sides or not are_broad(sides):
                return None
            cut = tuple(Piece(outline(west.row, *pair)) for pair in itertools.pairwise(sides))
            return kind, Divide(west.property_id, west.parcel_id, cut), (west.property_id,)
        both = (west.property_id, east.property_id)
        if kind == "merger":
            joined = Merge(both, outline(west.row, west.west, east.east))
            return None if len(plots) < 5 else (kind, joined, both)
        sides = cut_sides(dice, west.west, east.east, 2)
        if not are_broad(sides):
            return None
        outlines = (
            (west.parcel_id, outline(west.row, sides[0], sides[1])),
            (east.parcel_id, outline(west.row, sides[1], sides[2])),
        )
        return kind, ShiftBoundary(outlines, kind == "partial_transfer"), both

    def _tell(self, name: str, work: Callable[[UnitOfWork], None]) -> str:
        """Run one transaction at a level of its own and name its outcome."""

        def attempt(uow: UnitOfWork) -> None:
            self._report.attempts += 1
            work(uow)

        try:
            self._database.run(attempt, isolation=self._dice.choice(self._levels))
        except CadastreError as refused:
            return f"{name}: {refused.code}"
        return f"{name}: done"


def _move(uow: UnitOfWork, parcel: int, shape: Polygon) -> None:
    register = _close(uow, parcel)
    register.version(parcel, shape)


def _vacate(uow: UnitOfWork, parcel: int) -> None:
    _close(uow, parcel)


def _close(uow: UnitOfWork, parcel: int) -> Register:
    register = Register(uow.connection)
    closed = uow.connection.execute(_CLOSE, {"leaf": register.leaf(), "parcel": parcel})
    if closed.rowcount != 1:
        raise _NothingToDo("The parcel is given up.", code="gone")
    return register


def _read_plots(uow: UnitOfWork, row: int) -> list[Plot]:
    """The plots of a row, west to east."""
    found = uow.connection.execute(_PLOTS, {"row": row_outline(row).wkb})
    shapes = [(each.property_id, each.parcel_id, shapely.from_wkb(bytes(each.outline))) for each in found]
    plots = [
        read_plot(row, property_id, parcel_id, shape)
        for property_id, parcel_id, shape in shapes
        if shape.bounds[1] == south_of(row)
    ]
    return sorted(plots, key=lambda plot: plot.west)


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    client = Client(ClientOrder(**{**order, "levels": tuple(order["levels"])}))
    client.connect()
    print("ready", flush=True)
    sys.stdin.readline()  # all begin at once, however long each took to come
    print(json.dumps(asdict(client.work())))
