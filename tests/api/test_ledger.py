"""The public log over HTTP: heads, proofs and tiles hang together; rubbish is refused by name."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

import httpx
import pytest

from cadastre.ledger import (
    Checkpoint,
    Verifier,
    canonical_payload,
    open_checkpoint,
    parse_proof,
    parse_verifier,
    verify_proof,
)
from cadastre.ledger.merkle import compute_root, hash_leaf, verify_consistency, verify_inclusion
from cadastre.ledger.tiles import bundles_of, parse_bundle, split_hashes, tiles_of
from tests.api.server import require_problem
from tests.api.test_answers import ORDER

ORIGIN = "kadastr.local/ledger"
Sign = Callable[..., httpx.Client]


@pytest.fixture
def verifiers(public: httpx.Client) -> list[Verifier]:
    return [parse_verifier(line) for line in public.get("/v1/ledger/key").text.splitlines()]


@pytest.fixture
def notary(client_as: Sign) -> httpx.Client:
    return client_as("notary", "notary-ledger", name="Nigar Quliyeva")


def newest(public: httpx.Client, verifiers: list[Verifier]) -> Checkpoint:
    return open_checkpoint(public.get("/v1/ledger/checkpoint").text, ORIGIN, verifiers)


def test_an_extract_carries_its_proof_and_keeps_it(
    notary: httpx.Client, public: httpx.Client, verifiers: list[Verifier]
) -> None:
    issued = notary.post("/v1/extracts", json=ORDER, headers={"Prefer": "wait"}).json()
    proof = parse_proof(issued["proof"])
    leaf = proof.opening()
    head = verify_proof(proof, leaf.entry, ORIGIN, verifiers)

    statement = canonical_payload(issued["statement"]).encode()
    assert f'"statement_sha256":"{hashlib.sha256(statement).hexdigest()}"' in leaf.payload
    assert f'"extract_id":"{issued["id"]}"' in leaf.payload
    assert head.size > proof.index
    assert notary.get(f"/v1/extracts/{issued['id']}").json()["proof"] == issued["proof"]
    shown = public.get(f"/v1/ledger/proof/{proof.index}", params={"tree_size": head.size}).json()
    assert base64.b64decode(shown["entry"]) == leaf.entry
    assert issued["proof"] != shown["proof"]
    assert leaf.payload not in shown["proof"]


def test_tiles_give_the_tree_that_was_signed(
    notary: httpx.Client, public: httpx.Client, verifiers: list[Verifier]
) -> None:
    notary.post("/v1/extracts", json=ORDER, headers={"Prefer": "wait"})
    head = newest(public, verifiers)
    entries = [
        entry
        for bundle in bundles_of(head.size)
        for entry in parse_bundle(public.get(f"/ledger/{bundle.path}").content)
    ]
    assert len(entries) == head.size
    assert compute_root([hash_leaf(entry) for entry in entries]) == head.root
    for tile in tiles_of(head.size):
        answer = public.get(f"/ledger/{tile.path}")
        assert len(split_hashes(answer.content)) == tile.width
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "immutable" in answer.headers["cache-control"]
    served = public.get("/ledger/checkpoint")
    assert served.headers["content-type"] == "text/plain; charset=utf-8"
    assert served.headers["cache-control"] == "public, max-age=2"


def test_proofs_of_entries_and_of_growth(
    notary: httpx.Client, public: httpx.Client, verifiers: list[Verifier]
) -> None:
    notary.post("/v1/extracts", json=ORDER, headers={"Prefer": "wait"})
    before = newest(public, verifiers)
    notary.post("/v1/extracts", json=ORDER, headers={"Prefer": "wait"})
    after = newest(public, verifiers)
    grown = public.get("/v1/ledger/consistency", params={"from": before.size, "to": after.size}).json()
    path = [base64.b64decode(part) for part in grown["path"]]
    assert after.size > before.size
    assert verify_consistency(before.size, after.size, before.root, after.root, path)
    assert base64.b64decode(grown["to_root_hash"]) == after.root

    answer = public.get("/v1/ledger/proof/0")
    shown = answer.json()
    leaf, root = base64.b64decode(shown["leaf_hash"]), base64.b64decode(shown["root_hash"])
    assert verify_inclusion(
        leaf, 0, shown["tree_size"], [base64.b64decode(part) for part in shown["path"]], root
    )
    again = public.get("/v1/ledger/proof/0", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code in (200, 304)
    text = public.get("/v1/ledger/proof/0", headers={"Accept": "text/plain"})
    assert verify_proof(parse_proof(text.text), base64.b64decode(shown["entry"]), ORIGIN, verifiers)


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/v1/ledger/proof/-1", 422, None),
        ("/v1/ledger/proof/x", 422, None),
        ("/v1/ledger/proof/99999999999999999999", 422, None),
        ("/v1/ledger/proof/9223372036854775807", 404, "entry-not-found"),
        ("/v1/ledger/proof/0?tree_size=9223372036854775807", 404, "tree-size-not-reached"),
        ("/v1/ledger/proof/0?tree_size=0", 422, None),
        ("/v1/ledger/proof/1?tree_size=1", 404, "entry-not-found"),
        ("/v1/ledger/consistency", 422, None),
        ("/v1/ledger/consistency?from=2&to=1", 400, "trees-reversed"),
        ("/v1/ledger/consistency?from=9223372036854775807", 400, "trees-reversed"),
        ("/v1/ledger/consistency?from=0&to=9223372036854775807", 404, "tree-size-not-reached"),
        ("/v1/ledger/consistency?from=-1", 422, None),
        ("/ledger/tile/0/x999/999", 404, "tile-not-found"),
        ("/ledger/tile/0/000.p/256", 400, "tile-path-malformed"),
        ("/ledger/tile/0/000.p/0", 400, "tile-path-malformed"),
        ("/ledger/tile/entries/1", 400, "tile-path-malformed"),
        ("/ledger/tile/9/000", 400, "tile-path-malformed"),
        ("/ledger/tile/0/%2e%2e/%2e%2e/etc/passwd", 400, "tile-path-malformed"),
        ("/ledger/tile/" + "x001/" * 500 + "000", 400, "tile-path-malformed"),
        ("/ledger/tile/0/%00", 400, "tile-path-malformed"),
    ],
)
def test_what_is_not_there_or_no_address_is_a_problem(
    notary: httpx.Client, public: httpx.Client, address: str, status: int, code: str | None
) -> None:
    public.get("/v1/ledger/checkpoint")
    body = require_problem(public.get(address), status)
    assert code is None or body["code"] == code


def test_a_tree_of_a_size_that_nobody_signed_has_no_text(
    notary: httpx.Client, public: httpx.Client, verifiers: list[Verifier]
) -> None:
    notary.post("/v1/extracts", json=ORDER, headers={"Prefer": "wait"})
    sizes = range(1, newest(public, verifiers).size)
    answers = [
        public.get(f"/v1/ledger/proof/0?tree_size={size}", headers={"Accept": "text/plain"}) for size in sizes
    ]
    unsigned = [answer for answer in answers if answer.status_code != 200]
    assert unsigned
    for answer in unsigned:
        require_problem(answer, 404, "checkpoint-not-found")
