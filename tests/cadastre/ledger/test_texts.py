"""Notes, checkpoints, tiles and proofs in the letters of their specifications, and rubbish in their place."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from cadastre.kernel.errors import InvalidInput
from cadastre.ledger import (
    BadNote,
    BadProof,
    Checkpoint,
    Ed25519Signer,
    InclusionProof,
    Opening,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
    parse_proof,
    parse_verifier,
    sign_note,
    verify_proof,
)
from cadastre.ledger.merkle import compute_root, hash_leaf, inclusion_path, nodes_of, tree_root
from cadastre.ledger.tiles import (
    WIDTH,
    BadTilePath,
    Tile,
    bundles_of,
    nodes_in_tiles,
    parse_bundle,
    parse_tile_path,
    tiles_of,
    write_bundle,
)

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
"""Key and note of the documentation of the Go package that the format comes from."""
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ORIGIN = "kadastr.local/ledger"
SIGNER = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
ROOT = compute_root([hash_leaf(b"a")])
NOTE = sign_note(Checkpoint(ORIGIN, 1, ROOT).write(), SIGNER).write()


def test_a_note_of_the_reference_implementation_is_read_and_judged() -> None:
    peter = parse_verifier(PETER)
    note = parse_note(PETER_NOTE)

    assert peter.line == PETER
    assert [line.name for line in note.signed_by([peter])] == ["PeterNeumann"]
    assert note.write() == PETER_NOTE
    with pytest.raises(BadNote) as forged:
        parse_note(PETER_NOTE.replace("problem is.", "problem was.")).signed_by([peter])
    assert forged.value.code == "note-forged"


def test_what_is_signed_is_opened_by_its_key_only() -> None:
    checkpoint = open_checkpoint(NOTE, ORIGIN, [SIGNER.verifier])
    assert checkpoint == Checkpoint(ORIGIN, 1, ROOT)
    assert parse_verifier(SIGNER.verifier.line) == SIGNER.verifier
    with pytest.raises(BadNote) as unsigned:
        open_checkpoint(NOTE, ORIGIN, [OTHER.verifier])
    assert unsigned.value.code == "note-unsigned"
    with pytest.raises(BadNote) as another:
        open_checkpoint(NOTE, "example.org/log", [SIGNER.verifier])
    assert another.value.code == "checkpoint-of-another-log"


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    strange = sign_note(Checkpoint(ORIGIN, 1, ROOT).write(), OTHER).signatures[0].write()
    assert open_checkpoint(f"{NOTE}{strange}\n", ORIGIN, [SIGNER.verifier]).size == 1


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text",
        "text\n\n",
        "\n\n\u2014 a AAAAAAA=\n",
        NOTE[:-1],
        NOTE.replace("\u2014", "-"),
        NOTE.replace("\n\n", "\n"),
        NOTE + "rubbish\n",
        NOTE.replace("ledger", "led\tger"),
        NOTE + "x" * 70_000,
        NOTE + NOTE.splitlines()[-1].replace(ORIGIN, "a+b") + "\n",
        NOTE + "\u2014 a AAAA\n",
        NOTE + "\u2014 a AAAAAAB=\n",
        NOTE.replace("\n\n", "\n\ud800\n\n"),
        NOTE.replace("\n\n", "\n\n" + "\u2014 a AAAAAAA=\n" * 65),
    ],
)
def test_rubbish_is_no_note(note: str) -> None:
    with pytest.raises(BadNote):
        parse_note(note)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        f"o\n01\n{base64.b64encode(ROOT).decode()}\n",
        f"o\n-1\n{base64.b64encode(ROOT).decode()}\n",
        f"o\n{2**63}\n{base64.b64encode(ROOT).decode()}\n",
        "o\n1\nAAAA\n",
        f"o\n1\n{base64.b64encode(ROOT).decode()}",
        f"o\n\n1\n{base64.b64encode(ROOT).decode()}\n",
        f"o\n\uff11\n{base64.b64encode(ROOT).decode()}\n",
    ],
)
def test_rubbish_is_no_checkpoint(text: str) -> None:
    with pytest.raises(BadNote):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "line", ["", "a+b", "a+00000000+AAAA", PETER.replace("c74f20a3", "c74f20a4"), PETER[:-4]]
)
def test_rubbish_is_no_key(line: str) -> None:
    with pytest.raises(BadNote):
        parse_verifier(line)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(0, 0), "tile/0/000"),
        (Tile(2, 999, 17), "tile/2/999.p/17"),
        (Tile(None, 1000, 255), "tile/entries/x001/000.p/255"),
    ],
)
def test_tiles_lie_where_the_specification_says(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_tile_path(path.removeprefix("tile/")) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/1",
        "0/0001",
        "00/001",
        "-1/001",
        "8/000",
        "64/000",
        "0/001.p/256",
        "0/001.p/0",
        "0/001.p/01",
        "0/x000/001",
        "0/001/002",
        "0/x1/002",
        "0/../000",
        "0/000/",
        "entries/-01",
        "0/\u0661\u0661\u0661",
        "0/000\n",
        "7/999",
        "0/" + "x999/" * 6 + "999",
        "0/" + "x001/" * 4000 + "000",
    ],
)
def test_only_the_one_spelling_of_a_tile_is_read(path: str) -> None:
    with pytest.raises(BadTilePath):
        parse_tile_path(path)


def test_a_tree_has_the_tiles_of_the_specification() -> None:
    tiles = list(tiles_of(70_000))
    assert sum(tile.level == 0 and tile.is_full for tile in tiles) == 273
    assert Tile(0, 273, 112) in tiles
    assert [tile for tile in tiles if tile.level != 0] == [Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(70_000, since=69_999)) == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(bundles_of(257, since=256)) == [Tile(None, 1, 1)]


@given(st.integers(1, 3 * WIDTH * 5), st.data())
def test_proofs_from_tiles_are_those_from_leaves(size: int, data: st.DataObject) -> None:
    leaves = [hash_leaf(index.to_bytes(4, "big")) for index in range(size)]
    above = [compute_root(leaves[at : at + WIDTH]) for at in range(0, size - size % WIDTH, WIDTH)]
    levels = [leaves, above]
    node = nodes_in_tiles(lambda level, index: levels[level][index * WIDTH : (index + 1) * WIDTH])
    index = data.draw(st.integers(0, size - 1))

    assert tree_root(size, node) == compute_root(leaves)
    assert inclusion_path(index, size, node) == inclusion_path(index, size, nodes_of(leaves))


def test_bundles_are_read_as_written_and_not_when_cut() -> None:
    entries = [bytes(64), b"", b"abc"]
    assert parse_bundle(write_bundle(entries)) == entries
    for cut in (1, 65, len(write_bundle(entries)) - 1):
        with pytest.raises(InvalidInput):
            parse_bundle(write_bundle(entries)[:cut])


def make_proof(opening: Opening) -> InclusionProof:
    """Prove the second of five entries."""
    leaves = [hash_leaf(bytes([index])) for index in range(5)]
    leaves[1] = hash_leaf(opening.entry)
    note = sign_note(Checkpoint(ORIGIN, 5, compute_root(leaves)).write(), SIGNER).write()
    return InclusionProof(1, tuple(inclusion_path(1, 5, nodes_of(leaves))), note, opening.write())


def test_a_proof_says_what_its_entry_is_made_of_and_where_it_stands() -> None:
    opening = Opening('{"kind":"çıxarış"}', bytes(16), bytes(32))
    text = make_proof(opening).write()

    read = parse_proof(text)
    assert text.splitlines()[0] == "c2sp.org/tlog-proof@v1"
    assert text.splitlines()[2] == "index 1"
    assert read.write() == text
    assert read.opening() == opening
    assert verify_proof(read, read.opening().entry, ORIGIN, [SIGNER.verifier]).size == 5
    without = InclusionProof(1, read.path, read.note)
    assert parse_proof(without.write()) == without


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("index 1", "index 2"),
        lambda text: text.replace("index 1", "index 5"),
        lambda text: text.replace("index 1", "index 01"),
        lambda text: text.replace("index 1", "index -1"),
        lambda text: text.replace("index 1\n", ""),
        lambda text: text.replace("tlog-proof@v1", "tlog-proof@v2"),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("\nindex 1\n", "\nindex 1\n" + f"{base64.b64encode(ROOT).decode()}\n" * 64),
        lambda text: text.replace("\nindex 1\n", f"\nindex 1\n{base64.b64encode(ROOT).decode()}\n"),
        lambda text: text.replace("\nextra ", "\nextra !"),
        lambda text: text.replace("\n5\n", "\n6\n"),
        lambda text: "",
        lambda text: "c2sp.org/tlog-proof@v1\n\n",
        lambda text: text + "x" * 200_000,
    ],
)
def test_a_spoilt_proof_is_refused(spoil: Callable[[str], str]) -> None:
    opening = Opening("{}", bytes(16), bytes(32))
    text = spoil(make_proof(opening).write())
    with pytest.raises((BadProof, BadNote)):
        verify_proof(parse_proof(text), opening.entry, ORIGIN, [SIGNER.verifier])


def test_an_entry_of_another_payload_is_not_proven() -> None:
    proof = make_proof(Opening("{}", bytes(16), bytes(32)))
    with pytest.raises(BadProof) as misleading:
        verify_proof(proof, Opening('{"a":1}', bytes(16), bytes(32)).entry, ORIGIN, [SIGNER.verifier])
    assert misleading.value.code == "proof-misleading"


@pytest.mark.parametrize(
    "extra",
    [
        None,
        b"",
        b"[]",
        b"{}",
        b'{"payload":1,"salt":"","rows":""}',
        b"\xff",
        b"[" * 20_000,
        b'{"payload":"","salt":"zz","rows":""}',
        b'{"payload":"","salt":"00","rows":"00"}',
    ],
)
def test_rubbish_opens_nothing(extra: Any) -> None:
    with pytest.raises(BadProof):
        InclusionProof(0, (), NOTE, extra).opening()
