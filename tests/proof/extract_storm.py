"""A storm: askers and writers at one served register, then every answer judged; in threads or in processes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from address_registry import AddressBook
from api.auth import open_tokens
from api.auth.tokens import make_caller
from api.desks import open_desks
from api.settings import ApiSettings
from cadastre.db.places import checkout_root
from cadastre.db.unit_of_work import Database as UnitDatabase
from cadastre.kernel.clock import SystemClock
from cadastre.services.ledger_clock import sequence
from tests.database import Database
from tests.proof.extract_askers import KINDS, Account, Askers, AskOrder
from tests.proof.extract_ground import Family, lay_families
from tests.proof.extract_judge import Judge, Judgement, read_lines
from tests.proof.extract_writers import WriteOrder, write_until
from tests.proof.processes import spawner

OFFICES = (
    ("notary", "notary", "disposal"),
    ("notary", "attorney", "lease"),
    ("court", "court", "court"),
    ("court", "bailiff", "enforcement"),
    ("registrar", "registry_officer", "official_duty"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How many answers by how many askers, over how many families, beside how many writers."""

    answers: int
    families: range
    askers: int
    threads: int
    writers: int
    pause_s: float


@dataclass(frozen=True, slots=True)
class Ground:
    """A served register with what is asked of it, and by whom."""

    database: Database
    settings: ApiSettings
    families: tuple[Family, ...]
    accounts: tuple[Account, ...]


def lay_ground(database: Database, settings: ApiSettings, families: range) -> Ground:
    """Enter the families, and open accounts of every kind."""
    laid = tuple(lay_families(database.app_url, families))
    desk = open_tokens(settings)
    accounts = []
    for number in range(5 * len(OFFICES)):
        role, capacity, purpose = OFFICES[number % len(OFFICES)]
        subject, name = f"{role}-{number}", f"Soruşan {number}"
        token = desk.issue(make_caller(role, subject, name=name))
        accounts.append(Account(token, subject, role, name, capacity, purpose))
    for family in laid[:: max(1, len(laid) // 10)]:
        owner = Account(
            "", f"owner-{family.fins[0]}", "owner", f"Sahibkar {family.fins[0]}", "owner", "own_information"
        )
        bank = Account(
            "", f"bank-{family.voen}", "bank", f"Kredit təşkilatı {family.voen}", "mortgagee", "mortgage"
        )
        bound = (
            (owner, {"fin": family.fins[0]}),
            (bank, {"voen": family.voen}),
        )
        for account, numbers in bound:
            caller = make_caller(account.role, account.subject, name=account.name, **numbers)
            accounts.append(replace(account, token=desk.issue(caller), mark=family.mark, **numbers))
    return Ground(database, settings, laid, tuple(accounts))


def orders_of(ground: Ground, plan: Plan, url: str, folder: Path) -> list[AskOrder]:
    """Share the questions out among the askers."""
    where = urlsplit(url)
    return [
        AskOrder(
            str(where.hostname),
            int(where.port or 80),
            seed,
            len(range(seed, plan.answers, plan.askers)),
            plan.threads,
            KINDS,
            ground.families,
            ground.accounts,
            str(folder / f"asker-{seed}.log"),
        )
        for seed in range(plan.askers)
    ]


def writers_of(ground: Ground, plan: Plan) -> list[WriteOrder]:
    """Share the families out among the writers."""
    return [
        WriteOrder(ground.database.app_url, seed, ground.families[seed :: plan.writers], plan.pause_s)
        for seed in range(plan.writers)
    ]


def storm_in_threads(ground: Ground, plan: Plan, url: str, folder: Path) -> Counter[str]:
    """Ask and write in threads of this process; gives what was written."""
    over, written = threading.Event(), Counter[str]()
    orders = orders_of(ground, plan, url, folder)
    with ThreadPoolExecutor(plan.writers + plan.askers) as pool:
        writers = [pool.submit(write_until, each, over.wait) for each in writers_of(ground, plan)]
        asking = [pool.submit(Askers(each).ask_all) for each in orders]
        try:
            for each in asking:
                each.result()
        finally:
            over.set()
        for done in writers:
            written += done.result()
    return written


def storm_in_processes(ground: Ground, plan: Plan, url: str, folder: Path) -> Counter[str]:
    """Ask and write in processes; gives what was written."""
    writers = [_start("extract_writers", asdict(each)) for each in writers_of(ground, plan)]
    askers = [_start("extract_askers", asdict(each)) for each in orders_of(ground, plan, url, folder)]
    try:
        for asker in askers:
            asker.communicate()
        written = Counter[str]()
        for writer in writers:
            written += Counter(json.loads(writer.communicate()[0]))
        codes = {each.returncode for each in (*askers, *writers)}
    finally:
        for each in (*askers, *writers):
            each.kill()
    assert codes == {0}
    return written


def _start(module: str, order: dict[str, Any]) -> subprocess.Popen[str]:
    """Start a process that reads its order from its first line."""
    program = [sys.executable, "-m", f"tests.proof.{module}"]
    started = subprocess.Popen(
        program, cwd=checkout_root(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert started.stdin is not None
    started.stdin.write(json.dumps(order) + "\n")
    started.stdin.flush()
    return started


def judge_all(ground: Ground, folder: Path, processes: int) -> Judgement:
    """Judge what every asker has written down."""
    sequence_all(ground.database.app_url)
    found, logs = Judgement(), sorted(folder.glob("asker-*.log"))
    if processes == 1:
        for log in logs:
            found.add(judge_log(ground, log))
        return found
    with ProcessPoolExecutor(processes, mp_context=spawner()) as pool:
        for judged in pool.map(judge_log, [ground] * len(logs), logs):
            found.add(judged)
    return found


def sequence_all(url: str) -> None:
    """Number what was written last."""
    database = UnitDatabase(url, pool_size=1)
    sequence(database)
    database.close()


def judge_log(ground: Ground, log: Path) -> Judgement:
    """Judge what one asker has written down."""
    database = UnitDatabase(ground.database.app_url, pool_size=1)
    desks = open_desks(ground.settings, database, SystemClock(), AddressBook())
    try:
        keys = desks.signing.cabinet.trust().jws_keys
        superuser = ground.database.superuser_url
        judge = Judge(desks.extracts.parts, keys, superuser, ground.families, ground.accounts)
        return judge.judge(read_lines(log))
    finally:
        desks.close()
        database.close()


__all__ = ["Ground", "Plan", "judge_all", "lay_ground", "storm_in_processes", "storm_in_threads"]
