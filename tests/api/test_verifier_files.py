"""The standalone verifier and the trust folder, as a stranger fetches them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.cadastre.extract.standalone import VERIFIER, judge_all

ORDER = {
    "register_number": "203015000123",
    "kind": "extract",
    "capacity": "notary",
    "basis": "Power of attorney 1Z-441 of 03.02.2026",
    "purpose": "disposal",
}


def test_the_program_is_the_one_that_is_tested_and_its_digest_fits(public: httpx.Client) -> None:
    program = public.get("/verify/kadastr_verify.py")
    assert program.content == VERIFIER.read_bytes()
    digest = public.get("/verify/kadastr_verify.py.sha256").text
    assert digest == f"{hashlib.sha256(program.content).hexdigest()}  kadastr_verify.py\n"
    again = public.get("/verify/kadastr_verify.py", headers={"If-None-Match": program.headers["etag"]})
    assert again.status_code == 304


def test_what_is_fetched_judges_what_is_issued(
    public: httpx.Client, client_as: Callable[..., httpx.Client], tmp_path: Path
) -> None:
    """With three downloads a stranger needs nobody any more."""
    notary = client_as("notary")
    with zipfile.ZipFile(io.BytesIO(public.get("/verify/trust.zip").content)) as packed:
        names = packed.namelist()
        packed.extractall(tmp_path)
    assert not [name for name in names if name.endswith(".key")]
    assert {"trust/jws.json", "trust/ledger.policy"} <= set(names)
    assert "PRIVATE" not in "".join((tmp_path / name).read_text(errors="ignore") for name in names)
    issued = notary.post("/v1/extracts", json=ORDER)
    (tmp_path / "a.json").write_bytes(issued.content)
    (tmp_path / "a.pdf").write_bytes(notary.get(issued.json()["pdf"]).content)
    changed = json.dumps(issued.json()).replace(ORDER["register_number"], "203015000124")
    (tmp_path / "b.json").write_text(changed)
    judged = judge_all([tmp_path / name for name in ("a.json", "a.pdf", "b.json")], tmp_path / "trust")
    assert [one.code for one in judged] == [0, 0, 1], judged


def test_every_key_is_published_with_its_time(public: httpx.Client) -> None:
    keys = public.get("/verify/keys.json").json()
    for use in ("seals", "statements", "ledger"):
        assert [each["in_use"] for each in keys[use]].count(True) == 1, use
    assert "BEGIN CERTIFICATE" in keys["seals"][0]["certificates"][0]
    assert "PRIVATE" not in json.dumps(keys)


@pytest.mark.parametrize(
    "name", ["seal.key", "jws.key", "trust/jws.json", "..%2fjws.key", "trust.zip/ca.pem"]
)
def test_nothing_else_of_the_folder_is_served(public: httpx.Client, name: str) -> None:
    answer = public.get(f"/verify/{name}")
    assert answer.status_code == 404
    assert b"PRIVATE" not in answer.content
