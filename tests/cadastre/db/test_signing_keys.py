"""Keys in the database: nobody but the owner's login writes them, none changes hands, a payload opens one case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from cadastre.kernel.errors import Conflict, NotFound
from cadastre.services.signing import register_key, revoke_key
from tests.cadastre.db.contests import owned
from tests.cadastre.db.races import refusal
from tests.cadastre.db.test_register_invariants import done, refused
from tests.database import Database, TestCluster
from tests.register import Register

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
PAYLOAD = text("""
    INSERT INTO registry.signed_payload (case_id, payload_sha256, kid, signed_at, recorded_leaf)
    VALUES (:case, :digest, :kid, now(), :leaf)
""")
KEY = text("""
    INSERT INTO registry.signing_key (kid, subject, public_key, valid_from, recorded_leaf)
    VALUES (:kid, :subject, :public, now(), :leaf)
""")


@pytest.fixture(scope="module")
def register_copy(test_cluster: TestCluster) -> Iterator[Database]:
    database = test_cluster.create_copy()
    yield database
    test_cluster.drop_copy(database)


@pytest.fixture
def owner(register_copy: Database) -> Iterator[Engine]:
    engine = create_engine(register_copy.admin_url, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def application(register_copy: Database) -> Iterator[Engine]:
    engine = create_engine(register_copy.app_url, poolclass=NullPool)
    yield engine
    engine.dispose()


def enter(engine: Engine, subject: str, private: Ed25519PrivateKey | None = None) -> str:
    public = (private or Ed25519PrivateKey.generate()).public_key()
    with engine.begin() as connection:
        return register_key(connection, subject, public, valid_from=NOW, valid_to=None, actor="operator").kid


def filed_with(kid: str, digest: bytes, applicant: str = "notary-1") -> Callable[[Register], UUID]:
    """A case that says it was signed with this key."""

    def work(r: Register) -> UUID:
        case = r.file("sale", owned(r)["property"], applicant=applicant)
        values = {"case": case, "digest": digest, "kid": kid, "leaf": r._current_leaf()}
        r.connection.execute(PAYLOAD, values)
        return case

    return work


def attempt(engine: Engine, work: Callable[[Connection], Any]) -> str:
    """Name what refuses the owner's work, or ``ok``."""
    try:
        with engine.begin() as connection:
            work(connection)
    except DBAPIError as error:
        return refusal(error)
    return "ok"


def test_the_application_registers_and_revokes_no_key(application: Engine, owner: Engine) -> None:
    kid = enter(owner, "notary-1")
    values = {"kid": "A" * 43, "subject": "notary-1", "public": bytes(32)}
    forged = refused(application, lambda r: r.connection.execute(KEY, values | {"leaf": r.leaf()}))
    close = text("UPDATE registry.signing_key SET superseded_leaf = :leaf WHERE kid = :kid")
    lifted = refused(application, lambda r: r.connection.execute(close, {"kid": kid, "leaf": r.leaf()}))
    assert forged == lifted == "42501"


def test_a_key_belongs_to_one_account_for_ever(owner: Engine) -> None:
    private = Ed25519PrivateKey.generate()
    kid = enter(owner, "notary-1", private)
    with pytest.raises(Conflict):
        enter(owner, "notary-2", private)
    with owner.begin() as connection:
        revoke_key(connection, kid, "lost", at=NOW + timedelta(days=1), actor="operator")
    with pytest.raises(Conflict):
        enter(owner, "notary-1", private)
    with pytest.raises(NotFound), owner.begin() as connection:
        revoke_key(connection, kid, "again", at=NOW, actor="operator")

    def put_back(connection: Connection) -> None:
        leaf = Register(connection).leaf()
        close = "UPDATE registry.signing_key SET superseded_leaf = :leaf WHERE kid = :kid AND superseded_leaf IS NULL"
        connection.execute(text(close), {"leaf": leaf, "kid": kid})
        again = {"kid": kid, "subject": "notary-1", "public": private.public_key().public_bytes_raw()}
        connection.execute(KEY, again | {"leaf": leaf})

    assert attempt(owner, put_back) == "ck_signing_key_once"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry.signing_key SET subject = 'thief' WHERE kid = :kid",
        "UPDATE registry.signing_key SET public_key = sha256('x') WHERE kid = :kid",
        "UPDATE registry.signing_key SET revoked_at = NULL WHERE kid = :kid",
        "DELETE FROM registry.signing_key WHERE kid = :kid",
    ],
)
def test_nothing_of_a_key_is_rewritten_not_even_by_the_owner(owner: Engine, statement: str) -> None:
    kid = enter(owner, "notary-1")
    if "revoked_at" in statement:
        with owner.begin() as connection:
            revoke_key(connection, kid, "lost", at=NOW, actor="operator")
    said = attempt(owner, lambda connection: connection.execute(text(statement), {"kid": kid}))
    assert said in ("ck_close_only", "ck_append_only", "ck_superseded_now")


def test_a_payload_is_signed_with_a_living_key_of_the_applicant_and_opens_one_case(
    application: Engine, owner: Engine
) -> None:
    kid, strange = enter(owner, "notary-1"), enter(owner, "notary-2")
    digest = hashlib.sha256(kid.encode()).digest()
    for bad in (strange, "B" * 43):
        assert refused(application, filed_with(bad, hashlib.sha256(bad.encode()).digest())) == (
            "ck_signed_payload_signer"
        )
    done(application, filed_with(kid, digest))
    assert refused(application, filed_with(kid, digest)) == "uq_signed_payload_once"
    with owner.begin() as connection:
        revoke_key(connection, kid, "lost", at=NOW, actor="operator")
    later = hashlib.sha256(b"later").digest()
    assert refused(application, filed_with(kid, later)) == "ck_signed_payload_signer"


def test_nobody_signs_a_case_afterwards(application: Engine, owner: Engine) -> None:
    kid = enter(owner, "notary-1")
    case = done(application, lambda r: r.file("sale", owned(r)["property"]))
    values = {"case": case, "digest": hashlib.sha256(b"afterwards").digest(), "kid": kid}
    late = refused(application, lambda r: r.connection.execute(PAYLOAD, values | {"leaf": r.leaf()}))
    assert late == "ck_signed_payload_signer"
