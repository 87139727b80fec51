"""A client process: sells what others are selling too, until it is killed; its successor goes on where it was."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from multiprocessing import parent_process
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from cadastre.kernel.errors import CadastreError, Conflict, Unavailable
from tests.proof.transfer_log import Asked, Pen, Sale, read_book
from tests.proof.transfer_window import Ground, Window

LIVE_TRANSFERS: Final = 2
NOTICE_EVERY: Final = 12
TOO_EARLY: Final = frozenset({"out-of-turn", "earlier-case-open", "priority-taken"})
"""Somebody stands before this case and will be decided; it waits."""
Next = tuple[str, Mapping[str, Any]]


class Client:
    """Asks under a key that is on the disk, repeats until it is told, and writes down what it was told."""

    def __init__(self, ground: Ground, number: int, folder: Path, life: int, falters: int) -> None:
        self.ground, self.number = ground, number
        self.window, self.chance = Window(ground, number), random.Random(f"{number}-{life}")
        self.pause, self.falters = threading.Event(), falters
        path = folder / f"client-{number}.log"
        book = read_book(path)
        self.transfers = 0
        self.read: Sale | None = None
        self.live: dict[int, list[Asked]] = {}
        for asked in book.asked.values():
            self.transfers = max(self.transfers, asked.transfer)
            if asked.transfer not in book.ended:
                self.live.setdefault(asked.transfer, []).append(asked)
        self.pen = Pen(path)

    def run(self) -> None:
        """Go on until whoever started us is gone."""
        while True:
            if len(self.live) < LIVE_TRANSFERS:
                self._begin()
            for transfer in list(self.live):
                self._bring_on(transfer)

    def _begin(self) -> None:
        """File what was read one round ago (first taking a place, at times), and read what comes next.

        As a notary does: he reads the section, draws up the contract, and comes with it; by then
        somebody else may have been there.
        """
        sale, self.read = self.read, None
        if sale is None:
            sale = self._wish(self._choose())
        self.read = self._wish(self._choose())
        self.transfers += 1
        if sale.property_id not in self.ground.shared and self.chance.randrange(NOTICE_EVERY) == 0:
            notice = str(UUID(int=self.chance.getrandbits(128), version=4))
            self._send("notice", self.transfers, asdict(replace(sale, notice=notice)))
        else:
            self._send("file", self.transfers, asdict(sale))

    def _choose(self) -> int:
        """Give a section that many want."""
        ids = list(self.ground.sections)
        return ids[int(len(ids) * self.chance.random() ** 2)]

    def _wish(self, property_id: int) -> Sale:
        """Give a transfer of a section as it now stands."""
        owners, version = self._until_told(lambda: self.window.look(property_id))
        seller = self.chance.choice(sorted(owners))
        buyer = self.chance.choice([party for party in self.ground.people if party != seller])
        share = "1/4" if property_id in self.ground.shared else "1/1"
        return Sale(property_id, seller, buyer, share, version)

    def _bring_on(self, transfer: int) -> None:
        """Take a transfer one act further, whoever of us began it."""
        last = self.live[transfer][-1]
        if last.is_open:
            self._repeat(last)
            return
        following = self._next(self.live[transfer])
        if isinstance(following, str):
            del self.live[transfer]
            self.pen.ended(transfer, following)
            return
        act, values = following
        if last.refused in TOO_EARLY and act.startswith("decide") and not self._is_first(values["case"]):
            self.pause.wait(0.02 * self.chance.random())
            return
        self._send(act, transfer, values)

    def _is_first(self, case: str) -> bool:
        """Whether nobody stands before a case any more; asked before its decision is asked for again."""
        return bool(self._until_told(lambda: self.window.is_first(case)))

    def _next(self, acts: list[Asked]) -> Next | str:
        """Give what follows the last act, or how the transfer ended."""
        last = acts[-1]
        filed = next((asked for asked in acts if asked.act == "file"), None)
        case = {"case": filed.told["case"]} if filed and filed.told else {}
        match last.act:
            case "notice" if last.is_done:
                sale = replace(self._wish(last.values["property_id"]), notice=last.values["notice"])
                return "file", asdict(sale)
            case "file" if last.is_done:
                return "handed", case
            case "file" if last.values["notice"]:
                return "release", {"notice": last.values["notice"]}
            case "handed" if last.is_done:
                return "decide1", case
            case "withdraw":
                return "withdrawn"
            case "release":
                return "released"
            case "notice" | "file":
                return str(last.refused)
            case _ if last.is_done:
                return "registered"
            case _ if last.refused in TOO_EARLY:
                return f"decide{int(last.act.removeprefix('decide')) + 1}", case
            case _:
                return "withdraw", case

    def _send(self, act: str, transfer: int, values: Mapping[str, Any]) -> None:
        """Ask for something under a new key."""
        asked = Asked(f"{self.number}-{transfer}-{act}", act, transfer, values)
        self.pen.ask(asked.key, act, transfer, values)
        self.live.setdefault(transfer, []).append(asked)
        self._repeat(asked)

    def _repeat(self, asked: Asked) -> None:
        """Ask until there is an answer, and write it down."""
        acts = self.live[asked.transfer]
        try:
            told = self._until_told(lambda: self._call(asked))
        except CadastreError as error:
            code = str(error.facts.get("rule", error.code)) if error.code == "rule-broken" else error.code
            self.pen.refused(asked.key, code)
            acts[-1] = replace(asked, refused=code)
        else:
            if self.chance.randrange(self.falters) == 0:
                os.kill(os.getpid(), signal.SIGKILL)  # the worst moment: it is done, and nobody will know
            self.pen.told(asked.key, told)
            acts[-1] = replace(asked, told=told)

    def _call(self, asked: Asked) -> Mapping[str, Any]:
        values = asked.values
        match asked.act:
            case "notice":
                return self.window.take_notice(asked.key, values["property_id"], values["notice"])
            case "release":
                return self.window.release_notice(asked.key, values["notice"])
            case "file":
                return self.window.file(asked.key, Sale(**values))
            case "handed":
                return self.window.hand_out(asked.key, values["case"])
            case "withdraw":
                return self.window.withdraw(asked.key, values["case"])
            case _:
                return self.window.decide(asked.key, values["case"])

    def _until_told(self, ask: Callable[[], Any]) -> Any:
        """Ask until there is an answer; a server that is not there, or too busy, is asked again."""
        while True:
            _require_parent()
            try:
                return ask()
            except Unavailable:
                self.pause.wait(0.02 + 0.05 * self.chance.random())
            except Conflict as error:
                if error.code != "contention":
                    raise


def _require_parent() -> None:
    """End when the proof that started this process is gone: nobody else would end it."""
    parent = parent_process()
    if parent is not None and not parent.is_alive():
        raise SystemExit("whoever started this client is gone")


def live(ground: Ground, number: int, folder: Path, life: int, falters: int) -> None:
    """Entry of a client process; what ends it other than a kill is in its file of errors.

    One of ``falters`` answers kills it before the answer is written down.
    """
    with (folder / f"client-{number}.err").open("w") as stream:
        os.dup2(stream.fileno(), 2)
    Client(ground, number, folder, life, falters).run()


__all__ = ["live"]
