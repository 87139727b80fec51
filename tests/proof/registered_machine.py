"""The same random histories carried out by the service in a real register, which is compared with the model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.db.unit_of_work import Database, Role
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.commands import CancelEntries, Command
from cadastre.domain.lineage import Direction, Lineage
from cadastre.domain.moment import NOW, AskedMoment
from cadastre.domain.plan import Plan
from cadastre.domain.property_state import ParcelState, PropertyState
from cadastre.kernel.errors import CadastreError
from cadastre.services.lineage import get_parcel_lineage, get_property_lineage
from cadastre.services.properties import get_property_view
from cadastre.store.states import read_states
from tests.cadastre.domain.operations.land_world import SRID, block
from tests.cadastre.services.registering import Office
from tests.database import Database as MigratedCopy
from tests.database import TestCluster
from tests.proof.register_draws import Asked
from tests.proof.register_machine import PEOPLE, RegisterMachine, first_owners
from tests.proof.register_model import describe, describe_outline
from tests.register import Register

READER = Caller("auditor-1", CallerRole.AUDITOR, "Sınaq Yoxlayıcı")
PURPOSE = "official_duty"
_CALENDAR = """
    CREATE TABLE ledger.calendar (day date NOT NULL);
    INSERT INTO ledger.calendar VALUES ('{day}');
    GRANT SELECT ON ledger.calendar TO cadastre_owner;
    CREATE OR REPLACE FUNCTION ledger.today() RETURNS date
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        RETURN (SELECT day FROM ledger.calendar);
    END $$;
"""
"""The civil day of the register as a test wants it; all that ships asks this one function."""
_PERSON = text("""
    INSERT INTO party.party (party_id, kind, name, recorded_leaf) VALUES (:party, 'natural', :name, :leaf)
""")


_OBJECT = text("""
    INSERT INTO registry.case_object (case_id, object_kind, object_number, district_code, recorded_leaf)
    VALUES (:case, :kind, :number, 'BAK-XEZ', :leaf)
""")
_VERSION = text("SELECT version_id FROM cadastre.parcel_version WHERE parcel_id = :parcel")
_SITE = text("""
    INSERT INTO cadastre.building (building_number, kind, floors, valid_from, recorded_leaf)
    VALUES (:number, 'building', 9, DATE '2020-01-01', :leaf) RETURNING building_id
""")


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody read of a property at a moment, to the byte."""

    register_number: str
    as_of: date
    known_at: int
    content: bytes


