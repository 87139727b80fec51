"""Extracts from a real register: what they say, to whom, of which moment, and what survives a crash."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.caller import PUBLIC, Caller, CallerRole
from cadastre.domain.extract import ExtractRequest
from cadastre.extract.issue import Issuer
from cadastre.extract.statement import canonical_bytes
from cadastre.kernel.errors import (
    CadastreError,
    Denied,
    InvalidInput,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from cadastre.services.extracts import ExtractDesk
from cadastre.services.ledger_clock import sequence
from cadastre.store import extracts as store
from cadastre.store.ledger import append_leaf
from tests.cadastre.services.conftest import Office
from tests.register import Register, square

T = TypeVar("T")

NOTARY = Caller("notary-7", CallerRole.NOTARY, "Sınaq Notariusu")
OWNER = Caller("owner-1", CallerRole.OWNER, "Sınaq Sahib", fin="ZZ00001")
STRANGER = Caller("owner-2", CallerRole.OWNER, "Sınaq Yad", fin="ZZ00002")
NUMBER = "230000000001"
REQUEST = ExtractRequest(NUMBER, "extract", "notary", "Ərizə № 1", "disposal")


def write(office: Office, work: Callable[[Register], T]) -> T:
    def in_transaction(uow: UnitOfWork) -> T:
        register = Register(uow.connection)
        register.leaf()
        return work(register)

    return office.database.run(in_transaction)


def found(register: Register) -> int:
    """One parcel, one property, one owner."""
    owned = register.property(NUMBER, register.parcel("KX-1", square(0, 0)))
    register.right(owned, register.party("Sınaq Sahib", fin="ZZ00001"))
    return owned


@pytest.fixture
def owned(office: Office) -> int:
    return write(office, found)


class TestWhatItSays:
    def test_everything_registered_is_in_the_statement(self, office: Office) -> None:
        def fill(register: Register) -> None:
            owned = found(register)
            bank = register.party("Sınaq Bankı", kind="legal", voen="9900000011")
            register.restriction(
                owned, "mortgage", bank, rank=1, amount=85000, currency="AZN", until=date(2040, 1, 1)
            )
            register.right(owned, register.party("Sınaq İcarəçi"), kind="lease")

        write(office, fill)
        statement = office.desk.issue(REQUEST, NOTARY).statement
        assert statement["kind"] == "extract"
        assert statement["property"]["register_number"] == NUMBER
        (parcel,) = statement["parcels"]
        assert parcel["cadastral_number"] == "KX-1"
        assert parcel["surveyed_area"] == {"m2": "400.00", "ha": "0.0400"}
        sides = [float(point["side_m"]) for point in parcel["rings"][0]["points"]]
        assert sides == pytest.approx([20.0] * 4, abs=0.02)  # grid metres, back on the ellipsoid
        assert len({point["number"] for point in parcel["rings"][0]["points"]}) == 4
        kinds = [right["kind"]["code"] for right in statement["rights"]]
        assert kinds == ["ownership", "lease"]
        assert {r["kind"]["code"] for r in statement["restrictions"]} == {"mortgage", "lease"}
        text_of_statement = json.dumps(statement, ensure_ascii=False)
        assert "Sınaq Bankı" in text_of_statement
        assert "85000.00" in text_of_statement

    def test_fin_is_whole_for_a_notary_and_masked_for_the_owner(self, office: Office, owned: int) -> None:
        whole = json.dumps(office.desk.issue(REQUEST, NOTARY).statement)
        own = json.dumps(office.desk.issue(replace(REQUEST, capacity="owner"), OWNER).statement)
        assert "ZZ00001" in whole
        assert "ZZ00001" not in own

    def test_the_same_moment_gives_the_same_facts_for_ever(self, office: Office, owned: int) -> None:
        first = office.desk.issue(REQUEST, NOTARY).statement
        write(office, lambda r: r.restriction(owned, "arrest"))
        at = replace(REQUEST, known_at=first["state"]["ledger_index"])
        again = office.desk.issue(at, NOTARY).statement
        now = office.desk.issue(REQUEST, NOTARY).statement
        assert again["restrictions"] == first["restrictions"] == []
        assert [r["kind"]["code"] for r in now["restrictions"]] == ["arrest"]

    def test_before_the_property_was_opened_it_is_not_in_the_register(
        self, office: Office, owned: int
    ) -> None:
        before = office.desk.issue(replace(REQUEST, as_of=date(2020, 1, 1)), NOTARY)
        assert before.kind == "not-in-register"


class TestNotInRegister:
    @pytest.mark.parametrize("number", ["999999999999", "230000000002"])
    def test_an_entitled_caller_gets_a_signed_answer_never_an_empty_certificate(
        self, office: Office, owned: int, number: str
    ) -> None:
        write(office, lambda r: r.property("230000000002"))  # a section without any right
        issued = office.desk.issue(replace(REQUEST, register_number=number, kind="certificate"), NOTARY)
        assert issued.kind == "not-in-register"
        assert issued.statement["asked_kind"] == "certificate"
        assert issued.statement["property"] is None
        assert office.verification.verify_pdf(issued.pdf, PUBLIC).verdict == "AUTHENTIC"

    def test_it_is_superseded_once_the_number_is_registered(self, office: Office) -> None:
        issued = office.desk.issue(REQUEST, NOTARY)
        assert office.verification.verify_pdf(issued.pdf, PUBLIC).verdict == "AUTHENTIC"
        write(office, found)
        assert office.verification.verify_pdf(issued.pdf, PUBLIC).verdict == "SUPERSEDED"


class TestNamedByItsParcel:
    """A parcel without a right has no number but its own: it is answered for too, and nobody learns more."""

    def test_the_answer_is_the_one_for_its_register_number(self, office: Office, owned: int) -> None:
        named = office.desk.issue(replace(REQUEST, register_number=" kx-1 "), NOTARY)
        assert (named.kind, named.register_number) == ("extract", NUMBER)
        assert named.statement["property"]["register_number"] == NUMBER
        assert office.verification.verify_pdf(named.pdf, PUBLIC).verdict == "AUTHENTIC"
        own = replace(REQUEST, register_number="KX-1", capacity="owner", purpose="own_information")
        assert office.desk.issue(own, OWNER).register_number == NUMBER

    @pytest.mark.parametrize("number", ["KX-2", "KX-3", "NONE-4"])
    def test_without_a_right_it_is_not_in_the_register(self, office: Office, owned: int, number: str) -> None:
        def fill(register: Register) -> None:
            register.parcel("KX-2", square(100, 0))
            register.property("230000000003", register.parcel("KX-3", square(200, 0)))  # and no right

        write(office, fill)
        issued = office.desk.issue(replace(REQUEST, register_number=number), NOTARY)
        assert (issued.kind, issued.register_number) == ("not-in-register", number)
        assert office.verification.verify_pdf(issued.pdf, PUBLIC).verdict == "AUTHENTIC"

    def test_the_answer_is_superseded_once_a_right_is_registered(self, office: Office) -> None:
        parcel = write(office, lambda r: r.parcel("KX-2", square(0, 0)))
        issued = office.desk.issue(replace(REQUEST, register_number="KX-2"), NOTARY)
        assert office.verification.verify_pdf(issued.pdf, PUBLIC).verdict == "AUTHENTIC"

        def register_right(register: Register) -> None:
            register.right(register.property(NUMBER, parcel), register.party("Sınaq Sahib", fin="ZZ00001"))

        write(office, register_right)
        assert office.verification.verify_pdf(issued.pdf, PUBLIC).verdict == "SUPERSEDED"
        assert office.desk.issue(replace(REQUEST, register_number="KX-2"), NOTARY).kind == "extract"
        before = replace(REQUEST, register_number="KX-2", known_at=issued.statement["state"]["ledger_index"])
        assert office.desk.issue(before, NOTARY).kind == "not-in-register"

    def test_who_holds_nothing_in_it_cannot_tell_registered_from_unknown(
        self, office: Office, owned: int
    ) -> None:
        write(office, lambda r: r.parcel("KX-2", square(100, 0)))
        bank = Caller("bank-1", CallerRole.BANK, "Sınaq Bankı", voen="9900000029")
        for caller, capacity in ((STRANGER, "owner"), (bank, "mortgagee")):
            refusals = set()
            for number in ("KX-1", "KX-2", "NONE-4", "20301500012", NUMBER):
                order = replace(REQUEST, register_number=number, capacity=capacity)
                with pytest.raises(NotFound) as refused:
                    office.desk.issue(order, caller)
                refusals.add((refused.value.code, refused.value.message))
            assert len(refusals) == 1

    @pytest.mark.parametrize("number", ["12", "20301500012", "2030150001234", "203015000123-0017"])
    def test_a_mistyped_register_number_is_not_answered_for(self, office: Office, number: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            office.desk.issue(replace(REQUEST, register_number=number), NOTARY)
        assert refused.value.code == "register-number-malformed"
        write(office, lambda r: r.parcel(number, square(0, 0)))  # unless a parcel is numbered so
        assert office.desk.issue(replace(REQUEST, register_number=number), NOTARY).kind == "not-in-register"


class TestWhoMayAsk:
    def test_an_owner_gets_his_own_and_a_stranger_learns_nothing(self, office: Office, owned: int) -> None:
        own = replace(REQUEST, capacity="owner", purpose="own_information")
        assert office.desk.issue(own, OWNER).kind == "extract"
        with pytest.raises(NotFound) as not_his:
            office.desk.issue(own, STRANGER)
        with pytest.raises(NotFound) as unknown:
            office.desk.issue(replace(own, register_number="999999999999"), STRANGER)
        assert not_his.value.message == unknown.value.message

    def test_a_refused_look_is_written_down_too(self, office: Office, owned: int) -> None:
        with pytest.raises(NotFound):
            office.desk.issue(replace(REQUEST, capacity="owner"), STRANGER)
        sequence(office.database)
        kinds = office.database.run(
            lambda uow: (
                uow.connection.execute(text("SELECT kind FROM ledger.leaf WHERE actor = 'owner-2'"))
                .scalars()
                .all()
            )
        )
        assert kinds == ["extract.requested"]

    @pytest.mark.parametrize(
        ("caller", "change", "error", "code"),
        [
            (PUBLIC, {}, NotAuthenticated, "not-authenticated"),
            (Caller("s", CallerRole.SURVEYOR, "S"), {}, Denied, "role-not-entitled"),
            (NOTARY, {"capacity": "court"}, Denied, "capacity-not-entitled"),
            (NOTARY, {"capacity": "friend"}, InvalidInput, "unknown-capacity"),
            (NOTARY, {"purpose": "curiosity"}, InvalidInput, "unknown-purpose"),
            (NOTARY, {"basis": "  "}, InvalidInput, "basis-missing"),
            (NOTARY, {"as_of": date(2026, 5, 5)}, InvalidInput, "moment-in-future"),
            (NOTARY, {"known_at": 10**6}, InvalidInput, "moment-in-future"),
            (NOTARY, {"register_number": "12"}, InvalidInput, "register-number-malformed"),
        ],
    )
    def test_everything_else_is_refused_by_name(
        self,
        office: Office,
        owned: int,
        caller: Caller,
        change: dict[str, object],
        error: type[CadastreError],
        code: str,
    ) -> None:
        with pytest.raises(error) as refused:
            office.desk.issue(replace(REQUEST, **change), caller)  # type: ignore[arg-type]
        assert refused.value.code == code

    def test_an_extract_opens_only_for_who_asked(self, office: Office, owned: int) -> None:
        issued = office.desk.issue(REQUEST, NOTARY)
        assert office.desk.get(issued.id, NOTARY).canonical == issued.canonical
        assert office.desk.get(issued.id, Caller("r", CallerRole.REGISTRAR, "R")).jws == issued.jws
        with pytest.raises(NotFound):
            office.desk.get(issued.id, Caller("notary-8", CallerRole.NOTARY, "Başqa"))


class TestVerification:
    def test_superseded_says_by_what_only_to_the_entitled(self, office: Office, owned: int) -> None:
        issued = office.desk.issue(REQUEST, NOTARY)
        write(office, lambda r: r.restriction(owned, "arrest"))
        for answer in (
            office.verification.verify_pdf(issued.pdf, NOTARY),
            office.verification.verify_bundle({"statement": issued.statement, "jws": issued.jws}, NOTARY),
        ):
            assert answer.verdict == "SUPERSEDED"
            assert answer.superseded_by is not None
            assert len(answer.superseded_by) == 1
        public = office.verification.verify_pdf(issued.pdf, PUBLIC)
        assert public.verdict == "SUPERSEDED"
        assert public.superseded_by is None

    def test_one_changed_byte_is_refused(self, office: Office, owned: int) -> None:
        pdf = bytearray(office.desk.issue(REQUEST, NOTARY).pdf)
        pdf[len(pdf) // 3] ^= 1
        assert office.verification.verify_pdf(bytes(pdf), PUBLIC).verdict == "NOT AUTHENTIC"

    def test_our_signature_on_something_we_never_issued_is_refused(self, office: Office, owned: int) -> None:
        issued = office.desk.issue(REQUEST, NOTARY)
        rogue = {**issued.statement, "id": "00000000-0000-7000-8000-000000000001"}
        issuer: Issuer = office.desk.parts.issuer
        signed = issuer.sign(canonical_bytes(rogue))
        answer = office.verification.verify_bundle({"statement": rogue, "jws": signed.jws}, PUBLIC)
        assert answer.verdict == "NOT AUTHENTIC"
        assert [r.code for r in answer.reasons] == ["not-issued"]

    def test_the_qr_page_names_parcel_area_and_hash_but_no_party(self, office: Office, owned: int) -> None:
        issued = office.desk.issue(REQUEST, NOTARY)
        summary = office.verification.public_summary(issued.verify_token)
        assert summary.parcels[0].cadastral_number == "KX-1"
        assert summary.parcels[0].surveyed_area_m2 == "400.00"
        assert "Sınaq" not in repr(summary)
        with pytest.raises(NotFound):
            office.verification.public_summary("0" * 32)


class _Crash(BaseException):
    """Stands for a process that dies between commit and print."""


class _DyingIssuer(Issuer):
    def __init__(self, inner: Issuer) -> None:
        self.inner = inner

    def build(self, record):  # type: ignore[no-untyped-def]
        return self.inner.build(record)

    def sign_bytes(self, canonical):  # type: ignore[no-untyped-def]
        return self.inner.sign_bytes(canonical)

    def signed_before(self, canonical, jws):  # type: ignore[no-untyped-def]
        raise _Crash


class TestCrash:
    def test_an_extract_that_was_cut_off_is_completed_from_its_stored_bytes(
        self, office: Office, owned: int
    ) -> None:
        parts = office.desk.parts
        dying = ExtractDesk(replace(parts, issuer=_DyingIssuer(parts.issuer)))
        with pytest.raises(_Crash):
            dying.issue(REQUEST, NOTARY)
        assert office.desk.complete_unsigned() == 1
        assert office.desk.complete_unsigned() == 0
        assert count_looks(office, "worker") == 1
        (extract_id,) = list_issued(office)
        issued = office.desk.get(extract_id, NOTARY)
        assert office.verification.verify_pdf(issued.pdf, PUBLIC).verdict == "AUTHENTIC"


def list_issued(office: Office) -> list[UUID]:
    def look(uow: UnitOfWork) -> list[UUID]:
        append_leaf(uow.connection, kind="access.test", actor="test", payload={})
        return list(uow.connection.execute(text("SELECT extract_id FROM evidence.extract")).scalars())

    return office.database.run(look)


def count_looks(office: Office, actor: str) -> int:
    question = text("SELECT count(*) FROM ledger.leaf WHERE kind = 'access.extract' AND actor = :actor")
    return office.database.run(lambda uow: uow.connection.execute(question, {"actor": actor}).scalar_one())


class TestWhoReadsWhatWasIssued:
    """Statements hold names in the clear: they open to a transaction that has logged its look, to no other."""

    @pytest.mark.parametrize("relation", ["evidence.extract", "evidence.extract_request"])
    def test_forgetting_to_log_is_an_empty_answer(self, office: Office, owned: int, relation: str) -> None:
        office.desk.issue(REQUEST, NOTARY)
        count = text(f"SELECT count(*) FROM {relation}")
        assert office.database.run(lambda uow: uow.connection.execute(count).scalar_one()) == 0
        assert len(list_issued(office)) == 1

    def test_every_look_is_logged_found_or_not(self, office: Office, owned: int) -> None:
        issued = office.desk.issue(REQUEST, NOTARY)
        assert count_looks(office, NOTARY.subject) == 0, "who applied is written down by his application"
        assert office.desk.get(issued.id, NOTARY) == issued
        assert count_looks(office, NOTARY.subject) == 1
        with pytest.raises(NotFound):
            office.desk.get(issued.id, STRANGER)
        assert count_looks(office, STRANGER.subject) == 1

    def test_the_public_verifies_as_a_role_that_opens_none(self, office: Office, owned: int) -> None:
        issued = office.desk.issue(REQUEST, NOTARY)
        write(office, lambda r: r.restriction(owned, "arrest"))
        for work in ("SELECT statement FROM evidence.extract", "SELECT name FROM party.party"):
            with pytest.raises(DBAPIError, match="permission denied"):
                office.database.read(lambda uow, work=work: uow.connection.execute(text(work)))
        before = count_looks(office, PUBLIC.subject)
        assert office.verification.verify_pdf(issued.pdf, PUBLIC).verdict == "SUPERSEDED"
        summary = office.verification.public_summary(issued.verify_token)
        assert (summary.verdict, summary.register_number) == ("SUPERSEDED", NUMBER)
        assert "Sınaq Sahib" not in repr(summary)
        assert count_looks(office, PUBLIC.subject) == before

    def test_a_signature_once_attached_stays(self, office: Office, owned: int) -> None:
        issued = office.desk.issue(REQUEST, NOTARY)
        again = office.database.run(
            lambda uow: store.mark_signed(
                uow.connection, issued.id, jws="x", pdf=b"x", signed_at=issued.issued_at
            )
        )
        assert again is False
        assert office.desk.get(issued.id, NOTARY).jws == issued.jws

    def test_the_login_itself_may_do_nothing(self, office: Office, owned: int) -> None:
        for work in (
            "SELECT 1 FROM publish.parcel",
            "SELECT 1 FROM cadastre.parcel",
            "INSERT INTO ledger.leaf (kind) VALUES ('x.y')",
            "SELECT * FROM evidence.list_unsigned(1)",
        ):
            with office.database.engine.connect() as connection, pytest.raises(DBAPIError, match="denied"):
                connection.execute(text(work))


class TestClock:
    def test_a_long_load_elsewhere_does_not_delay_an_extract(self, office: Office, owned: int) -> None:
        with office.database.engine.connect() as busy, busy.begin():
            Register(busy).parcel("KX-2", square(100, 100))
            assert office.desk.issue(REQUEST, NOTARY).kind == "extract"

    def test_indices_never_move_and_late_commits_only_append(self, office: Office) -> None:
        def leaves(uow: UnitOfWork) -> list[tuple[int, int | None]]:
            rows = uow.connection.execute(
                text("SELECT leaf_id, ledger_index FROM ledger.leaf ORDER BY leaf_id")
            )
            return [(row.leaf_id, row.ledger_index) for row in rows]

        with office.database.engine.connect() as late, late.begin():
            slow = Register(late).leaf()
            quick = write(office, lambda r: r.leaf())
            sequence(office.database)
            before = dict(office.database.run(leaves))
        sequence(office.database)
        after = dict(office.database.run(leaves))
        numbered = {leaf: index for leaf, index in before.items() if index is not None}
        assert quick in numbered
        assert numbered.items() <= after.items()
        assert after[slow] is not None
        assert after[slow] > after[quick]

    def test_only_read_committed_may_number(self, office: Office) -> None:
        with pytest.raises(Exception, match="READ COMMITTED"):
            office.database.run(
                lambda uow: uow.connection.execute(text("SELECT ledger.sequence_leaves()")),
                isolation=Isolation.SERIALIZABLE,
            )


def test_a_stopped_database_is_unavailable_not_a_traceback() -> None:
    nowhere = Database("postgresql+psycopg2://x:y@127.0.0.1:1/none")
    with pytest.raises(Unavailable):
        nowhere.read(lambda uow: uow.connection.execute(text("SELECT 1")))
