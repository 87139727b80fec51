"""The commands of ``cadastre``: each module here is one, named after its file, imported when it is called.

A module ``api/commands/load.py`` becomes ``cadastre load``. It exposes either
``app`` (a ``typer.Typer`` with sub-commands) or ``command`` (one typed
function). The first line of the module's docstring is its line in
``cadastre --help``; a leading underscore keeps a module out. Heavy imports
belong inside the functions.
"""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parent


def list_commands() -> dict[str, str]:
    """Name and one-line help of every command, without importing any."""
    return {
        path.stem.replace("_", "-"): _first_line(path)
        for path in sorted(FOLDER.glob("*.py"))
        if not path.stem.startswith("_")
    }


def load_command(name: str) -> ModuleType:
    """Import the module behind a command."""
    return import_module(f"{__name__}.{name.replace('-', '_')}")


def _first_line(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    return (docstring or "").partition("\n")[0]


__all__ = ["list_commands", "load_command"]
