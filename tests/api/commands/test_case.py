"""``cadastre case``: a sale from the file to the register, and one plain line for everything unusable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tests.api.commands.conftest import Run
from tests.database import Database
from tests.register import Register

pytestmark = pytest.mark.usefixtures("planted_environment")
NUMBER, OTHER = "203077000001", "203077000002"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(scope="module")
def section(planted_database: Database) -> str:
    """Register number of one of two properties that one person owns."""
    engine = create_engine(planted_database.app_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
        register = Register(connection, serial=770_000)
        register.leaf()
        owner = register.party("Əli Məmmədov", fin="2ZK1M0A")
        for number in (NUMBER, OTHER):
            register.right(register.property(number), owner)
    engine.dispose()
    return NUMBER


def application(folder: Path, **changes: Any) -> Path:
    body = {
        "service": "sale",
        "capacity": "registry_officer",
        "properties": [{"register_number": NUMBER, "version": 1}],
        "parties": [
            {"role": "disposer", "kind": "natural", "name": "Əli Məmmədov", "fin": "2ZK1M0A"},
            {"role": "acquirer", "kind": "natural", "name": "Leyla", "fin": "2AB2C3D", "share": "1/1"},
        ],
        **changes,
    }
    path = folder / "application.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


@pytest.mark.usefixtures("section")
def test_a_sale_from_the_file_to_the_register(run: Run, tmp_path: Path) -> None:
    scan = tmp_path / "k.pdf"
    scan.write_bytes(PDF)
    filed = run("case", "file", application(tmp_path), "--document", f"basis:sale_contract:{scan}")
    assert (filed.code, filed.err) == (0, "")
    assert filed.out.startswith("accepted: journal number ")
    case = filed.out.partition("case ")[2].partition(",")[0]
    officers = [run("token", "--role", "registrar", "--subject", f"officer-{n}").out.strip() for n in (1, 2)]
    assert run("case", "step", case, "assign", "--assignee", "officer-1").out.startswith("assigned: step 3")
    assert run("case", "step", case, "prepare", "--token", officers[0]).code == 0
    same = run("case", "step", case, "register", "--token", officers[0])
    assert (same.code, same.err.strip()) == (2, "Whoever prepared a case does not decide it.")
    done = run("case", "step", case, "register", "--token", officers[1])
    assert (done.code, "registration " in done.out) == (0, True)
    shown = json.loads(run("case", "show", case).out)
    assert (shown["state"], len(shown["steps"])) == ("registered", 5)
    assert case in run("case", "list", "--state", "registered", "--limit", "200").out


@pytest.mark.usefixtures("section")
def test_missing_papers_are_exit_1_and_a_stale_version_2(run: Run, tmp_path: Path) -> None:
    other = {"register_number": OTHER, "version": 1}
    returned = run("case", "file", application(tmp_path, properties=[other]))
    assert returned.code == 1
    assert returned.out.startswith("returned: journal number ")
    assert returned.err == "returned: these documents are missing: basis\n"
    stale = run("case", "file", application(tmp_path, properties=[{**other, "version": 99}]))
    assert (stale.code, "has changed since it was read" in stale.err) == (2, True)
    unseen = run("case", "file", application(tmp_path, properties=[{"register_number": OTHER}]))
    assert (unseen.code, "which version" in unseen.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "no-uuid"], "valid UUID"),
        (["show", "00000000-0000-0000-0000-000000000000"], "no such case"),
        (["step", "00000000-0000-0000-0000-000000000000", "dance"], "must be one of"),
        (["list", "--state", "dancing"], "must be one of"),
        (["list", "--token", "nonsense"], "token"),
        (["file", "/nowhere/at/all.json"], "/nowhere/at/all.json"),
    ],
)
def test_unusable_input_is_one_line(run: Run, arguments: list[str], says: str) -> None:
    done = run("case", *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "JSON"),
        (b"[]", "JSON"),
        (b'{"service": "sale", "service": "gift"}', "twice"),
        (b'{"service": "sale"}', "capacity"),
        (b'{"service": "sale", "capacity": "owner", "terms": {"price": 1.5}}', "1.5"),
    ],
)
def test_unreadable_applications_are_one_line(run: Run, tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "application.json"
    path.write_bytes(content)
    done = run("case", "file", path)
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert says in done.err


def test_a_scan_is_named_by_role_kind_and_file(run: Run, tmp_path: Path) -> None:
    for text in ("k.pdf", "basis:sale_contract:k.exe", "basis::k.pdf"):
        done = run("case", "file", application(tmp_path), "--document", text)
        assert (done.code, "ROLE:KIND:FILE" in done.err) == (2, True)
