"""One writer of the proof of concurrent extracts: he sells, mortgages, arrests, divides and merges while others read.

Run as ``python -m tests.proof.extract_writers`` with the order in a line of its input; ends with its input.
"""

from __future__ import annotations

import json
import random
import select
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cadastre.db.unit_of_work import Database
from cadastre.kernel.errors import Conflict, Unavailable
from tests.cadastre.services.land_history import History
from tests.cadastre.services.registering import Office
from tests.proof.extract_ground import Family, people_of


@dataclass(frozen=True, slots=True)
class WriteOrder:
    """Whose land a writer changes, and how long he rests after each change."""

    url: str
    seed: int
    families: tuple[Family, ...]
    pause_s: float


def write_until(order: WriteOrder, is_over: Callable[[float], bool]) -> Counter[str]:
    """Change the land of the families in turn; ``is_over`` rests and tells whether to end."""
    database = Database(order.url, pool_size=1)
    office, chance, done = Office(database), random.Random(order.seed), Counter[str]()
    histories = [
        History(office, place, chance, list(people_of(each)), [each.property_id], f"Məhkəmə {each.mark}")
        for place, each in enumerate(order.families)
    ]
    try:
        while not is_over(order.pause_s):
            try:
                name, _ = chance.choice(histories).step()
            except (Conflict, Unavailable, AssertionError):
                name = "nothing"
            done[name] += 1
    finally:
        database.close()
    return done


def read_order(said: dict[str, Any]) -> WriteOrder:
    """Read an order that was written as JSON."""
    return WriteOrder(**{**said, "families": tuple(Family(**each) for each in said["families"])})


def main() -> None:
    """Write until the standard input ends."""

    def is_over(pause_s: float) -> bool:
        ready, _, _ = select.select([sys.stdin], [], [], pause_s)
        return bool(ready)

    print(json.dumps(write_until(read_order(json.loads(sys.stdin.readline())), is_over)))


if __name__ == "__main__":
    main()
