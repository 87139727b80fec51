"""The one way to a system package: found on the machine, installed by root, or unpacked by a user.

``require("poppler").program("pdftotext")`` gives the path of a program that
runs with ``.environment()``. From a shell or the Makefile::

    python -m cadastre.db.system_packages poppler gdal-bin

``CADASTRE_SYSTEM_PACKAGES`` chooses the way: ``auto`` (the default),
``found`` (never install anything), ``unpack`` (use only what this module
unpacked below the project, even as root). Standard library only: set-up calls
this before any Python package is there.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cadastre.db.packages import apt
from cadastre.db.packages.parts import Part, part_named
from cadastre.db.packages.unpacked import UnpackedRoot, executable
from cadastre.db.places import checkout_root, reachable_for_server
from cadastre.kernel.errors import CadastreError, InvalidInput, Unavailable

MACHINE = Path("/")
WAYS = ("auto", "found", "unpack")


@dataclass(frozen=True, slots=True)
class Provided:
    """A part that can be used now: where its files are and what environment its programs need."""

    part: Part
    root: Path
    extra_env: dict[str, str] = field(default_factory=dict)

    def program(self, name: str) -> str:
        """Full path of a program of this part."""
        path = _find_program(self.part, name, self.root)
        if path is None:
            raise Unavailable(f"{name} is missing: {self.part.without}", code="no-program")
        return str(path)

    def environment(self) -> dict[str, str]:
        """Environment to run its programs in."""
        return {**os.environ, **self.extra_env}


def require(name: str) -> Provided:
    """Give a part, installing or unpacking it when it is missing.

    Raises
    ------
    Unavailable
        It cannot be had; the sentence says what does not work without it.
    """
    part = part_named(name)
    provided = find(name)
    if provided is not None:
        return provided
    way = chosen_way()
    try:
        if way == "found":
            raise Unavailable("CADASTRE_SYSTEM_PACKAGES=found forbids installing", code="not-installed")
        if way == "auto" and os.geteuid() == 0:
            apt.install(part.packages)
        else:
            unpacked_root().add(part)
    except Unavailable as error:
        raise Unavailable(
            f"{part.name} is missing and {part.without}: {error.message}", code=error.code, part=part.name
        ) from error
    provided = find(name)
    if provided is None:
        raise Unavailable(
            f"{part.name} was installed but its programs are not where they belong; {part.without}",
            code="part-incomplete",
        )
    return provided


def find(name: str) -> Provided | None:
    """Give a part that is already there, None otherwise; nothing is installed."""
    part = part_named(name)
    if chosen_way() != "unpack" and _is_on_machine(part):
        return Provided(part, MACHINE)
    unpacked = unpacked_root()
    if unpacked.has(part):
        return Provided(part, unpacked.root, unpacked.environment())
    return None


def chosen_way() -> str:
    """Value of ``CADASTRE_SYSTEM_PACKAGES``."""
    way = os.environ.get("CADASTRE_SYSTEM_PACKAGES", "auto")
    if way not in WAYS:
        raise InvalidInput(f"CADASTRE_SYSTEM_PACKAGES must be one of {', '.join(WAYS)}", code="bad-setting")
    return way


def unpacked_root() -> UnpackedRoot:
    """Tree of unpacked packages: ``CADASTRE_PACKAGES_DIR``, else ``.local/debs`` of the checkout."""
    named = os.environ.get("CADASTRE_PACKAGES_DIR")
    base = Path(named).absolute() if named else reachable_for_server(checkout_root() / ".local") / "debs"
    return UnpackedRoot(base)


def main(names: Sequence[str] | None = None) -> int:
    """Provide the parts named on the command line."""
    wanted = list(sys.argv[1:] if names is None else names)
    for name in wanted:
        try:
            provided = require(name)
        except CadastreError as error:
            sys.stderr.write(f"{error.message}\n")
            return 2
        where = "on this machine" if provided.root == MACHINE else f"unpacked in {provided.root}"
        sys.stdout.write(f"{name}: {where}\n")
    return 0


def _is_on_machine(part: Part) -> bool:
    programs = all(_find_program(part, name, MACHINE) is not None for name in part.programs)
    return programs and all(any(MACHINE.glob(pattern)) for pattern in part.files)


def _find_program(part: Part, name: str, root: Path) -> Path | None:
    if root == MACHINE:
        found = shutil.which(name)
        return None if found is None else Path(found)
    places = [part.real_programs[name]] if name in part.real_programs else [f"usr/bin/{name}", f"bin/{name}"]
    return next((root / place for place in places if executable(root / place)), None)


__all__ = ["Provided", "chosen_way", "find", "main", "require", "unpacked_root"]

if __name__ == "__main__":
    sys.exit(main())
