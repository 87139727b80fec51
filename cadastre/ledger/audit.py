"""The auditor: holds what the register publishes against what it signed, and against what was signed before.

Only public files are read. The commitments are computed from the rows as they
stand; an edit, deletion or insertion of a row that a leaf had bound gives
another commitment than its entry, and an entry that is changed gives another
root than the checkpoints that witnesses have signed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.audit_heads import CHECKPOINT, Heads, Source, read_heads
from cadastre.ledger.audit_held import HeldProof, audit_held, read_held
from cadastre.ledger.audit_report import Audited, AuditPolicy, AuditReport
from cadastre.ledger.commitment import (
    DIGEST_BYTES,
    BoundLeaf,
    LostLeaf,
    Published,
    are_sorted,
    count_rows,
    is_of_look,
    parse_block,
    path_of_block,
)
from cadastre.ledger.merkle import hash_leaf
from cadastre.ledger.published_tree import PublishedTree
from cadastre.ledger.tiles import (
    HEIGHT,
    WIDTH,
    Tile,
    bundles_of,
    parse_bundle,
    split_hashes,
    tiles_of,
)

T = TypeVar("T")
STRAYS: Final = "commitments/strays.json"
ENTRY_BYTES: Final = 2 * DIGEST_BYTES
MOST_MISSING: Final = 1_000
"""Blocks of entries that are not there before an auditor stops asking: a size may be a lie."""


def audit(
    source: Source, policy: AuditPolicy, before: Audited | None, held: Sequence[HeldProof] = ()
) -> AuditReport:
    """Audit everything that is published.

    Parameters
    ----------
    before
        What the last audit found good; None at the first.
    held
        Proofs that holders of documents were given.

    Raises
    ------
    InvalidInput
        There is no checkpoint where one is expected, or the state is that of another log.
    """
    content = source.read(CHECKPOINT)
    if content is None:
        raise InvalidInput("There is no checkpoint here; name the published folder or address of a ledger.")
    if before is not None and before.origin != policy.origin:
        raise InvalidInput(f"The state file is of {before.origin}, not of {policy.origin}.")
    report = AuditReport()
    heads = read_heads(source, content, policy, before, report)
    if heads is None:
        return report
    head = heads.newest
    report.size = head.size
    if before is not None and before.size > head.size:
        report.add(
            "rolled-back", f"The checkpoint has {head.size} entries; {before.size} were audited before."
        )
    given = read_held(held, policy.origin, heads.reigns, report)
    kept = {one.size for one in heads.signed} | (set() if before is None else {before.size})
    kept |= {one.head.size for one in given}
    tree = PublishedTree(head.size, kept)
    erased_below = max(policy.erased_below, 0 if heads.over is None else heads.over.size)
    for tile in bundles_of(head.size):
        _audit_block(source, erased_below, tile, tree, report)
        if tree.missing > MOST_MISSING:
            report.add("not-published", "So much is not published that the rest was not asked for.")
            return report
    _audit_roots(heads, before, tree, report)
    audit_held(given, head.size, lambda size: _root_of(tree, size), report)
    _audit_tiles(source, tree, report)
    _audit_strays(source, report)
    if report.has_passed:
        report.audited = Audited(head.origin, head.size, head.root, heads.handovers)
    return report


def _audit_block(
    source: Source, erased_below: int, tile: Tile, tree: PublishedTree, report: AuditReport
) -> None:
    """Audit up to 256 leaves: entries against their tile of hashes, commitments against the entries."""
    first = tile.index * WIDTH
    entries = _read(source, tile.path, parse_bundle, report)
    if entries is None or len(entries) != tile.width or any(len(entry) != ENTRY_BYTES for entry in entries):
        if entries is not None:
            report.add("entries-malformed", f"{tile.path} does not hold {tile.width} entries.", first)
        tree.add(tile.index, [])
        return
    hashes = [hash_leaf(entry) for entry in entries]
    tree.add(tile.index, hashes)
    if source.read(Tile(0, tile.index, tile.width).path) != b"".join(hashes):
        report.add("tile-differs", f"The tile over the entries from {first} on is not theirs.", first)
    path = path_of_block(tile.index, tile.width)
    leaves = _read(source, path, parse_block, report)
    if leaves is None:
        return
    if len(leaves) != tile.width:
        report.add("commitments-malformed", f"{path} does not hold {tile.width} leaves.", first)
        return
    for place, (entry, leaf) in enumerate(zip(entries, leaves, strict=True)):
        _audit_leaf(first + place, entry, leaf, erased_below, report)


def _audit_leaf(index: int, entry: bytes, leaf: Published, erased_below: int, report: AuditReport) -> None:
    body, commitment = entry[:DIGEST_BYTES], entry[DIGEST_BYTES:]
    if isinstance(leaf, LostLeaf):
        _audit_lost(index, commitment, leaf, erased_below, report)
        return
    report.rows += len(leaf.rows)
    if leaf.body != body:
        report.add("leaf-changed", f"Entry {index}: its leaf says something else than was entered.", index)
    if leaf.commit(of_look=is_of_look(commitment)) != commitment:
        report.add("rows-changed", _say_rows(index, count_rows(commitment), leaf), index)


def _audit_lost(
    index: int, commitment: bytes, leaf: LostLeaf, erased_below: int, report: AuditReport
) -> None:
    """Audit a leaf of which nothing can be computed: only a look may have become one, after its term."""
    report.erased += leaf.is_erased
    if not leaf.is_erased:
        report.add("leaf-missing", f"Entry {index}: its leaf is not in the register.", index)
    elif count_rows(commitment) and not is_of_look(commitment):
        report.add("leaf-erased", f"Entry {index}: its salt is gone, and it is of the register.", index)
    elif index >= erased_below:
        report.add("leaf-erased", f"Entry {index}: its salt is gone, and its term is not over.", index)


def _say_rows(index: int, bound: int, leaf: BoundLeaf) -> str:
    now = len(leaf.rows)
    if now != bound:
        return f"Entry {index}: it bound {bound} rows of the register, now there are {now}."
    if not are_sorted(leaf.rows):
        return f"Entry {index}: its {now} commitments are not in their order."
    if not now:
        return f"Entry {index}: who acted, when or how is not what was entered."
    return f"Entry {index}: of its {now} rows, or of who acted and when, something is not what was entered."


def _audit_roots(heads: Heads, before: Audited | None, tree: PublishedTree, report: AuditReport) -> None:
    head = heads.newest
    if _root_of(tree, head.size) != head.root:
        report.add("root-differs", "The published entries do not give the root that was signed.")
    for one in heads.signed:
        if _root_of(tree, one.size) != one.root:
            report.add("forked", f"The first {one.size} entries are not those that were signed.")
    if before is not None and before.size <= head.size and _root_of(tree, before.size) != before.root:
        report.add(
            "forked", f"The first {before.size} entries are not those that were audited before: it is a fork."
        )


def _root_of(tree: PublishedTree, size: int) -> bytes | None:
    try:
        return tree.root(size)
    except ValueError:
        return None  # an entry is not published, which is noted


def _audit_tiles(source: Source, tree: PublishedTree, report: AuditReport) -> None:
    """Audit the tiles above the lowest, which proofs are made from."""
    for tile in tiles_of(tree.size):
        if not tile.level:
            continue
        content = source.read(tile.path)
        if (
            content is None
            or split_hashes(content) != list(tree.hashes(tile.level, tile.index))[: tile.width]
        ):
            first = (tile.index * WIDTH) << (HEIGHT * tile.level)
            report.add("tile-differs", f"{tile.path} does not hold the roots of its subtrees.", first)


def _audit_strays(source: Source, report: AuditReport) -> None:
    content = source.read(STRAYS)
    try:
        strays: Any = json.loads(content) if content is not None else None
    except (ValueError, RecursionError):
        strays = None
    if not isinstance(strays, dict):
        report.add("not-published", f"{STRAYS} is not published.")
        return
    for relation, count in sorted(strays.items()):
        report.add("rows-without-leaf", f"{relation}: {count} rows that no leaf answers for.")


def _read(source: Source, path: str, parse: Callable[[bytes], T], report: AuditReport) -> T | None:
    content = source.read(path)
    if content is None:
        report.add("not-published", f"{path} is not published.")
        return None
    try:
        return parse(content)
    except InvalidInput as error:
        report.add("file-malformed", f"{path}: {error.message}")
        return None


__all__ = [
    "CHECKPOINT",
    "ENTRY_BYTES",
    "STRAYS",
    "Source",
    "audit",
]
