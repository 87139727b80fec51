"""Askers of the proof of concurrent extracts: many accounts, many sections, every answer written down.

Run as ``python -m tests.proof.extract_askers`` with the order in a line of its input: one process, some threads. Of each answer its
digest is kept, what the serial re-issue needs, and every word in it that belongs to anybody's section.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final

import rfc8785

from tests.proof.extract_ground import MARK, NUMBER, Family

KINDS: Final = ("extract",) * 3 + (
    "certificate",
    "plan",
    "reference-rights",
    "reference-encumbrances",
    "reference-description",
    "archive",
)
"""What is asked for; not every kind can be had of every section at every time."""
MOST_TRIES: Final = 60
UNKNOWN: Final = "203099999999"


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks; ``mark`` is the family that an owner or a bank is bound to."""

    token: str = field(repr=False)
    subject: str
    role: str
    name: str
    capacity: str
    purpose: str
    mark: str | None = None
    fin: str | None = None
    voen: str | None = None


@dataclass(frozen=True, slots=True)
class AskOrder:
    """Where and what one process asks, and where it writes the answers down."""

    host: str
    port: int
    seed: int
    count: int
    threads: int
    kinds: tuple[str, ...]
    families: tuple[Family, ...]
    accounts: tuple[Account, ...]
    log: str


class Askers:
    """Threads that ask, each over a connection of its own."""

    def __init__(self, order: AskOrder) -> None:
        self.order = order
        self.known = {each.mark: [each.register_number, each.cadastral_number] for each in order.families}
        self.heads: defaultdict[str, list[int]] = defaultdict(list)
        self.lock = Lock()

    def ask_all(self) -> None:
        """Ask as often as ordered."""
        order = self.order
        shares = [len(range(thread, order.count, order.threads)) for thread in range(order.threads)]
        with Path(order.log).open("w", encoding="utf-8") as log, ThreadPoolExecutor(order.threads) as pool:
            for lines in pool.map(self._ask_share, range(order.threads), shares, [log] * order.threads):
                assert lines is None

    def _ask_share(self, thread: int, count: int, log: Any) -> None:
        chance = random.Random(f"{self.order.seed}/{thread}")
        connection = http.client.HTTPConnection(self.order.host, self.order.port, timeout=120)
        for serial, (account, family, body) in enumerate(self._draw(chance, f"{self.order.seed}-{thread}")):
            if serial == count:
                break
            status, answer, tries = self._post(connection, account, body)
            line = {"by": account.subject, "asked": body, "mark": family, "status": status, "tries": tries}
            kept = self._keep(answer, family) if status == 201 else {"code": answer.get("code")}
            with self.lock:
                log.write(json.dumps({**line, **kept}) + "\n")
        connection.close()

    def _draw(self, chance: random.Random, name: str) -> Iterator[tuple[Account, str | None, dict[str, Any]]]:
        """Draw who asks for what; a basis that nobody else names tells whose answer it is."""
        serial = 0
        while True:
            account, family, serial = (
                chance.choice(self.order.accounts),
                chance.choice(self.order.families),
                serial + 1,
            )
            mark: str | None = account.mark if account.mark and chance.random() < 0.7 else family.mark
            number = chance.choice(self.known[str(mark)])
            body: dict[str, Any] = {
                "register_number": number,
                "kind": chance.choice(self.order.kinds),
                "capacity": account.capacity,
                "purpose": account.purpose,
                "basis": f"Əsas {name}-{serial}",
                "acting_for": chance.choice((None, f"Müvəkkil {name}-{serial}")),
            }
            if chance.random() < 0.02:
                mark, body["register_number"] = None, UNKNOWN
            elif self.heads[str(mark)] and chance.random() < 0.2:
                body["known_at"] = chance.choice(self.heads[str(mark)])
            yield account, mark, body

    def _post(
        self, connection: http.client.HTTPConnection, account: Account, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any], int]:
        headers = {"Authorization": f"Bearer {account.token}", "Content-Type": "application/json"}
        for tries in range(1, MOST_TRIES + 1):
            connection.request("POST", "/v1/extracts", json.dumps(body), headers)
            answer = connection.getresponse()
            status, said = answer.status, json.loads(answer.read())
            if status != 503:
                return status, said, tries
        return 503, said, MOST_TRIES

    def _keep(self, answer: dict[str, Any], mark: str | None) -> dict[str, Any]:
        """What is written down of an answer, and learned from it: sections that came of the one asked for."""
        statement = answer["statement"]
        canonical = rfc8785.dumps(statement)
        text = canonical.decode()
        if mark is not None:
            self._learn(statement, mark)
        return {
            "id": answer["id"],
            "jws": answer["jws"],
            "sha256": hashlib.sha256(canonical).hexdigest(),
            "number": statement["number"],
            "kind": statement["kind"],
            "asked_kind": statement["asked_kind"],
            "register_number": statement["register_number"],
            "issued_at": statement["issued_at"],
            "token": statement["verification"]["token"],
            "state": statement["state"],
            "request": statement["request"],
            "marks": sorted(set(MARK.findall(text))),
            "numbers": sorted(set(NUMBER.findall(text))),
            "owners": list_owners(statement),
        }

    def _learn(self, statement: dict[str, Any], mark: str) -> None:
        section = statement["property"] or {}
        successors = (section.get("closing") or {}).get("successors") or []
        with self.lock:
            self.known[mark] += [each for each in successors if each not in self.known[mark]]
            self.heads[mark] = [*self.heads[mark][-20:], statement["state"]["ledger_index"]]


def list_owners(statement: dict[str, Any]) -> list[str] | None:
    """Who owns how much by a statement, or None when it speaks of another time's or of no owners."""
    if statement["rights"] is None or statement["property"] is None or statement["property"]["closing"]:
        return None
    if statement["kind"] == "archive":
        return None
    holders = [
        holder
        for each in statement["rights"]
        if each["kind"]["code"] == "ownership"
        for holder in each["holders"]
    ]
    return sorted(f"{one['party']['name']} {_share(one['share'])}" for one in holders)


def _share(share: dict[str, int] | None) -> str:
    return "joint" if share is None else f"{share['numerator']}/{share['denominator']}"


def read_order(said: dict[str, Any]) -> AskOrder:
    """Read an order that was written as JSON."""
    families = tuple(Family(**{**each, "people": (), "fins": ()}) for each in said["families"])
    accounts = tuple(Account(**each) for each in said["accounts"])
    return AskOrder(**{**said, "kinds": tuple(said["kinds"]), "families": families, "accounts": accounts})


if __name__ == "__main__":
    Askers(read_order(json.loads(sys.stdin.readline()))).ask_all()
