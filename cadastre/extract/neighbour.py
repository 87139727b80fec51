"""The neighbour of a parcel, as a statement names it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NeighbourRecord:
    """A parcel beyond the boundary from one turning point to another, in the order of their numbers.

    ``first == last``: it borders on the whole ring.
    """

    cadastral_number: str
    first: int
    last: int
