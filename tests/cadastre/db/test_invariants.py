"""The invariants that no writer can avoid: tried as the application role, against the shipping triggers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Polygon
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from cadastre.db.unit_of_work import translate
from cadastre.kernel.errors import Conflict, RuleBroken
from tests.register import Register, square


def broken_constraint(error: DBAPIError) -> str | None:
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None)


@pytest.fixture
def register(connection: Connection) -> Register:
    return Register(connection)


class TestOverlap:
    @pytest.mark.parametrize(
        "rival",
        [
            pytest.param(square(0, 0), id="the same parcel twice"),
            pytest.param(square(10, 10), id="corner over corner"),
            pytest.param(square(5, 5, 5), id="inside it"),
            pytest.param(square(-5, -5, 40), id="around it"),
            pytest.param(square(19.9975, 0), id="a strip of 2.5 mm"),
        ],
    )
    def test_a_second_parcel_in_the_same_place_is_refused_by_name(
        self, register: Register, rival: Polygon
    ) -> None:
        register.parcel("A-1", square(0, 0))
        with pytest.raises(DBAPIError) as caught:
            register.parcel("A-2", rival)
        assert broken_constraint(caught.value) == "ex_parcel_version_overlap"
        meaning = translate(caught.value)
        assert isinstance(meaning, RuleBroken)
        assert meaning.code == "parcel-overlaps"
        assert "A-1" in str(meaning)

    @pytest.mark.parametrize(
        "neighbour",
        [
            pytest.param(square(20, 0), id="shared edge"),
            pytest.param(square(20, 20), id="shared corner"),
            pytest.param(square(19.9985, 0), id="a strip of 1.5 mm"),
            pytest.param(square(40, 0), id="apart"),
        ],
    )
    def test_a_neighbour_within_the_tolerance_is_registered(
        self, register: Register, neighbour: Polygon
    ) -> None:
        register.parcel("A-1", square(0, 0))
        assert register.parcel("A-2", neighbour)

    def test_a_hole_may_hold_another_parcel(self, register: Register) -> None:
        outer, inner = square(0, 0, 60), square(20, 20)
        register.parcel("RING", Polygon(outer.exterior, [inner.exterior.coords[::-1]]))
        assert register.parcel("ISLAND", inner)

    def test_a_closed_version_leaves_its_place_free(self, register: Register) -> None:
        parcel_id = register.parcel("A-1", square(0, 0))
        version = register.connection.execute(
            text("SELECT version_id FROM cadastre.parcel_version WHERE parcel_id = :p"), {"p": parcel_id}
        ).scalar_one()
        register.close("cadastre.parcel_version", "version_id", version)
        assert register.parcel("A-2", square(10, 10))

    def test_two_parcels_of_one_statement_are_compared_too(self, register: Register) -> None:
        leaf = register.leaf()
        register.connection.execute(
            text("""INSERT INTO cadastre.parcel (cadastral_number, district_code)
                    VALUES ('T-1', 'BAK-XEZ'), ('T-2', 'BAK-XEZ')""")
        )
        with pytest.raises(DBAPIError) as caught:
            register.connection.execute(
                text("""INSERT INTO cadastre.parcel_version (parcel_id, valid_from, recorded_leaf, geom, surveyed_area_m2)
                        SELECT parcel_id, '2024-01-01', :leaf, ST_GeomFromWKB(:wkb, 32639), 400
                          FROM cadastre.parcel WHERE cadastral_number IN ('T-1', 'T-2')"""),
                {"leaf": leaf, "wkb": square(0, 0).wkb},
            )
        assert broken_constraint(caught.value) == "ex_parcel_version_overlap"

    def test_the_wrong_zone_is_refused(self, register: Register) -> None:
        with pytest.raises(DBAPIError) as caught:
            register.parcel("A-1", square(0, 0), srid=32638)
        assert broken_constraint(caught.value) == "ck_parcel_version_district_zone"

    def test_an_invalid_polygon_is_refused(self, register: Register) -> None:
        x, y = 425_000, 4_480_000
        bow_tie = Polygon([(x, y), (x + 20, y + 20), (x + 20, y), (x, y + 30)])
        with pytest.raises(DBAPIError) as caught:
            register.parcel("A-1", bow_tie)
        assert broken_constraint(caught.value) == "ck_parcel_version_geom_valid"

    def test_an_unknown_district_is_refused(self, register: Register) -> None:
        with pytest.raises(DBAPIError) as caught:
            register.parcel("A-1", square(0, 0), district="BAK-ZZZ")
        assert broken_constraint(caught.value) == "fk_parcel_district"

    def test_a_register_number_is_no_cadastral_number(self, register: Register) -> None:
        with pytest.raises(DBAPIError) as caught:
            register.parcel("203015000123", square(0, 0))
        assert broken_constraint(caught.value) == "ck_parcel_number_is_no_register_number"


class TestHistory:
    @pytest.mark.parametrize(
        "statement", ["DELETE FROM cadastre.parcel", "TRUNCATE cadastre.property CASCADE"]
    )
    def test_nothing_is_deleted_not_even_by_the_owner(
        self, admin_connection: Connection, statement: str
    ) -> None:
        Register(admin_connection).parcel("A-1", square(0, 0))
        with pytest.raises(DBAPIError) as caught:
            admin_connection.execute(text(statement))
        assert broken_constraint(caught.value) == "ck_append_only"

    def test_nothing_written_is_changed(self, admin_connection: Connection) -> None:
        Register(admin_connection).parcel("A-1", square(0, 0))
        with pytest.raises(DBAPIError) as caught:
            admin_connection.execute(text("UPDATE cadastre.parcel SET cadastral_number = 'A-9'"))
        assert broken_constraint(caught.value) == "ck_close_only"
        assert isinstance(translate(caught.value), RuleBroken)

    def test_nobody_backdates_an_entry(self, register: Register) -> None:
        parcel_id = register.parcel("A-1", square(0, 0))
        old = 1  # the founding leaf, written by another transaction
        with pytest.raises(DBAPIError) as caught:
            register.connection.execute(
                text("""INSERT INTO cadastre.parcel_version (parcel_id, valid_from, valid_to, recorded_leaf)
                        VALUES (:p, '2020-01-01', '2020-02-01', :leaf)"""),
                {"p": parcel_id, "leaf": old},
            )
        assert broken_constraint(caught.value) == "ck_recorded_now"

    def test_only_the_loader_may_name_a_load(self, register: Register) -> None:
        leaf = register.leaf()
        with pytest.raises(DBAPIError) as caught:
            register.connection.execute(
                text("""INSERT INTO cadastre.property (register_number, object_kind, district_code, opened_on,
                        recorded_leaf, load_id) VALUES ('100000000001', 'land_parcel', 'GA', '2024-01-01', :l, 1)"""),
                {"l": leaf},
            )
        assert "permission denied" in str(caught.value)

    def test_leaves_are_numbered_in_order_and_only_once(self, admin_connection: Connection) -> None:
        with pytest.raises(DBAPIError) as caught:
            admin_connection.execute(text("UPDATE ledger.leaf SET ledger_index = 5 WHERE ledger_index = 0"))
        assert broken_constraint(caught.value) == "ck_close_only"

    def test_a_leaf_cannot_lie_about_its_hash(self, connection: Connection) -> None:
        with pytest.raises(DBAPIError) as caught:
            connection.execute(
                text("""INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
                        VALUES ('test.lie', 'x', '{}', decode(repeat('00', 16), 'hex'), sha256('other'))""")
            )
        assert broken_constraint(caught.value) == "ck_leaf_hash"


class TestNoWayAround:
    def test_a_second_owner_with_an_end_in_the_future_is_refused(self, register: Register) -> None:
        owned = register.property("100000000001", register.parcel("A-1", square(0, 0)))
        register.right(owned, register.party("Sahib"))
        thief = register.party("Oğru")
        with pytest.raises(DBAPIError) as caught:
            register.connection.execute(
                text("""INSERT INTO cadastre.property_right (property_id, kind, party_id, share_numerator,
                        share_denominator, registration_number, registration_date, valid_from, valid_to, recorded_leaf)
                        VALUES (:p, 'ownership', :t, 1, 1, '2324000099', '2024-01-01', '2024-01-01', '2999-12-31', :l)"""),
                {"p": owned, "t": thief, "l": register.leaf()},
            )
        assert broken_constraint(caught.value) == "ck_no_future_end"

    def test_an_overlapping_parcel_with_an_end_in_the_future_is_refused(self, register: Register) -> None:
        register.parcel("A-1", square(0, 0))
        with pytest.raises(DBAPIError) as caught:
            register.connection.execute(
                text("""WITH p AS (SELECT parcel_id FROM cadastre.parcel WHERE cadastral_number = 'A-1')
                        INSERT INTO cadastre.parcel_version (parcel_id, valid_from, valid_to, recorded_leaf, geom, surveyed_area_m2)
                        SELECT parcel_id, '2024-01-01', '2999-12-31', :l, ST_GeomFromWKB(:wkb, 32639), 400 FROM p"""),
                {"l": register.leaf(), "wkb": square(1, 1).wkb},
            )
        assert broken_constraint(caught.value) == "ck_no_future_end"

    def test_a_row_cannot_enter_as_already_superseded(self, register: Register) -> None:
        parcel_id = register.parcel("A-1", square(0, 0))
        leaf = register.leaf()
        with pytest.raises(DBAPIError, match="permission denied"):
            register.connection.execute(
                text("""INSERT INTO cadastre.parcel_version (parcel_id, valid_from, recorded_leaf, superseded_leaf)
                        VALUES (:p, '2024-01-01', :l, 900000000000000000)"""),
                {"p": parcel_id, "l": leaf},
            )

    @pytest.mark.parametrize("relation", ["staging.rejected_row", "staging.finding"])
    def test_the_application_reads_no_rejected_row(self, connection: Connection, relation: str) -> None:
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text(f"SELECT 1 FROM {relation}"))

    @pytest.mark.parametrize("role", ["cadastre_read", "cadastre_tiles"])
    @pytest.mark.parametrize("column", ["party_id", "kind", "registration_number", "share_numerator", "*"])
    def test_public_roles_learn_nothing_of_a_right_but_that_it_was_entered(
        self, connection: Connection, role: str, column: str
    ) -> None:
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text(f"SELECT {column} FROM cadastre.property_right"))

    def test_a_lease_with_a_term_is_a_current_right(self, register: Register) -> None:
        parcel_id = register.parcel("A-1", square(0, 0))
        leased = register.property("100000000001", parcel_id)
        register.connection.execute(
            text("""INSERT INTO cadastre.property_right (property_id, kind, party_id, share_numerator, share_denominator,
                    registration_number, registration_date, valid_from, valid_to, recorded_leaf)
                    VALUES (:p, 'lease', :t, 1, 1, '2324000099', '2024-01-01', '2024-01-01', '2999-12-31', :l)"""),
            {"p": leased, "t": register.party("İcarəçi"), "l": register.leaf()},
        )
        query = text("SELECT publish.parcel_has_property(:p)")
        assert register.connection.execute(query, {"p": parcel_id}).scalar_one()


class TestShares:
    def commit_check(self, register: Register) -> None:
        register.connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))

    @pytest.mark.parametrize(
        "shares",
        [
            [(1, 1)],
            [(1, 2), (1, 2)],
            [(1, 3)] * 3,
            [(1, 6), (1, 3), (1, 2)],
            [None, None],
            [(7, 97), (90, 97)],
        ],
    )
    def test_whole_ownership_is_accepted(
        self, register: Register, shares: list[tuple[int, int] | None]
    ) -> None:
        owned = register.property("100000000001", register.parcel("A-1", square(0, 0)))
        for i, share in enumerate(shares):
            register.right(owned, register.party(f"Sınaq {i}"), share)
        self.commit_check(register)

    @pytest.mark.parametrize(
        ("shares", "constraint"),
        [
            ([(1, 2)], "ck_property_right_shares_sum_to_one"),
            ([(1, 2), (1, 2), (1, 2)], "ck_property_right_shares_sum_to_one"),
            ([(333_333, 1_000_000)] * 3, "ck_property_right_shares_sum_to_one"),
            ([None], "ck_property_right_joint_alone"),
            ([None, None, (1, 2)], "ck_property_right_joint_alone"),
        ],
    )
    def test_any_other_sum_is_refused_at_commit(
        self, register: Register, shares: list[tuple[int, int] | None], constraint: str
    ) -> None:
        owned = register.property("100000000001", register.parcel("A-1", square(0, 0)))
        for i, share in enumerate(shares):
            register.right(owned, register.party(f"Sınaq {i}"), share)
        with pytest.raises(DBAPIError) as caught:
            self.commit_check(register)
        assert broken_constraint(caught.value) == constraint

    def test_a_lease_needs_no_sum(self, register: Register) -> None:
        leased = register.property("100000000001", register.parcel("A-1", square(0, 0)))
        register.right(leased, register.party("Sahib"))
        register.right(leased, register.party("İcarəçi"), (1, 2), kind="lease")
        self.commit_check(register)

    @given(parts=st.lists(st.integers(1, 10**9), min_size=1, max_size=6), slip=st.sampled_from([0, 1]))
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_the_sum_is_exact_for_any_denominators(
        self, connection: Connection, parts: list[int], slip: int
    ) -> None:
        """Fractions of any size: equal to 1 is accepted, off by one part in billions is not."""
        whole = sum(parts)
        shares = [Fraction(part, whole) for part in parts]
        shares[0] -= Fraction(slip, whole * 7)
        with connection.begin_nested() as savepoint:
            register = Register(connection)
            owned = register.property("100000000001")
            for i, share in enumerate(shares):
                register.right(owned, register.party(f"Sınaq {i}"), (share.numerator, share.denominator))
            if slip:
                with pytest.raises(DBAPIError):
                    self.commit_check(register)
            else:
                self.commit_check(register)
            savepoint.rollback()

    def test_two_mortgages_of_one_rank_are_a_conflict(self, register: Register) -> None:
        owned = register.property("100000000001", register.parcel("A-1", square(0, 0)))
        bank = register.party("Sınaq Bankı", kind="legal")
        register.restriction(owned, "mortgage", bank, rank=1, amount=1000, currency="AZN")
        with pytest.raises(DBAPIError) as caught:
            register.restriction(owned, "mortgage", bank, rank=1, amount=2000, currency="AZN")
        meaning = translate(caught.value)
        assert isinstance(meaning, Conflict)
        assert meaning.code == "mortgage-rank-taken"


class TestPersonalData:
    def test_parties_are_invisible_until_the_look_is_logged(self, connection: Connection) -> None:
        register = Register(connection)
        connection.execute(
            text("INSERT INTO party.party (kind, name, recorded_leaf) VALUES ('natural', 'Sınaq', :leaf)"),
            {"leaf": register.leaf("test.entry")},
        )
        assert connection.execute(text("SELECT count(*) FROM party.party")).scalar_one() == 0
        register.leaf("access.test")
        assert connection.execute(text("SELECT count(*) FROM party.party")).scalar_one() == 1

    @pytest.mark.parametrize("role", ["cadastre_read", "cadastre_tiles"])
    @pytest.mark.parametrize("relation", ["party.party", "evidence.extract", "evidence.extract_request"])
    def test_public_roles_reach_no_person(self, connection: Connection, role: str, relation: str) -> None:
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text(f"SELECT 1 FROM {relation}"))
