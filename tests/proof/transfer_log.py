"""What a client of the register writes down: what he is about to ask (on the disk, first) and what he was told.

One line of JSON each. A line that a killed client left unfinished was never read by anybody and is no line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

ENDED = b'"ended"'


@dataclass(frozen=True, slots=True)
class Sale:
    """A contested transfer: who wants to give what to whom, and the version of the section that he has seen."""

    property_id: int
    seller: str
    buyer: str
    share: str
    version: int
    notice: str | None = None

    @property
    def part(self) -> Fraction:
        """What passes of the whole property."""
        return Fraction(self.share)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was about to be sent, under its key; ``told`` is None when no answer arrived."""

    key: str
    act: str
    transfer: int
    values: Mapping[str, Any]
    told: Mapping[str, Any] | None = None
    refused: str | None = None

    @property
    def is_done(self) -> bool:
        """Whether the client was told that it is done."""
        return self.told is not None

    @property
    def is_open(self) -> bool:
        """Whether nobody told the client how it went."""
        return self.told is None and self.refused is None


@dataclass
class Book:
    """All that a client wrote down: his requests in their order, and how his transfers ended."""

    asked: dict[str, Asked] = field(default_factory=dict)
    ended: dict[int, str] = field(default_factory=dict)


class Pen:
    """Writes lines at the end of a client's file."""

    def __init__(self, path: Path) -> None:
        self._stream: BinaryIO = path.open("ab", buffering=0)
        if self._stream.tell():
            self._stream.write(b"\n")  # ends what a killed predecessor left unfinished

    def ask(self, key: str, act: str, transfer: int, values: Mapping[str, Any]) -> None:
        """Write down a request and wait for the disk; only then may it be sent."""
        self._line({"key": key, "act": act, "transfer": transfer, "values": dict(values)})
        os.fsync(self._stream.fileno())

    def told(self, key: str, answer: Mapping[str, Any]) -> None:
        """Write down the answer."""
        self._line({"key": key, "told": dict(answer)})

    def refused(self, key: str, code: str) -> None:
        """Write down a refusal."""
        self._line({"key": key, "refused": code})

    def ended(self, transfer: int, how: str) -> None:
        """Write down that a transfer is at its end."""
        self._line({"transfer": transfer, "ended": how})

    def close(self) -> None:
        """Put the pen down; a killed client never does."""
        self._stream.close()

    def _line(self, values: Mapping[str, Any]) -> None:
        self._stream.write(json.dumps(values).encode() + b"\n")


def read_book(path: Path) -> Book:
    """Read what a client wrote down; there may be nothing yet."""
    book = Book()
    for line in _lines(path):
        if "ended" in line:
            book.ended[line["transfer"]] = line["ended"]
        elif "act" in line:
            book.asked[line["key"]] = Asked(line["key"], line["act"], line["transfer"], line["values"])
        else:
            before = book.asked[line["key"]]
            book.asked[line["key"]] = Asked(
                before.key, before.act, before.transfer, before.values, line.get("told"), line.get("refused")
            )
    return book


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    for line in path.read_bytes().split(b"\n"):
        try:
            if line:
                yield json.loads(line)
        except json.JSONDecodeError:
            continue  # cut off by a kill


__all__ = ["ENDED", "Asked", "Book", "Pen", "Sale", "read_book"]
