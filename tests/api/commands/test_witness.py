"""The witness as a process of its own: over HTTP, killed and started again."""

from __future__ import annotations

import http.client
from pathlib import Path
from urllib.parse import urlsplit

from cadastre.ledger.cosignature import list_cosigners
from cadastre.ledger.note import parse_note
from tests.api.witness_process import TIMEOUT_S, running_witness, start_witness
from tests.cadastre.ledger.logs import Log, hashes


def test_it_cosigns_remembers_through_a_kill_and_refuses_the_fork(tmp_path: Path) -> None:
    log = Log(hashes(30))
    folder = tmp_path / "1"
    with running_witness(folder, log.signer.verifier.line) as witness:
        status, line = witness.post(log.ask(0, 20))
        assert status == 200
        assert list(list_cosigners(parse_note(log.note(20) + line), [witness.verifier])) == ["w.example/1"]
        witness.kill()
    with running_witness(folder, log.signer.verifier.line) as witness:
        assert witness.post(log.forked(10, 20, "x").ask(0)) == (409, "20\n")
        assert witness.post(log.ask(20))[0] == 200
    (folder / "memory" / "journal").write_bytes(b"")
    process = start_witness(folder, log.signer.verifier.line)
    _, errors = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 2
    assert errors.count("\n") == 1
    assert "begin with a new key" in errors


def test_what_is_no_request_is_answered_plainly(tmp_path: Path) -> None:
    log = Log()
    key = tmp_path / "log.vkey"
    key.write_text(f"# the log\n{log.signer.verifier.line}\n")
    with running_witness(tmp_path / "1", str(key)) as witness:
        address = urlsplit(witness.url)
        assert witness.post(b"hello")[0] == 400
        for method, path, headers, status in (
            ("GET", "/", {}, 200),
            ("POST", "/elsewhere", {"Content-Length": "0"}, 404),
            ("POST", "/add-checkpoint", {"Content-Length": "100000000"}, 413),
            ("POST", "/add-checkpoint", {"Content-Length": "-1"}, 411),
            ("DELETE", "/add-checkpoint", {}, 501),
        ):
            connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT_S)
            connection.putrequest(method, path)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            assert connection.getresponse().status == status, (method, path, headers)
            connection.close()


def test_a_key_that_is_none_is_one_plain_line(tmp_path: Path) -> None:
    for given in ("nowhere.vkey", "a+b+c"):
        process = start_witness(tmp_path / "1", given)
        _, errors = process.communicate(timeout=TIMEOUT_S)
        assert (process.returncode, errors.count("\n")) == (2, 1), errors
    assert not (tmp_path / "1").exists()