class RegisteredMachine(RegisterMachine):
    """Every example has a register of its own, so that ids and numbers are the same each time."""

    cluster: ClassVar[TestCluster]

    def found(self) -> None:
        """Make the register that the history begins with."""
        self.is_sound = False
        self.copy: MigratedCopy = self.cluster.create_copy()
        self.owner = create_engine(self.copy.superuser_url, poolclass=NullPool)
        self.database = Database(self.copy.app_url, pool_size=1)
        self.office = Office(self.database)
        self.looks: list[Look] = []
        with self.owner.begin() as connection:
            connection.exec_driver_sql(_CALENDAR.format(day=self.world.today))
            register = Register(connection)
            for at, person in enumerate((*PEOPLE, *self.world.names)):
                values = {"party": person, "name": f"Sınaq Şəxs {at}", "leaf": register.leaf()}
                connection.execute(_PERSON, values)
        self.rewritten: set[str] = set()
        ids = self.office._write(self._settle)
        self.world.states = self._read(ids)
        for state in self.world.states.values():
            for parcel in state.parcels:
                assert parcel.outline is not None
                self.world.outlines[parcel.version_id] = parcel.outline
        self.office._write(self._leave_free)
        self._look_at(ids)
        self.is_sound = True

    def _settle(self, register: Register) -> list[int]:
        made = []
        for at, holders in enumerate(first_owners(self.people)):
            parcel = register.parcel(f"M-{at}", block(40 * (at % 2), 40 * (at // 2)))
            made.append(register.property(f"20301700000{at}", parcel))
            for who, share in holders:
                register.right(made[-1], who, share and (share.numerator, share.denominator))
        return made

    def _leave_free(self, register: Register) -> None:
        """Plots without a title, and buildings that are not finished."""
        for at in range(2):
            outline = block(200 + 50 * at, 0)
            key = register.parcel(f"N-{at}", outline)
            version = int(register.connection.execute(_VERSION, {"parcel": key}).scalar_one())
            attributes = {"land_category": 2, "ownership_form": "xususi", "purpose": "fərdi yaşayış evi"}
            parcel = ParcelState(key, version, 0, f"N-{at}", outline, SRID, None, None, attributes)
            self.world.free_parcels[key] = parcel
            self.world.outlines[version] = outline
            values = {"number": f"TB-{at}", "leaf": register.leaf()}
            self.world.sites[register.connection.execute(_SITE, values).scalar_one()] = f"TB-{at}"

    def ask(self, asked: Asked | None) -> None:
        self.is_sound = False
        super().ask(asked)
        self.is_sound = True

    def pass_nights(self, days: int) -> None:
        super().pass_nights(days)
        with self.owner.begin() as connection:
            connection.execute(text("UPDATE ledger.calendar SET day = :day"), {"day": self.world.today})

    def register(self, asked: Asked, plan: Plan) -> UUID:
        """Let model and register do it; what stands is the same in both."""
        known = self._known_numbers()
        case = self._file(asked)
        done = self.office.decide(case, *_as_filed(asked))
        names = self.world.carry_out(plan)
        ids = {model: done.new_ids[ref] for ref, model in names.items() if model in self.world.states}
        self._compare(ids, known)
        self._look_at([*asked.properties, *ids.values()])
        if asked.service in ("correction", "cancellation"):
            states = (self.world.states[key] for key in asked.properties)
            self.rewritten |= {state.register_number for state in states}
        return case

    def refuse(self, asked: Asked, code: str) -> None:
        """The register refuses for the same reason, and nothing has changed."""
        case = self._file(asked)
        try:
            self.office.decide(case, *_as_filed(asked))
        except CadastreError as refused:
            told = refused.code
        else:
            told = "registered"
        assert told == code, asked
        self.office.withdraw(case)
        self._compare({}, self._known_numbers())

    def _file(self, asked: Asked) -> UUID:
        """File a case, about properties or about what has no section yet."""

        def write(register: Register) -> UUID:
            case = register.file(asked.service)
            for kind, number in asked.objects:
                values = {"case": case, "kind": kind, "number": number, "leaf": register.leaf()}
                register.connection.execute(_OBJECT, values)
            return case

        if asked.objects:
            return self.office._write(write)  # type: ignore[no-any-return]
        return self.office.file(asked.service, *asked.properties)

    def _read(self, ids: Iterable[int]) -> dict[int, PropertyState]:
        wanted = sorted(ids)
        return self.database.run(lambda uow: read_states(uow.connection, wanted))

    def _known_numbers(self) -> frozenset[str]:
        return frozenset(
            entry.registration_number
            for state in self.world.states.values()
            for entry in (*state.rights, *state.restrictions)
        )

    def _compare(self, ids: dict[int, int], known: frozenset[str]) -> None:
        """Compare every section, and let the model go on with the ids and numbers of the register."""
        model = {ids.get(key, key): state for key, state in self.world.states.items()}
        stored = self._read(model)
        for key, state in model.items():
            assert describe(state, known) == describe(stored[key], known)
            self._name_versions(state, stored[key])
        same = {key for key, state in model.items() if self.world.judged.get(key) is state}
        self.world.states = {key: model[key] if key in same else stored[key] for key in model}
        parents = self.world.property_parents
        for old, new in ids.items():
            parents[new] = parents.pop(old)

    def _name_versions(self, model: PropertyState, stored: PropertyState) -> None:
        world = self.world
        versions = {describe_outline(parcel): parcel.version_id for parcel in stored.parcels}
        for parcel in model.parcels:
            version = versions[describe_outline(parcel)]
            if version != parcel.version_id:
                world.outlines[version] = world.outlines.pop(parcel.version_id)
                world.version_parents[version] = world.version_parents.pop(parcel.version_id)

    def _look_at(self, ids: Iterable[int]) -> None:
        """Read the properties as they now stand and remember what was read."""
        head = self.office.head()
        for key in ids:
            number = self.world.states[key].register_number
            self.looks.append(Look(number, self.world.today, head, self._look(number, NOW)))

    def _look(self, number: str, moment: AskedMoment) -> bytes:
        """A view of a property without what says only when it was asked for."""
        view = get_property_view(
            self.database, number, caller=READER, purpose=PURPOSE, today=self.world.today, moment=moment
        )
        content = asdict(view)
        del content["version"], content["ledger_index"]
        return json.dumps(content, default=str, sort_keys=True).encode()

    def teardown(self) -> None:
        try:
            if self.is_sound:
                super().teardown()
                self._require_past()
                self._require_lineage()
        finally:
            self.database.close()
            self.owner.dispose()
            self.cluster.drop_copy(self.copy)

    def _require_past(self) -> None:
        """Every state that was read is read again, by what was known then and by what is known now."""
        last: dict[tuple[str, date], Look] = {}
        for look in self.looks:
            self._require_same(look, AskedMoment(look.as_of, look.known_at))
            last[look.register_number, look.as_of] = look
        for (number, day), look in last.items():
            if number in self.rewritten:
                continue  # what was entered wrongly was never so: only who asks what was known then reads it
            self._require_same(look, AskedMoment(as_of=day))

    def _require_same(self, look: Look, moment: AskedMoment) -> None:
        """A later look at a moment shows what the first one did."""
        then = json.loads(look.content)
        now = json.loads(again := self._look(look.register_number, moment))
        changed = {name: (then[name], now[name]) for name in then if then[name] != now.get(name)}
        if moment.known_at is None:
            changed.pop("papers", None)  # what became of a paper has no day of its own, only one of recording
        assert not changed, (look.register_number, moment, changed)
        assert moment.known_at is None or again == look.content

    def _require_lineage(self) -> None:
        """What the register says of lineage is what happened, and up after down leads back."""
        assert self._list_steps("property_lineage", "property") == _steps(self.world.property_parents)
        assert self._list_steps("parcel_lineage", "version") == _steps(self.world.version_parents)
        for state in self.world.states.values():
            self._require_way_back(state.register_number, self._follow_property)
            for parcel in state.parcels:
                self._require_way_back(parcel.cadastral_number, self._follow_parcel)

    def _require_way_back(self, number: str, follow: object) -> None:
        assert callable(follow)
        ways = ((Direction.DOWN, Direction.UP), (Direction.UP, Direction.DOWN))
        for there, back in ways:
            for member in follow(number, there).members:
                assert number in {each.number for each in follow(member.number, back).members}

    def _follow_property(self, number: str, direction: Direction) -> Lineage:
        return get_property_lineage(
            self.database, number, direction, caller=READER, purpose=PURPOSE, today=self.world.today
        )

    def _follow_parcel(self, number: str, direction: Direction) -> Lineage:
        return self.database.read(lambda uow: get_parcel_lineage(uow, number, direction), role=Role.WRITE)

    def _list_steps(self, table: str, key: str) -> set[tuple[int, int]]:
        query = f"SELECT from_{key}_id, to_{key}_id FROM cadastre.{table}"
        with self.owner.connect() as connection:
            return {(row[0], row[1]) for row in connection.execute(text(query))}


def _as_filed(asked: Asked) -> tuple[Command, ...]:
    """The commands as the service is asked: what cancelled cases did it finds out itself."""
    return tuple(
        replace(command, effects=None) if isinstance(command, CancelEntries) else command
        for command in asked.commands
    )


def _steps(parents: dict[int, tuple[int, ...]]) -> set[tuple[int, int]]:
    return {(older, child) for child, olders in parents.items() for older in olders}


def at_cluster(cluster: TestCluster) -> type[RegisteredMachine]:
    """The machine, with registers in a cluster."""

    class Machine(RegisteredMachine):
        pass

    Machine.cluster = cluster
    return Machine
