"""Runs the standalone verifier as a stranger would: alone, offline, in a Python that has cryptography only."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import cadastre.extract

VERIFIER = Path(cadastre.extract.__file__).with_name("kadastr_verify.py")

_ALONE = """
import builtins, runpy, socket, sys
from importlib.abc import MetaPathFinder

class OnlyCryptography(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in sys.stdlib_module_names | {"cryptography", "_cffi_backend", "cffi"}:
            raise ModuleNotFoundError(f"{name} is not installed here")

def no_network(*_, **__):
    raise OSError("there is no network here")

sys.meta_path.insert(0, OnlyCryptography())
socket.socket = socket.create_connection = socket.getaddrinfo = no_network
verifier = sys.argv[1]
for line in sys.stdin if sys.argv[2:] == ["-"] else [chr(31).join(sys.argv[2:])]:
    sys.argv = [verifier, *line.rstrip(chr(10)).split(chr(31))]
    try:
        runpy.run_path(verifier, run_name="__main__")
    except SystemExit as ended:
        print(f"exit {ended.code}", flush=True)
"""


@dataclass(frozen=True)
class Judged:
    code: int
    lines: list[str]
    errors: str

    @property
    def verdict(self) -> str:
        return self.lines[0].partition(" (")[0] if self.lines else ""

    @property
    def reasons(self) -> list[str]:
        return [line.strip() for line in self.lines[1:]]


def judge_all(files: list[Path], trust: Path) -> list[Judged]:
    """Judge files one after the other in one process."""
    orders = "".join("\x1f".join((str(file), "--trust", str(trust))) + "\n" for file in files)
    done = subprocess.run(
        [sys.executable, "-I", "-c", _ALONE, str(VERIFIER), "-"],
        input=orders,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )
    judged, lines = [], []
    for line in done.stdout.splitlines():
        if line.startswith("exit "):
            judged.append(Judged(int(line.removeprefix("exit ")), lines, done.stderr))
            lines = []
        else:
            lines.append(line)
    assert len(judged) == len(files), done.stderr
    return judged


def judge(file: Path, trust: Path) -> Judged:
    return judge_all([file], trust)[0]
