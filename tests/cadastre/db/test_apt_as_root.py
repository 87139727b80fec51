"""How root installs: no questions, no PostgreSQL system cluster, one refresh of the lists when needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cadastre.db.packages import apt
from cadastre.kernel.errors import Unavailable

SCRIPT = """#!/bin/sh
printf '%s' "$*" >> {log}
test -f {drop_in} && printf ' [no cluster]' >> {log}
printf ' [%s]\\n' "$DEBIAN_FRONTEND" >> {log}
case "$*" in *update*) touch {lists}; exit 0;; esac
test -f {lists} && test {verdict} = 0 && exit 0
echo 'E: Unable to locate package' >&2; exit 100
"""


class ScriptedApt:
    """An ``apt-get`` first on the search path that writes down how it was called."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log = folder / "log"
        self.lists = folder / "lists"
        self.drop_in = folder / "etc" / "kadastr.conf"
        self.folder = folder
        monkeypatch.setattr(apt, "NO_CLUSTER", self.drop_in)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def behave(self, verdict: int) -> None:
        program = self.folder / "apt-get"
        facts = {"log": self.log, "lists": self.lists, "drop_in": self.drop_in, "verdict": verdict}
        program.write_text(SCRIPT.format(**facts))
        program.chmod(0o755)

    def calls(self) -> list[str]:
        return self.log.read_text().splitlines()


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScriptedApt:
    return ScriptedApt(tmp_path, monkeypatch)


def test_install_without_a_system_cluster(scripted: ScriptedApt) -> None:
    scripted.behave(0)
    scripted.lists.touch()
    apt.install(["postgresql-15-postgis-3"])
    (call,) = scripted.calls()
    assert call.startswith("install --yes --no-install-recommends")
    assert call.endswith("postgresql-15-postgis-3 [no cluster] [noninteractive]")
    assert not scripted.drop_in.exists(), "what an administrator installs later is none of our business"


def test_missing_lists_are_fetched_once(scripted: ScriptedApt) -> None:
    scripted.behave(0)
    apt.install(["poppler-utils"])
    assert [call.split()[0] for call in scripted.calls()] == ["install", "update", "install"]


def test_failure_is_one_sentence(scripted: ScriptedApt) -> None:
    scripted.behave(100)
    with pytest.raises(Unavailable, match="apt-get install failed: E: Unable to locate package"):
        apt.install(["nonsense"])
    assert not scripted.drop_in.exists()
