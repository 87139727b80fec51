"""Sixteen processes sell the same fifty sections while they, and the server, are killed: the register keeps its word.

A contested transfer is one that a client files about a section that others are selling at the same time,
brought to its end: registered, withdrawn because another was registered before it, or refused at filing.
Each is up to four transactions of the services that ship (application, distribution with preparation,
decision, or withdrawal), some rest on a priority notice, each request under an Idempotency-Key. The
clients are killed with SIGKILL, and so are server processes and the whole server; whoever comes
after them repeats what was not answered. At the end all clients are killed at once, and what the
register holds is compared with what they had written down (``transfer_judge``).

``CADASTRE_PROOF_TRANSFERS`` names the number of transfers of the long form.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from cadastre.db import local_cluster
from cadastre.db.migrate import upgrade
from tests.cadastre.db.cluster_homes import open_folder, settings_for
from tests.proof.transfer_fire import Fire, Plan
from tests.proof.transfer_judge import judge
from tests.proof.transfer_log import read_book
from tests.proof.transfer_record import read_record
from tests.proof.transfer_window import lay_ground

SECTIONS, PEOPLE = 50, 12
LONG = int(os.environ.get("CADASTRE_PROOF_TRANSFERS", "100000"))
VICTIMS = {"client", "client with an answer", "backend", "server"}


def prove(plan: Plan, logs: Path) -> None:
    """Burn, judge, and print what happened."""
    with open_folder(on_disk=True) as folder:
        settings = settings_for(folder / "home")
        urls = local_cluster.ensure_running(settings)
        upgrade(urls.admin_url)
        ground = lay_ground(urls.app_url, sections=SECTIONS, people=PEOPLE, clients=plan.clients)
        fire = Fire(settings, ground, logs, plan)
        fire.burn()
        books = [read_book(path) for path in logs.glob("client-*.log")]
        recorded = read_record(urls.superuser_url, ground.planted)
        faults = judge(recorded, books)
    ends = Counter(how for book in books for how in book.ended.values())
    asked = [each for book in books for each in book.asked.values()]
    unanswered = sum(each.is_open for each in asked)
    replayed = sum(bool(each.told and each.told["replayed"]) for each in asked)
    print(
        f"\n{fire.done:,} contested transfers in {fire.took_s:,.0f} s ({fire.done / fire.took_s:,.1f}/s): "
        f"{dict(ends)}; killed: {dict(fire.killed)}; {len(recorded.journal):,} journal entries; "
        f"{len(asked):,} requests, {replayed} answered a second time, {unanswered} never; {len(faults)} faults"
    )
    assert faults == []
    assert fire.done >= plan.transfers
    assert set(fire.killed) == VICTIMS, "each kind of process was killed"
    assert ends["registered"] >= plan.transfers // 4
    assert sum(ends.values()) > ends["registered"], "some came too late"
    assert len(books) == plan.clients
    assert replayed > 0, "some answers came a second time"


def test_the_register_keeps_its_word_under_fire(tmp_path: Path) -> None:
    prove(Plan(64, clients=8, client_every=10, backend_every=25, server_every=45, falters=25), tmp_path)


@pytest.mark.proof
def test_a_hundred_thousand_contested_transfers_under_fire(tmp_path: Path) -> None:
    prove(
        Plan(LONG, client_every=200, backend_every=min(2_000, LONG // 5), server_every=min(5_000, LONG // 3)),
        tmp_path,
    )
