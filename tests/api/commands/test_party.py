"""``cadastre party``: a legacy record matched, proposed and linked from the command line."""

from __future__ import annotations

import hashlib
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from cadastre.store.documents import enter_document, keep_content
from tests.api.commands.conftest import Run
from tests.database import Database
from tests.register import Register

pytestmark = pytest.mark.usefixtures("planted_environment")
NUMBER = "203078000001"
PDF = b"%PDF-1.7 party of the command line %%EOF"


@pytest.fixture(scope="module")
def records(planted_database: Database) -> tuple[UUID, UUID, UUID]:
    """A legacy record, the same person with a number, and a scan (synthetic)."""
    engine = create_engine(planted_database.app_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
        register = Register(connection)
        leaf, scan = register.leaf(), uuid4()
        legacy = register.party("Гусейнов Рауф")
        register.right(register.property(NUMBER), legacy)
        known = register.party("Hüseynov Rauf Adil oğlu", fin="2ZK1P0A")
        digest = hashlib.sha256(PDF).digest()
        keep_content(connection, sha256=digest, media_type="application/pdf", content=PDF)
        enter_document(
            connection,
            document_id=scan,
            sha256=digest,
            kind="identity_document",
            file_name="a.pdf",
            pages=None,
            uploaded_by="test",
            leaf=leaf,
        )
    engine.dispose()
    return legacy, known, scan


def test_a_record_is_matched_proposed_and_linked(run: Run, records: tuple[UUID, UUID, UUID]) -> None:
    legacy, known, scan = records
    found = run("party", "match", "Hüseynov Rauf", "--section", NUMBER)
    assert (found.code, found.err) == (0, "")
    assert found.out.startswith(f"0.950  {legacy}  Гусейнов Рауф  ({NUMBER}; other-spelling")
    officers = [run("token", "--role", "registrar", "--subject", f"linker-{n}").out.strip() for n in (1, 2)]
    proposed = run("party", "propose", legacy, known, "--document", scan, "--token", officers[0])
    assert proposed.code == 0, proposed.err
    number = proposed.out.split()[-1]
    assert f"{number}  Гусейнов Рауф stands for Hüseynov" in run("party", "waiting").out
    same = run("party", "decide", number, "--token", officers[0])
    assert (same.code, same.err.count("\n"), "does not decide it" in same.err) == (2, 1, True)
    linked = run("party", "decide", number, "--token", officers[1])
    assert (linked.code, linked.out.startswith("link ")) == (0, True)
    assert run("party", "match", "Hüseynov Rauf", "--section", NUMBER).code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("match", "Əli"),
        ("match", "Əli", "--section", "1", "--district", "BAK-XEZ"),
        ("match", "Əli", "--district", "BAK-XEZ", "--kind", "ghost"),
        ("match", "Əli", "--district", "BAK-XEZ", "--purpose", "curiosity"),
        ("match", "Ə\x07li", "--district", "BAK-XEZ"),
        ("match", "Ə" * 1000, "--district", "BAK-XEZ"),
        ("decide", "9000000000000000000"),
        ("decide", "0"),
        ("propose", str(UUID(int=1)), str(UUID(int=1)), "--document", str(UUID(int=2))),
        ("propose", "x", "y", "--document", "z"),
        ("propose", str(UUID(int=1)), str(UUID(int=2)), "--document", str(UUID(int=2)), "--manner", "cousin"),
        ("waiting", "--token", "rubbish"),
    ],
)
def test_unusable_input_is_one_plain_line(run: Run, arguments: tuple[str, ...]) -> None:
    done = run("party", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.strip().count("\n") == 0, done.err
    assert "Traceback" not in done.err


def test_who_is_no_registrar_is_refused(run: Run) -> None:
    token = run("token", "--role", "notary", "--subject", "notary-cli").out.strip()
    done = run("party", "waiting", "--token", token)
    assert (done.code, "not entitled" in done.err) == (2, True)
