"""The standalone verifier: one short file, the standard library and cryptography, no network, no register."""

from __future__ import annotations

import ast
import base64
import copy
import json
import re
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cadastre.extract import IssuingKeys, Trust, Verdict, canonical_bytes, sign_detached
from cadastre.extract.ledger_policy import LedgerPolicy
from cadastre.extract.statement import KNOWN_SCHEMAS
from cadastre.extract.verify import Verifier
from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.checkpoint import Checkpoint
from cadastre.ledger.handover import sign_handover, write_handovers
from cadastre.ledger.note import Ed25519Signer
from cadastre.ledger.proof_text import Opening
from tests.cadastre.extract.conftest import Issued
from tests.cadastre.extract.ledger_proofs import ORIGIN, SmallLedger, signer
from tests.cadastre.extract.standalone import VERIFIER, Judged, judge, judge_all

LEDGER = SmallLedger()


@pytest.fixture(scope="module")
def folder(key_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trust directory with a ledger."""
    found = tmp_path_factory.mktemp("trust") / "trust"
    shutil.copytree(key_dir / "trust", found)
    (found / "ledger.policy").write_text(LEDGER.policy(), encoding="utf-8")
    return found


def body_of(one: Issued, **changes: Any) -> dict[str, Any]:
    statement = one.signed.statement
    return {
        "id": statement["id"],
        "issued_at": statement["issued_at"],
        "statement": statement,
        "jws": one.signed.jws,
        "proof": LEDGER.prove(statement, one.signed.sha256),
        "pdf": "/v1/extracts/x/pdf",
        **changes,
    }


def judged_bodies(bodies: list[bytes], folder: Path, tmp_path: Path) -> list[Judged]:
    files = [tmp_path / f"{number}.json" for number in range(len(bodies))]
    for file, body in zip(files, bodies, strict=True):
        file.write_bytes(body)
    return judge_all(files, folder)


def test_it_is_short_and_imports_nothing_but_cryptography() -> None:
    source = VERIFIER.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 300
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - sys.stdlib_module_names == {"cryptography"}


def test_it_knows_every_form_of_a_statement_that_was_ever_signed() -> None:
    (pattern,) = re.findall(r'"(urn:kadastr:statement:[^"]+)"', VERIFIER.read_text(encoding="utf-8"))
    assert all(re.fullmatch(pattern, schema) for schema in KNOWN_SCHEMAS)
    assert not re.fullmatch(pattern, f"urn:kadastr:statement:{len(KNOWN_SCHEMAS) + 1}")


@pytest.mark.parametrize("name", ["plain", "burdened", "past"])
def test_what_we_issue_is_authentic_as_json_and_as_pdf(
    issued: dict[str, Issued], folder: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(body_of(issued[name]), indent=1, ensure_ascii=False))
    (tmp_path / "a.pdf").write_bytes(issued[name].pdf)
    as_json, as_pdf = judge_all([tmp_path / "a.json", tmp_path / "a.pdf"], folder)
    assert (as_json.code, as_json.verdict) == (0, "AUTHENTIC")
    seen = "proof-valid, seen by 2026-11-22 10:16:41+00:00"
    assert as_json.reasons[-1] == seen, "the later of the two witnesses"
    assert (as_pdf.code, as_pdf.verdict, as_pdf.errors) == (0, "AUTHENTIC", "")


def forged(statement: dict[str, Any]) -> dict[str, Any]:
    other = copy.deepcopy(statement)
    other["rights"][0]["holders"][0]["party"]["name"] = "Saxtakarov Saxta"
    return other


def test_forged_bodies_are_refused_by_both_verifiers(
    issued: dict[str, Issued],
    folder: Path,
    tmp_path: Path,
    trust: Trust,
    keys: IssuingKeys,
    other_keys: IssuingKeys,
) -> None:
    plain, owners = issued["plain"], issued["owners"]
    statement, good = plain.signed.statement, body_of(plain)
    proof, raw = good["proof"], json.dumps(good).encode()
    newer = {**statement, "schema": "urn:kadastr:statement:77"}
    future = {**statement, "issued_at": "2999-01-01T00:00:00.000000+04:00"}
    own_log = SmallLedger(log=signer(LEDGER.log.name, 9))
    own_witnesses = SmallLedger(
        witnesses=tuple(signer(w.name, 8 + n) for n, w in enumerate(LEDGER.witnesses))
    )
    opening = LEDGER.opening(statement, plain.signed.sha256)
    other_rows = Opening(opening.payload, opening.salt, b"\1" * 32).write()
    moved = LEDGER.proof(opening)
    faults: dict[str, bytes] = {
        "changed name": json.dumps({**good, "statement": forged(statement)}).encode(),
        "signature of another": json.dumps({**good, "jws": owners.signed.jws}).encode(),
        "signed by a stranger": json.dumps(
            {**good, "jws": sign_detached(plain.signed.canonical, other_keys.jws_key)}
        ).encode(),
        "no signature": json.dumps({**good, "jws": ""}).encode(),
        "alg none": json.dumps({**good, "jws": "eyJhbGciOiJub25lIn0.."}).encode(),
        "another id": json.dumps({**good, "id": "0193a5e2-7c1d-7aaa-8bbb-0123456789ff"}).encode(),
        "another date": json.dumps({**good, "issued_at": "2026-11-23T14:15:30.123456+04:00"}).encode(),
        "doubled key": raw.replace(b'"synthetic": true', b'"synthetic": false, "synthetic": true'),
        "doubled statement": raw.replace(b'"statement": {', b'"statement": {"kind": 1}, "statement": {', 1),
        "fraction": raw.replace(b'"ledger_index": ', b'"ledger_index": 0.5, "x": ', 1),
        "deep": b'{"statement":' * 100_000,
        "deep list": b'{"statement":{"a":' + b"[" * 100_000,
        "not utf-8": b'{"statement": "\xff"}',
        "surrogate": b'{"statement": {"a": "\\ud800"}, "jws": "x"}',
        "no statement": b"{}",
        "huge number": b'{"statement": {"a": ' + b"9" * 10_000 + b'}, "jws": "x"}',
        "unknown schema": json.dumps(
            {"statement": newer, "jws": sign_detached(canonical_bytes(newer), keys.jws_key)}
        ).encode(),
        "from the future": json.dumps(
            {"statement": future, "jws": sign_detached(canonical_bytes(future), keys.jws_key)}
        ).encode(),
        "proof of another": json.dumps({**good, "proof": body_of(owners)["proof"]}).encode(),
        "proof of a number": json.dumps({**good, "proof": 7}).encode(),
        "proof that is none": json.dumps({**good, "proof": "c2sp.org/tlog-proof@v1\n"}).encode(),
        "another ledger of that name": json.dumps(
            {**good, "proof": own_log.prove(statement, plain.signed.sha256)}
        ).encode(),
        "self-made witnesses": json.dumps(
            {**good, "proof": own_witnesses.prove(statement, plain.signed.sha256)}
        ).encode(),
        "one witness": json.dumps(
            {**good, "proof": LEDGER.prove(statement, plain.signed.sha256, witnessed=(1,))}
        ).encode(),
        "another place": json.dumps({**good, "proof": proof.replace("index 6", "index 7")}).encode(),
        "negative place": json.dumps({**good, "proof": proof.replace("index 6", "index -4")}).encode(),
        "another size": json.dumps({**good, "proof": proof.replace("\n10\n", "\n11\n")}).encode(),
        "short path": json.dumps(
            {**good, "proof": proof.replace(base64.b64encode(moved.path[-1]).decode() + "\n", "")}
        ).encode(),
        "other rows": json.dumps(
            {
                **good,
                "proof": proof.replace(
                    base64.b64encode(opening.write()).decode(), base64.b64encode(other_rows).decode()
                ),
            }
        ).encode(),
        "another magic": json.dumps({**good, "proof": proof.replace("proof@v1", "proof@v2")}).encode(),
    }
    policy = LedgerPolicy.parse(LEDGER.policy())
    portal = Verifier(trust, policy)
    for name, body in faults.items():
        assert body != raw, name
        found = portal.judge_bundle(body, now=datetime.now(UTC))
        assert found.verdict is Verdict.NOT_AUTHENTIC, name
        assert found.statement is None, name
    judged = judged_bodies(list(faults.values()), folder, tmp_path)
    assert {name: (one.code, one.verdict) for name, one in zip(faults, judged, strict=True)} == dict.fromkeys(
        faults, (1, "NOT AUTHENTIC")
    )


def test_a_body_without_a_proof_says_so_and_without_a_policy_too(
    issued: dict[str, Issued], folder: Path, key_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "bare.json").write_text(json.dumps(body_of(issued["plain"], proof=None)))
    (tmp_path / "full.json").write_text(json.dumps(body_of(issued["plain"])))
    assert judge(tmp_path / "bare.json", folder).reasons[-1] == "proof-absent"
    assert judge(tmp_path / "full.json", key_dir / "trust").reasons[-1] == "proof-unchecked"


def handed_over(size: int, old: Ed25519Signer, new: Ed25519Signer) -> str:
    return sign_handover(Checkpoint(ORIGIN, size, bytes(32)), old, new).write()


def test_keys_of_the_ledger_follow_by_handovers_alone(
    issued: dict[str, Issued], trust: Trust, folder: Path, tmp_path: Path
) -> None:
    one, second, third = LEDGER.log, signer(ORIGIN, 41), signer(ORIGIN, 42)
    first = handed_over(8, one, second)
    both = write_handovers([first, handed_over(9, second, third)])
    cases: list[tuple[str, Ed25519Signer, bool]] = [
        ("", one, True),
        ("", second, False),
        (first, second, True),
        (first, one, False),
        (both, third, True),
        (both, second, False),
        (handed_over(12, one, second), one, True),
        (handed_over(12, one, second), second, False),
        (handed_over(8, third, second), one, True),
        (handed_over(8, third, second), second, False),
        (write_handovers([first, handed_over(8, one, third)]), second, False),
        (first.replace("\n8\n", "\n11\n"), one, False),
        ("\n".join(first.split("\n")[:-2]) + "\n", second, False),
    ]
    for number, (told, log, is_authentic) in enumerate(cases):
        place = tmp_path / str(number)
        shutil.copytree(folder, place)
        (place / "ledger.handovers").write_text(told, encoding="utf-8")
        ledger = SmallLedger(log=log, first=one)
        statement = issued["plain"].signed.statement
        body = body_of(issued["plain"], proof=ledger.prove(statement, issued["plain"].signed.sha256))
        (tmp_path / f"{number}.json").write_text(json.dumps(body))
        assert judge(tmp_path / f"{number}.json", place).code == (0 if is_authentic else 1), number
        try:
            found = Verifier(trust, LedgerPolicy.read(place)).judge_bundle(body).verdict
        except InvalidInput:
            found = Verdict.NOT_AUTHENTIC
        assert (found is Verdict.AUTHENTIC) is is_authentic, number


@pytest.mark.parametrize(
    ("eras", "witnessed", "code"),
    [
        ("quorum w0 from 11", (), 0),
        ("quorum w0 from 10", (), 1),
        ("quorum w0 from 10", (0,), 0),
        ("quorum both from 3\nquorum w1 from 9", (1,), 0),
        ("quorum both from 3\nquorum w1 from 9", (0,), 1),
        ("quorum both from 3\nquorum w1 from 11", (1,), 1),
    ],
)
def test_a_quorum_counts_from_its_size_on(
    issued: dict[str, Issued],
    trust: Trust,
    folder: Path,
    tmp_path: Path,
    eras: str,
    witnessed: tuple[int, ...],
    code: int,
) -> None:
    place, ledger, one = tmp_path / "trust", SmallLedger(eras=eras), issued["plain"].signed
    shutil.copytree(folder, place)
    (place / "ledger.policy").write_text(ledger.policy("none"), encoding="utf-8")
    body = body_of(issued["plain"], proof=ledger.prove(one.statement, one.sha256, witnessed))
    (tmp_path / "a.json").write_text(json.dumps(body))
    assert judge(tmp_path / "a.json", place).code == code
    policy = LedgerPolicy.read(place)
    assert policy is not None
    verdict = Verifier(trust, policy).judge_bundle(body).verdict
    assert (verdict is Verdict.AUTHENTIC) is (code == 0)
    assert LedgerPolicy.parse(policy.write()) == policy


def test_keys_sign_for_their_time_only(issued: dict[str, Issued], folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(body_of(issued["plain"])))
    for bounds, code in (
        ({"nbf": 1_700_000_000}, 0),
        ({"exp": 1_700_000_000}, 1),
        ({"nbf": 1_900_000_000}, 1),
    ):
        trust = tmp_path / str(bounds)
        shutil.copytree(folder, trust)
        jwks = json.loads((trust / "jws.json").read_text())
        jwks["keys"][0].update(bounds)
        (trust / "jws.json").write_text(json.dumps(jwks))
        assert judge(tmp_path / "a.json", trust).code == code


def test_what_cannot_be_judged_is_one_line_and_exit_2(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{}")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "empty.pdf").write_bytes(b"")
    with (tmp_path / "big.pdf").open("wb") as sparse:
        sparse.write(b"%PDF-1.7\n")
        sparse.truncate(200_000_000)
    unusable = [
        tmp_path / "a.png",
        tmp_path / "empty.pdf",
        tmp_path / "big.pdf",
        tmp_path / "no.pdf",
        tmp_path,
    ]
    assert [one.code for one in judge_all(unusable, folder)] == [2] * 5
    for trust in (tmp_path, tmp_path / "nowhere"):
        alone = judge(tmp_path / "a.json", trust)
        assert (alone.code, alone.lines, len(alone.errors.splitlines())) == (2, [], 1)
