"""The tree of RFC 6962, beside pymerkle and beside the vectors that logs for certificates share."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from cadastre.ledger.merkle import (
    EMPTY_ROOT,
    compute_root,
    consistency_path,
    hash_children,
    hash_leaf,
    inclusion_path,
    nodes_of,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

ENTRIES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243")] + [
    bytes.fromhex("5051525354555657"),
    bytes.fromhex("606162636465666768696a6b6c6d6e6f"),
]
"""Entries of the test vectors that the reference implementation of RFC 6962 ships."""
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [hash_leaf(entry) for entry in ENTRIES]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_shared_vectors(size: int) -> None:
    assert compute_root(LEAVES[:size]).hex() == ROOTS[size]
    assert tree_root(size, nodes_of(LEAVES)).hex() == ROOTS[size]


def test_paths_are_those_of_the_shared_vectors() -> None:
    node = nodes_of(LEAVES)
    ab, cd = (hash_children(*LEAVES[start : start + 2]) for start in (0, 2))
    efgh = hash_children(hash_children(*LEAVES[4:6]), hash_children(*LEAVES[6:8]))

    assert inclusion_path(0, 8, node) == [LEAVES[1], cd, efgh]
    assert inclusion_path(5, 8, node)[0].hex() == (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
    )
    assert inclusion_path(2, 3, node) == [ab]
    assert consistency_path(1, 1, node) == []
    assert consistency_path(6, 8, node) == [
        hash_children(*LEAVES[4:6]),
        hash_children(*LEAVES[6:8]),
        hash_children(ab, cd),
    ]
    assert consistency_path(4, 8, node) == [efgh]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.data())
def test_the_tree_is_that_of_pymerkle(size: int, data: st.DataObject) -> None:
    entries = [index.to_bytes(8, "big") for index in range(size)]
    peer = InmemoryTree(algorithm="sha256")
    for entry in entries:
        peer.append_entry(entry)
    node = nodes_of([hash_leaf(entry) for entry in entries])
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))

    theirs = peer.prove_inclusion(index + 1, size)
    ours = inclusion_path(index, size, node)
    assert tree_root(size, node) == peer.get_root(size)
    assert ours == [bytes.fromhex(part) for part in theirs.serialize()["path"][1:]]
    assert verify_inclusion(hash_leaf(entries[index]), index, size, ours, peer.get_root(size))

    path = consistency_path(old, size, node)
    assert verify_consistency(old, size, peer.get_root(old), peer.get_root(size), path)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 64), st.data())
def test_whatever_is_changed_is_refused(size: int, data: st.DataObject) -> None:
    leaves = [hash_leaf(bytes([index])) for index in range(size)]
    node, root = nodes_of(leaves), compute_root(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(index, size, node)
    assert verify_inclusion(leaves[index], index, size, path, root)

    other_index = data.draw(st.integers(-2, size + 2).filter(lambda drawn: drawn != index))
    assert not verify_inclusion(leaves[index], other_index, size, path, root)
    assert not verify_inclusion(hash_leaf(b"another"), index, size, path, root)
    assert not verify_inclusion(leaves[index], index, size, [*path, root], root)
    assert not verify_inclusion(leaves[index], index, size, path, hashlib.sha256(root).digest())
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        bent = [bytes(32) if at == place else part for at, part in enumerate(path)]
        assert not verify_inclusion(leaves[index], index, size, bent, root)
        assert not verify_inclusion(leaves[index], index, size, path[:place] + path[place + 1 :], root)
        assert not verify_inclusion(leaves[index], index, size, [*path[:-1], path[-1][:31]], root)


@settings(max_examples=150, deadline=None)
@given(st.integers(2, 64), st.data())
def test_a_fork_or_rollback_has_no_consistency_proof(size: int, data: st.DataObject) -> None:
    leaves = [hash_leaf(bytes([index])) for index in range(size)]
    old = data.draw(st.integers(1, size))
    path = consistency_path(old, size, nodes_of(leaves))
    root, old_root = compute_root(leaves), compute_root(leaves[:old])
    assert verify_consistency(old, size, old_root, root, path)

    edited = data.draw(st.integers(0, old - 1))
    fork = [hash_leaf(b"edited") if at == edited else leaf for at, leaf in enumerate(leaves)]
    fork_path = consistency_path(old, size, nodes_of(fork))
    assert not verify_consistency(old, size, old_root, compute_root(fork), fork_path)
    assert not verify_consistency(old, size, old_root, compute_root(fork), path)
    assert not verify_consistency(size + 1, size, root, old_root, path)
    assert not verify_consistency(old, size, old_root, root, [*path, root])
    if path:
        assert not verify_consistency(old, size, old_root, root, path[:-1])
    if old < size:
        assert not verify_consistency(old, size, root, root, path)


def test_the_empty_tree_is_the_beginning_of_every_other() -> None:
    node = nodes_of(LEAVES)
    assert consistency_path(0, 5, node) == []
    assert verify_consistency(0, 5, EMPTY_ROOT, compute_root(LEAVES[:5]), [])
    assert not verify_consistency(0, 5, LEAVES[0], compute_root(LEAVES[:5]), [])
    assert tree_root(0, node) == EMPTY_ROOT


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
def test_there_is_no_path_to_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_path(index, size, nodes_of(LEAVES))


@pytest.mark.parametrize(("old", "new"), [(5, 4), (-1, 4)])
def test_a_smaller_tree_extends_nothing(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="does not extend"):
        consistency_path(old, new, nodes_of(LEAVES))
