"""The Merkle tree of RFC 6962: roots, inclusion and consistency, pure and without storage.

Proofs are made over ``Node``, a function that gives the hash of a complete
subtree: a list of leaf hashes answers it (``nodes_of``), and so do stored tiles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
Node = Callable[[int, int], bytes]
"""Hash of the complete subtree of 2**height leaves that stands at ``position`` among those of its height."""


def hash_leaf(entry: bytes) -> bytes:
    """Give the hash of a leaf: SHA-256 of 0x00 and the entry.

    Examples
    --------
    >>> hash_leaf(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return hashlib.sha256(b"\x00" + entry).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    """Give the hash of an inner node: SHA-256 of 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def compute_root(hashes: Sequence[bytes]) -> bytes:
    """Give the root over leaf hashes; that of the empty tree is SHA-256 of nothing."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        paired = [hash_children(*pair) for pair in zip(level[0::2], level[1::2], strict=False)]
        level = paired + level[len(paired) * 2 :]  # an odd one out waits for a partner higher up
    return level[0]


def nodes_of(hashes: Sequence[bytes]) -> Node:
    """Give the nodes of a tree whose leaf hashes are all at hand."""

    def node(height: int, position: int) -> bytes:
        return compute_root(hashes[position << height : (position + 1) << height])

    return node


def tree_root(size: int, node: Node) -> bytes:
    """Give the root of the first ``size`` leaves."""
    return EMPTY_ROOT if size == 0 else _range_root(0, size, node)


def inclusion_path(index: int, size: int, node: Node) -> list[bytes]:
    """Give the audit path of the leaf at ``index`` in the tree of ``size`` leaves, nearest sibling first.

    References
    ----------
    RFC 6962, section 2.1.1.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(start, middle, node))
            start = middle
    return path[::-1]


def consistency_path(old: int, new: int, node: Node) -> list[bytes]:
    """Give the proof that the tree of ``new`` leaves begins with the tree of ``old`` leaves.

    References
    ----------
    RFC 6962, section 2.1.2.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not extend one of {old}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, end = 0, new
    while old < end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(start, middle, node))
            start = middle
    if start > 0:  # else the old root itself is the first hash, and the verifier has it
        path.append(_range_root(start, end, node))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether ``path`` leads from the leaf hash at ``index`` to the root of a tree of ``size`` leaves.

    References
    ----------
    RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size or not _are_hashes(path):
        return False
    place, last, reached = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            reached = hash_children(sibling, reached)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            reached = hash_children(reached, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and reached == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Tell whether ``path`` shows that the tree of ``new`` leaves begins with that of ``old`` leaves.

    References
    ----------
    RFC 9162, section 2.1.4.2.
    """
    if not 0 <= old <= new or not _are_hashes(path):
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not hashes:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    reached_old = reached_new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            reached_old = hash_children(sibling, reached_old)
            reached_new = hash_children(sibling, reached_new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            reached_new = hash_children(reached_new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and reached_old == old_root and reached_new == new_root


def _split(count: int) -> int:
    """Largest power of two below ``count``."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_root(start: int, end: int, node: Node) -> bytes:
    """Root over a range that begins at a multiple of the largest power of two in it."""
    count = end - start
    if count & (count - 1) == 0:
        height = count.bit_length() - 1
        return node(height, start >> height)
    middle = start + _split(count)
    return hash_children(_range_root(start, middle, node), _range_root(middle, end, node))


def _are_hashes(path: Sequence[bytes]) -> bool:
    return all(len(part) == HASH_BYTES for part in path)


__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Node",
    "compute_root",
    "consistency_path",
    "hash_children",
    "hash_leaf",
    "inclusion_path",
    "nodes_of",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
]
