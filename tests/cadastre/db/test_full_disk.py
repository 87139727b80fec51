"""A full disk, for real where the caller may mount one: one plain sentence, then a start with room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cadastre.db import local_cluster
from cadastre.db.cluster.diagnosis import explain
from cadastre.db.cluster.layout import ClusterState, layout_of
from cadastre.kernel.errors import Unavailable
from tests.cadastre.db.cluster_homes import ask, open_folder, settings_for

CAP_SYS_ADMIN = 21


def may_mount() -> bool:
    """Whether this process has the capability to mount a file system."""
    lines = Path("/proc/self/status").read_text().splitlines()
    effective = next(line.split()[1] for line in lines if line.startswith("CapEff"))
    return bool(int(effective, 16) >> CAP_SYS_ADMIN & 1)


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mount an empty file system of this size."""
    with open_folder() as folder:
        disk = folder / "disk"
        disk.mkdir()
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", disk], check=True
        )
        try:
            yield disk
        finally:
            settings = settings_for(disk / "home")
            local_cluster.stop(settings)
            subprocess.run(["umount", disk], check=True)


def fill(disk: Path) -> Path:
    """Write until nothing more fits."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as stream:
        for size in (2**20, 4096, 1):
            try:
                while stream.write(b"\0" * size):
                    pass
            except OSError:
                continue
    return filler


if may_mount():

    def test_creation_needs_room() -> None:
        with small_disk(40) as disk:
            with pytest.raises(Unavailable, match=r"is full: \d+ MB are free") as caught:
                local_cluster.ensure_running(settings_for(disk / "home"))
            assert caught.value.code == "disk-full"
            assert "\n" not in caught.value.message

    def test_start_on_a_full_disk_then_with_room() -> None:
        with small_disk(260) as disk:
            settings = settings_for(disk / "home")
            local_cluster.ensure_running(settings)
            local_cluster.stop(settings)
            filler = fill(disk)
            with pytest.raises(Unavailable, match=r"is full|No space left") as caught:
                local_cluster.ensure_running(settings)
            assert "\n" not in caught.value.message
            filler.unlink()
            urls = local_cluster.ensure_running(settings)
            assert ask(urls.app_url, "SELECT 1") == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("FATAL:  could not write lock file: No space left on device", "disk-full"),
        ("LOG:  could not bind IPv4 address: Address already in use", "port-in-use"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "no-memory"),
        ("FATAL:  database files are incompatible with server", "wrong-data-version"),
        ("FATAL:  something never seen before", "cluster-start"),
    ],
)
def test_what_postgresql_says_becomes_one_sentence(said: str, code: str) -> None:
    with open_folder() as folder:
        layout = layout_of(folder)
        layout.base.mkdir(parents=True, exist_ok=True)
        error = explain(layout, ClusterState(port=20001, passwords={}), f"{said}\n", "it did not start")
    assert error.code == code
    assert "\n" not in error.message
    assert os.linesep not in str(error)
