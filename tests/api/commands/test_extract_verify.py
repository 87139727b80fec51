"""``cadastre extract`` writes a signed file, ``cadastre verify`` judges it, with the register and without."""

from __future__ import annotations

import json
from pathlib import Path

import pikepdf
import pytest

from api.settings import ApiSettings
from tests.api.commands.conftest import Run
from tests.api.planting import BARE_PARCEL, CANARY_NAME, OWNED_PARCEL, REGISTER_NUMBER, UNKNOWN_NUMBER

pytestmark = pytest.mark.usefixtures("planted_environment")


@pytest.fixture
def trust(api_settings: ApiSettings) -> Path:
    return api_settings.signing_dir / "trust"


def spoil(path: Path) -> Path:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    changed = path.with_stem(path.stem + "-changed")
    changed.write_bytes(data)
    return changed


@pytest.mark.parametrize("form", ["pdf", "json"])
def test_issue_verify_change_refuse(
    run: Run, tmp_path: Path, trust: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    file = tmp_path / f"kupça {form}.{form}"
    done = run("extract", REGISTER_NUMBER, "--kind", "extract", "--out", file)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"extract {REGISTER_NUMBER} ")
    assert [p.name for p in tmp_path.iterdir()] == [file.name], "no draft is left behind"
    judged = run("verify", file)
    assert (judged.code, judged.out.splitlines()[0]) == (0, "AUTHENTIC")
    assert "Подпись" in run("verify", file, "--language", "ru").out
    changed = spoil(file)
    refused = run("verify", changed)
    assert (refused.code, refused.out.splitlines()[0]) == (1, "NOT AUTHENTIC")
    assert len(refused.out.splitlines()) > 1, "a reason is given"
    monkeypatch.setenv("CADASTRE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nowhere")
    assert run("verify", file, "--offline").code == 0
    assert run("verify", file, "--offline", "--trust", trust).code == 0
    assert run("verify", changed, "--offline", "--trust", trust).code == 1
    assert run("verify", file).code == 2, "without the register nobody can say that it still holds"


def test_json_is_the_body_of_the_interface_and_the_application_is_honest(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "arayış.json"
    run("extract", REGISTER_NUMBER, "--kind", "certificate", "--out", file)
    body = json.loads(file.read_text(encoding="utf-8"))
    assert set(body) == {"id", "issued_at", "statement", "jws", "proof", "promise", "pdf"}
    request = body["statement"]["request"]
    assert request["capacity"]["code"] == "registry_officer"
    assert request["basis"] == "command line"
    assert "operator" in json.dumps(request)
    assert CANARY_NAME in file.read_text(encoding="utf-8")


def test_superseded_is_exit_3(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "past.json"
    assert run("extract", REGISTER_NUMBER, "--known-at", "0", "--out", file).code == 0
    judged = run("verify", file)
    assert (judged.code, judged.out.splitlines()[0]) == (3, "SUPERSEDED")
    assert run("verify", file, "--offline").code == 0, "the keys alone cannot know"


def test_unknown_number_is_answered_in_writing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "nothing.pdf"
    done = run("extract", UNKNOWN_NUMBER, "--out", file)
    assert done.code == 0
    assert "is not in the register" in done.err
    assert file.read_bytes().startswith(b"%PDF")
    assert run("verify", file).code == 0


def test_a_parcel_without_a_right_is_answered_for_by_its_cadastral_number(run: Run, tmp_path: Path) -> None:
    bare = run("extract", BARE_PARCEL, "--out", tmp_path / "bare.json")
    assert bare.code == 0
    assert f"{BARE_PARCEL} is not in the register" in bare.err
    owned = run("extract", OWNED_PARCEL, "--out", tmp_path / "owned.json")
    assert (owned.code, owned.err) == (0, "")
    assert owned.out.startswith(f"extract {REGISTER_NUMBER} ")
    assert run("verify", tmp_path / "bare.json").code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["12", "--out", "{tmp}/a.pdf"], "register number"),
        ([REGISTER_NUMBER, "--out", "{tmp}/a.docx"], ".pdf or .json"),
        ([REGISTER_NUMBER, "--out", "{tmp}/no/such/folder/a.pdf"], "no file can be written there"),
        ([REGISTER_NUMBER, "--out", "{tmp}"], ".pdf or .json"),
        ([REGISTER_NUMBER, "--out", "{tmp}/a.pdf", "--as-of", "yesterday"], "YYYY-MM-DD"),
        ([REGISTER_NUMBER, "--out", "{tmp}/a.pdf", "--as-of", "2999-01-01"], "future"),
        ([REGISTER_NUMBER, "--out", "{tmp}/a.pdf", "--as-of", "0001-01-01"], "1900-01-01"),
        ([REGISTER_NUMBER, "--out", "{tmp}/a.pdf", "--as-of", "1899-12-31"], "1900-01-01"),
        ([REGISTER_NUMBER, "--out", "{tmp}/a.pdf", "--basis", "a\u200bb"], "basis"),
        ([REGISTER_NUMBER, "--out", "{tmp}/a.pdf", "--known-at", "999999999"], "newest ledger index"),
        ([REGISTER_NUMBER, "--out", "{tmp}/a.pdf", "--known-at", "-1"], "known_at must be a ledger index"),
        ([REGISTER_NUMBER, "--out", "{tmp}/a.pdf", "--kind", "deed"], "--kind"),
        ([REGISTER_NUMBER, "--out", "{tmp}/a.pdf", "--capacity", "uncle"], "capacity must be one of"),
        ([REGISTER_NUMBER, "--out", "{tmp}/a.pdf", "--purpose", "curiosity"], "purpose must be one of"),
        ([REGISTER_NUMBER], "--out"),
    ],
)
def test_unusable_orders_are_one_line(run: Run, tmp_path: Path, arguments: list[str], says: str) -> None:
    done = run("extract", *[a.replace("{tmp}", str(tmp_path)) for a in arguments])
    assert done.code == 2
    assert done.out == ""
    assert says in done.err
    assert len(done.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"{", b"{}", b'{"a":' * 100_000])
