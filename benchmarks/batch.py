"""A portfolio ordered at once: speed and memory of the worker, and what a kill -9 in the middle leaves.

Run with ``python benchmarks/batch.py [--items N] [--sections N]``. Of the numbers most are sections in which
the bank stands (each several times), some are others' sections, unknown to the register or malformed. Exit 1
when an item has not exactly the result that it must have.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import text

from cadastre.db import local_cluster
from cadastre.db.migrate import upgrade
from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.extract import ExtractRequest
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.services.batches import BatchOrder, find_batch, list_batch_results, submit_batch
from cadastre.services.ledger_clock import sequence
from tests.cadastre.db.cluster_homes import open_folder, settings_for
from tests.register import Register, square

BANK = Caller("bank-of-all", CallerRole.BANK, "Sınaq Bankı", voen="1401555071")
UNKNOWN, FOREIGN, MALFORMED = "203088{:06d}", "203099{:06d}", "2030??{:06d}"
PROBLEMS = {
    "203088": "property-not-found",
    "203099": "property-not-found",
    "2030??": "property-number-malformed",
}
WORK = """
import sys
from pathlib import Path
from api.composition import open_rooms
from api.settings import read_api_settings
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.services.batches import work_batches
from cadastre.services.ledger_clock import sequence
rooms = open_rooms(read_api_settings())
print("ready", flush=True)
done = 0
while (taken := work_batches(rooms.desks.extracts, 20)) > 0:
    done += taken
    print(done, flush=True)
(peak,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(peak, flush=True)
rooms.close()
"""


def settle(database: Database, sections: int) -> list[str]:
    """Enter synthetic sections mortgaged to the bank, and as many of others; give the bank's numbers."""

    def write(uow: UnitOfWork) -> list[str]:
        register, numbers = Register(uow.connection), list[str]()
        register.leaf()
        bank = register.party(BANK.name, kind="legal", voen=BANK.voen)
        owner = register.party("Sintetik Sahib", fin="5ZK1M0A")
        for serial in range(sections):
            shape = square(30.0 * (serial % 200), 30.0 * (serial // 200))
            parcel = register.parcel(f"B-{serial:06d}", shape)
            numbers.append(f"2030{serial + 1:08d}")
            section = register.property(numbers[-1], parcel)
            register.right(section, owner)
            register.restriction(section, "mortgage", bank, amount=1_000, currency="AZN", rank=1)
            if serial % 20 == 0:
                register.right(register.property(FOREIGN.format(serial)), owner)
        return numbers

    return database.run(write, isolation=Isolation.READ_COMMITTED)


def draw_items(numbers: Sequence[str], items: int, sections: int) -> list[str]:
    """Draw the portfolio: duplicates, foreign, unknown and malformed numbers among it, in no order."""
    chance = random.Random(items)
    kinds = chance.choices(("own", "foreign", "unknown", "malformed"), (85, 5, 5, 5), k=items)
    foreign = [FOREIGN.format(serial) for serial in range(0, sections, 20)]
    made = {
        "own": lambda: chance.choice(numbers),
        "foreign": lambda: chance.choice(foreign),
        "unknown": lambda: UNKNOWN.format(chance.randrange(10**6)),
        "malformed": lambda: MALFORMED.format(chance.randrange(100)),
    }
    return [made[kind]() for kind in kinds]


def order(database: Database, items: Sequence[str]) -> UUID:
    """Order the portfolio; give the identifier of the order."""
    batch = uuid4()
    template = ExtractRequest("", "certificate", "mortgagee", "Sınaq", "mortgage")
    asked = BatchOrder(tuple(items), template)
    database.run(
        lambda uow: submit_batch(uow, asked, BANK, batch_id=batch, today=datetime.now(OFFICIAL_ZONE).date()),
        isolation=Isolation.READ_COMMITTED,
    )
    return batch


def start_worker(environ: dict[str, str]) -> subprocess.Popen[str]:
    """Start a worker, and wait until it has loaded its keys."""
    worker = subprocess.Popen([sys.executable, "-c", WORK], env=environ, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def work(environ: dict[str, str], kill_after: int) -> tuple[float, float, str]:
    """Let a worker be killed in the middle and another one finish; seconds, CPU seconds and memory."""
    began, cpu = time.monotonic(), os.times()
    victim = start_worker(environ)
    assert victim.stdout is not None
    for line in victim.stdout:
        if int(line) >= kill_after:
            break
    victim.kill()
    victim.wait()
    heir = start_worker(environ)
    said, _ = heir.communicate()
    spent = os.times()
    cpu_s = spent.children_user + spent.children_system - cpu.children_user - cpu.children_system
    return time.monotonic() - began, cpu_s, said.splitlines()[-1]


def list_wrong(database: Database, batch: UUID, items: Sequence[str]) -> tuple[list[str], Counter[str]]:
    """Tell which items have not the result that they must have, and count the results."""
    wrong, counts, after, place = list[str](), Counter[str](), 0, 0
    extracts = set[UUID]()
    while True:
        page = list_batch_results(database, batch, BANK, after=after, limit=500)
        for row in page.items:
            number = items[place]
            place += 1
            expected = PROBLEMS.get(number[:6])
            counts[row.problem or "issued"] += 1
            if (row.place, row.register_number, row.problem) != (place, number, expected):
                wrong.append(f"{place}: {number}: {row.problem}, not {expected}")
            if row.extract_id is not None and row.extract_id in extracts:
                wrong.append(f"{place}: the extract of another item")
            extracts.add(row.extract_id)
        if page.after is None:
            return wrong + ([] if place == len(items) else [f"{place} results"]), counts
        after = page.after


def count_strays(database: Database, batch: UUID) -> int:
    """Extracts that were issued and are nobody's result: there are none, a crash leaves both or neither."""
    query = text("""SELECT (SELECT count(*) FROM ledger.leaf WHERE kind = 'extract.issued')
                         - (SELECT count(*) FROM evidence.batch_result
                             WHERE batch_id = :batch AND extract_id IS NOT NULL)""")
    return database.run(lambda uow: int(uow.connection.execute(query, {"batch": batch}).scalar_one()))


def main() -> int:
    """Order, work, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--sections", type=int, default=2_000)
    asked = parser.parse_args()
    with open_folder() as folder, tempfile.TemporaryDirectory() as home:
        urls = local_cluster.ensure_running(settings_for(folder / "home"))
        upgrade(urls.admin_url)
        database = Database(urls.app_url, pool_size=2)
        items = draw_items(settle(database, asked.sections), asked.items, asked.sections)
        sequence(database)
        batch = order(database, items)
        environ = {
            **os.environ,
            "CADASTRE_DATABASE_URL": urls.app_url,
            "CADASTRE_ADMIN_URL": urls.admin_url,
            "CADASTRE_HOME": home,
            "CADASTRE_KEYS": "file",
        }
        took_s, cpu_s, peak = work(environ, asked.items // 2)
        state = find_batch(database, batch, BANK)
        wrong, counts = list_wrong(database, batch, items)
        strays = count_strays(database, batch)
        database.close()
    print(
        f"{asked.items:,} numbers in {took_s:.1f} s ({asked.items / took_s:.0f}/s; "
        f"{cpu_s / asked.items * 1000:.2f} ms of the worker's CPU each), "
        f"its worker killed in the middle; {dict(counts)}; {peak}; "
        f"{len(wrong)} wrong, {strays} strays"
    )
    for line in wrong[:10]:
        print(line)
    return 0 if (state.done, bool(state.ended_at), wrong, strays) == (asked.items, True, [], 0) else 1


if __name__ == "__main__":
    sys.exit(main())
