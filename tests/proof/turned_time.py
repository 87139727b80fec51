"""Time as libfaketime shows it to a process and its children: turned while they run, or years ahead."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cadastre.db.system_packages import require

_STEADY = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
"""What measures spans of time goes on as it does, and files bear the times that they have."""

_SLEEP = """
import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds)
"""
"""Python sleeps until a moment of the steady clock, which libfaketime 0.9.10 takes for one of its own."""


def _preload() -> dict[str, str]:
    library = next(require("faketime").root.glob("usr/lib/*/faketime/libfaketime.so.1"))
    return {"LD_PRELOAD": str(library), **_STEADY}


@dataclass(frozen=True)
class TurnedClock:
    """The clock of a process, turned by a file that the process reads at every look at the time."""

    file: Path

    def turn(self, offset: str) -> None:
        """Show another time: ``-1h``, ``+1d``; ``+0`` is the true one."""
        draft = self.file.with_suffix(".draft")
        draft.write_text(f"{offset}\n")
        draft.replace(self.file)

    def environment(self) -> Mapping[str, str]:
        """Give what a process under this clock is started with."""
        self.turn("+0")
        shim = self.file.with_suffix(".python")
        shim.mkdir(exist_ok=True)
        (shim / "sitecustomize.py").write_text(_SLEEP)
        turned = {"FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1"}
        return {**_preload(), **turned, "PYTHONPATH": str(shim)}


def later(days: float) -> dict[str, str]:
    """Give the environment of a process that lives so many days from now."""
    return {**os.environ, **_preload(), "FAKETIME": f"{int(days * 86_400):+d}"}


__all__ = ["TurnedClock", "later"]