def test_whatever_claims_to_be_a_document_is_judged(run: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.pdf"
    file.write_bytes(content)
    for options in ((), ("--offline",)):
        done = run("verify", file, *options)
        assert (done.code, done.out.splitlines()[0], done.err) == (1, "NOT AUTHENTIC", "")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 1000, b"[" * 90_000, b"\x89PNG\r\n\x1a\n"])
def test_what_is_neither_a_pdf_nor_json_is_exit_2(run: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.pdf"
    file.write_bytes(content)
    for options in ((), ("--offline",)):
        done = run("verify", file, *options)
        assert (done.code, done.out) == (2, "")
        assert len(done.err.splitlines()) == 1


def test_a_file_of_200_megabytes_is_not_read(run: Run, tmp_path: Path) -> None:
    with (tmp_path / "x.pdf").open("wb") as sparse:
        sparse.write(b"%PDF-1.7\n")
        sparse.truncate(200_000_000)
    assert run("verify", tmp_path / "x.pdf", "--offline").code == 2


def test_the_code_of_a_paper_is_judged_offline(run: Run, tmp_path: Path, trust: Path) -> None:
    assert run("extract", REGISTER_NUMBER, "--out", tmp_path / "a.pdf").code == 0
    with pikepdf.open(tmp_path / "a.pdf") as document:
        code = document.attachments["verification-code.txt"].get_file().read_bytes().decode()
    judged = run("verify", "--code", code, "--trust", trust)
    assert (judged.code, judged.out.splitlines()[0]) == (0, "AUTHENTIC")
    assert REGISTER_NUMBER in judged.out
    moved = run("verify", "--code", code.replace("/verify/", "/x/verify/"), "--trust", trust)
    assert (moved.code, moved.out.splitlines()[0]) == (1, "NOT AUTHENTIC")
    assert REGISTER_NUMBER not in moved.out
    for wrong in (("verify",), ("verify", tmp_path / "a.pdf", "--code", code)):
        assert run(*wrong).code == 2


def test_what_cannot_be_read_is_exit_2(run: Run, tmp_path: Path) -> None:
    for arguments in (
        [tmp_path / "missing.pdf"],
        [tmp_path],
        [__file__, "--offline", "--trust", tmp_path / "nowhere"],
    ):
        done = run("verify", *arguments)
        assert done.code == 2
        assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("language", ["zz", "", "EN", "az,en"])
def test_a_language_that_is_not_spoken_is_refused(run: Run, tmp_path: Path, language: str) -> None:
    file = tmp_path / "x.pdf"
    file.write_bytes(b"hello")
    done = run("verify", file, "--language", language)
    assert (done.code, done.out) == (2, "")
    assert "--language" in done.err
    assert len(done.err.splitlines()) == 1
