"""What binds the rows of the register to the log: commitments of rows, and the file that publishes them.

The twin of ``db/routines/021_rows.sql``, which computes them from the tables; a
test holds the two equal. A commitment is a digest under a salt that is derived
from the leaf's own secret salt: whoever lacks that cannot guess a row from it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.tiles import Tile

DIGEST_BYTES: Final = 32
ROWS_DOMAIN: Final = b"kadastr-rows/1"
_COUNT_BYTES: Final = 4
_LOOK: Final = 1 << 31
_WRITTEN, _ERASED, _MISSING = 1, 0, 2

UNBOUND: Final[Mapping[str, str]] = {
    "cadastre.deployment": "says only whether sample data was ever held; no fact of the register",
    "cadastre.district": "copied from the published code list at every migration",
    "cadastre.tolerance": "copied from the published code list at every migration",
    "cadastre.parcel": "bound by every row of parcel_version that names it",
    "cadastre.parcel_cell": "contention rows without content",
    "evidence.archive_guard": "read from the time stamps in the copies, which their leaves bind",
    "evidence.batch_end": "held against the results of its order, with the rows that no leaf answers for",
    "evidence.batch_item": "held against the digest in the leaf of the order, with those rows",
    "evidence.batch_result": "held against the extracts that it names, with those rows; they are bound",
    "party.document_content": "bound by every row of document and case_file that names its digest",
    "registry.case_transition": "copy of the state machine in the program, held equal by a test",
    "registry.delivery": "queue of news not yet brought",
    "registry.idempotency": "answers kept for repeated requests; what they tell of is bound by itself",
    "registry.property_head": "contention rows; the entries that they count are bound by themselves",
    "registry.restriction_kind": "copied from the published code list at every migration",
    "registry.service": "copied from the published code list at every migration",
    "registry.subscription": "where an account wants its news; changes with its wish",
    "registry.turnstile": "contention rows; the journal that they count is bound by itself",
    "staging.finding": "what was found in a file that was loaded; the file's digest is bound by load_run",
    "staging.ground_followed": "how far addresses have followed the ledger; a place in a queue",
    "staging.rejected_row": "rows that did not enter the register",
    "staging.sweep_finding": "what the nightly judgement finds, seen anew each night",
    "staging.sweep_run": "progress of the nightly judgement",
    "staging.watches_followed": "how far watchers have been told of the ledger; a place in a queue",
}
"""Tables whose rows name no leaf, and why the log need not bind them; a test finds any other."""


@dataclass(frozen=True, slots=True)
class BoundLeaf:
    """What is published of one leaf beside its entry, as the tables stand now.

    Parameters
    ----------
    body
        The leaf's salted hash, computed anew.
    own
        Commitment of the leaf's own row: who acted, when, what kind of act.
    rows
        Sorted commitments of the rows that it opened or closed.
    """

    body: bytes
    own: bytes
    rows: tuple[bytes, ...] = ()

    @property
    def commitment(self) -> bytes:
        """What the entry of a leaf of the register ends with."""
        return self.commit()

    def commit(self, *, of_look: bool = False) -> bytes:
        """Give the second half of the leaf's entry: 28 bytes of a digest, and the number of rows.

        Parameters
        ----------
        of_look
            The leaf is of a look, whose salt may go after its term; its entry says so for ever.

        Examples
        --------
        >>> BoundLeaf(bytes(32), bytes(32)).commit().hex()[-8:]
        '00000000'
        >>> BoundLeaf(bytes(32), bytes(32)).commit(of_look=True).hex()[-8:]
        '80000000'
        """
        count = (len(self.rows) | (_LOOK if of_look else 0)).to_bytes(_COUNT_BYTES, "big")
        digest = hashlib.sha256(b"".join((ROWS_DOMAIN, count, self.own, *self.rows))).digest()
        return digest[: DIGEST_BYTES - _COUNT_BYTES] + count


@dataclass(frozen=True, slots=True)
class LostLeaf:
    """A leaf of which nothing can be computed: its salt was dropped, or the leaf is not there."""

    is_erased: bool


Published = BoundLeaf | LostLeaf


def count_rows(commitment: bytes) -> int:
    """Give how many rows a leaf bound, which its entry says for ever."""
    return int.from_bytes(commitment[-_COUNT_BYTES:], "big") & ~_LOOK


def is_of_look(commitment: bytes) -> bool:
    """Tell whether a leaf is of a look, which its entry says for ever; entries of earlier versions do not."""
    return bool(int.from_bytes(commitment[-_COUNT_BYTES:], "big") & _LOOK)


def compose_row(act: str, relation: str, columns: Mapping[str, str | None]) -> bytes:
    r"""Write a row as it is committed to; what is NULL leaves no trace.

    Parameters
    ----------
    act
        ``opened``, ``closed`` or ``wrote``.
    columns
        Name to the text of the value; free text under ``name:LENGTH``.

    Examples
    --------
    >>> compose_row("opened", "party.party", {"name:4": "Əli\n", "born_on": None, "kind:7": "natural"})
    b'opened party.party\nkind:7=natural\nname:4=\xc6\x8fli\n\n'
    """
    names = sorted(columns, key=lambda name: name.partition(":")[0])
    lines = (f"{name}={columns[name]}\n" for name in names if columns[name] is not None)
    return "".join((f"{act} {relation}\n", *lines)).encode()


def commit_row(
    leaf_salt: bytes, act: str, relation: str, key: str, columns: Mapping[str, str | None]
) -> bytes:
    """Give the commitment of a row under the salt of the leaf that opened or closed it."""
    salt = hmac.digest(leaf_salt, f"{act} {relation} {key}".encode(), "sha256")
    return hashlib.sha256(salt + compose_row(act, relation, columns)).digest()


def path_of_block(index: int, width: int) -> str:
    """Give where the commitments of a block of 256 leaves lie, beside the tiles.

    Examples
    --------
    >>> path_of_block(1234, 256), path_of_block(0, 3)
    ('commitments/x001/234', 'commitments/000.p/3')
    """
    return Tile(None, index, width).path.replace("tile/entries/", "commitments/", 1)


def write_leaf(leaf: Published) -> Iterator[bytes]:
    """Write one leaf of a block: a byte for what is known, body, own, count and commitments."""
    if isinstance(leaf, LostLeaf):
        yield bytes([_ERASED if leaf.is_erased else _MISSING])
        return
    yield bytes([_WRITTEN])
    yield leaf.body
    yield leaf.own
    yield len(leaf.rows).to_bytes(_COUNT_BYTES, "big")
    yield from leaf.rows


def write_block(leaves: Iterable[Published]) -> bytes:
    """Write the leaves of a block in their order."""
    return b"".join(part for leaf in leaves for part in write_leaf(leaf))


def parse_block(content: bytes) -> list[Published]:
    """Read a block.

    Raises
    ------
    InvalidInput
        It is cut off, or no block.
    """
    leaves: list[Published] = []
    place = 0
    while place < len(content):
        known, place = content[place], place + 1
        if known in {_ERASED, _MISSING}:
            leaves.append(LostLeaf(known == _ERASED))
            continue
        start = place + 2 * DIGEST_BYTES + _COUNT_BYTES
        if known != _WRITTEN or start > len(content):
            raise InvalidInput("The block of commitments is cut off.", code="block-malformed")
        body, own = (
            content[place : place + DIGEST_BYTES],
            content[place + DIGEST_BYTES : place + 2 * DIGEST_BYTES],
        )
        end = start + DIGEST_BYTES * int.from_bytes(content[start - _COUNT_BYTES : start], "big")
        if end > len(content):
            raise InvalidInput("The block of commitments is cut off.", code="block-malformed")
        leaves.append(BoundLeaf(body, own, _split(content[start:end])))
        place = end
    return leaves


def _split(content: bytes) -> tuple[bytes, ...]:
    return tuple(content[at : at + DIGEST_BYTES] for at in range(0, len(content), DIGEST_BYTES))


def are_sorted(rows: Sequence[bytes]) -> bool:
    """Tell whether commitments stand in their one order, none twice."""
    return all(one < other for one, other in pairwise(rows))


__all__ = [
    "DIGEST_BYTES",
    "ROWS_DOMAIN",
    "UNBOUND",
    "BoundLeaf",
    "LostLeaf",
    "Published",
    "are_sorted",
    "commit_row",
    "compose_row",
    "count_rows",
    "is_of_look",
    "parse_block",
    "path_of_block",
    "write_block",
    "write_leaf",
]
