"""The auditor: holds what the register publishes against what it signed, and against what was signed before.

Only public files are read. The commitments are computed from the rows as they
stand; an edit, deletion or insertion of a row that a leaf had bound gives
another commitment than its entry, and an entry that is changed gives another
root than the checkpoints that witnesses have signed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.audit_report import Audited, AuditPolicy, AuditReport
from cadastre.ledger.checkpoint import Checkpoint, parse_checkpoint, read_checkpoint
from cadastre.ledger.commitment import (
    DIGEST_BYTES,
    BoundLeaf,
    LostLeaf,
    Published,
    are_sorted,
    count_rows,
    parse_block,
    path_of_block,
)
from cadastre.ledger.cosignature import list_cosigners
from cadastre.ledger.merkle import hash_leaf
from cadastre.ledger.note import BadNote, SignedNote, parse_note
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
CHECKPOINT: Final = "checkpoint"
STRAYS: Final = "commitments/strays.json"
ENTRY_BYTES: Final = 2 * DIGEST_BYTES


class Source(Protocol):
    """Where the published files are read from."""

    def read(self, path: str) -> bytes | None:
        """Give the bytes of a file below the prefix of the log, or None when there is none."""


def audit(source: Source, policy: AuditPolicy, before: Audited | None) -> AuditReport:
    """Audit everything that is published.

    Parameters
    ----------
    before
        What the last audit found good; None at the first.

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
    head = _open_head(content, policy, report)
    if head is None:
        return report
    report.size = head.size
    if before is not None and before.size > head.size:
        report.add(
            "rolled-back", f"The checkpoint has {head.size} entries; {before.size} were audited before."
        )
    tree = PublishedTree(head.size, set() if before is None else {before.size})
    for tile in bundles_of(head.size):
        _audit_block(source, policy, tile, tree, report)
    _audit_roots(head, before, tree, report)
    _audit_tiles(source, tree, report)
    _audit_strays(source, report)
    if report.has_passed:
        report.audited = Audited(head.origin, head.size, head.root)
    return report


def _open_head(content: bytes, policy: AuditPolicy, report: AuditReport) -> Checkpoint | None:
    """Read the checkpoint; what nobody signed is noted and not gone by."""
    try:
        note = parse_note(content.decode())
        head = parse_checkpoint(note.text)
    except (BadNote, UnicodeDecodeError):
        report.add("checkpoint-malformed", "The checkpoint is no signed note.")
        return None
    try:
        head = read_checkpoint(note, policy.origin, policy.logs)
    except BadNote as error:
        report.add("checkpoint-not-signed", error.message)
        return None
    _require_witnesses(note, policy, report)
    return head


def _require_witnesses(note: SignedNote, policy: AuditPolicy, report: AuditReport) -> None:
    report.cosigned = list_cosigners(note, policy.witnesses)
    if len(report.cosigned) < policy.quorum:
        report.add(
            "not-witnessed",
            f"{len(report.cosigned)} of the named witnesses cosigned the checkpoint, {policy.quorum} must.",
        )


def _audit_block(
    source: Source, policy: AuditPolicy, tile: Tile, tree: PublishedTree, report: AuditReport
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
        _audit_leaf(first + place, entry, leaf, policy, report)


def _audit_leaf(index: int, entry: bytes, leaf: Published, policy: AuditPolicy, report: AuditReport) -> None:
    body, commitment = entry[:DIGEST_BYTES], entry[DIGEST_BYTES:]
    bound = count_rows(commitment)
    if isinstance(leaf, LostLeaf):
        report.erased += leaf.is_erased
        if not leaf.is_erased:
            report.add("leaf-missing", f"Entry {index}: its leaf is not in the register.", index)
        elif index >= policy.erased_below or bound:
            report.add("leaf-erased", f"Entry {index}: its salt is gone, and its term is not over.", index)
        return
    report.rows += len(leaf.rows)
    if leaf.body != body:
        report.add("leaf-changed", f"Entry {index}: its leaf says something else than was entered.", index)
    if leaf.commitment != commitment:
        report.add("rows-changed", _say_rows(index, bound, leaf), index)


def _say_rows(index: int, bound: int, leaf: BoundLeaf) -> str:
    now = len(leaf.rows)
    if now != bound:
        return f"Entry {index}: it bound {bound} rows of the register, now there are {now}."
    if not are_sorted(leaf.rows):
        return f"Entry {index}: its {now} commitments are not in their order."
    if not now:
        return f"Entry {index}: who acted, when or how is not what was entered."
    return f"Entry {index}: of its {now} rows, or of who acted and when, something is not what was entered."


def _audit_roots(head: Checkpoint, before: Audited | None, tree: PublishedTree, report: AuditReport) -> None:
    if _root_of(tree, head.size) != head.root:
        report.add("root-differs", "The published entries do not give the root that was signed.")
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
