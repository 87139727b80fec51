"""Whoever reads the state of a section to decide has taken its head before."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from cadastre.db.places import checkout_root

SERVICES = sorted((checkout_root() / "cadastre" / "services").glob("*.py"))
HEADS = {"enter_properties"}
LOOKS_ONLY = {"sweep"}
"""Judges what stands and writes findings; it registers nothing, so it holds nobody up."""


def calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of every plain call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.lineno, node.func.id


def imported(tree: ast.AST, module: str) -> set[str]:
    """Names that a file takes from a module."""
    return {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == module
        for name in node.names
    }


def is_careless(source: str) -> bool:
    """Whether a file reads states and takes no head of the register before."""
    tree = ast.parse(source)
    reads = [line for line, name in calls(tree) if name == "read_states"]
    heads = imported(tree, "cadastre.store.heads") & HEADS
    return bool(reads) and not any(line < max(reads) for line, name in calls(tree) if name in heads)


@pytest.mark.parametrize(
    "path", [path for path in SERVICES if path.stem not in LOOKS_ONLY], ids=lambda path: path.stem
)
def test_a_service_that_reads_states_enters_first(path: Path) -> None:
    assert not is_careless(path.read_text(encoding="utf-8"))


def test_a_careless_service_would_be_found() -> None:
    assert is_careless("states = read_states(connection, [1])")
    assert is_careless(
        "from cadastre.store.journal import enter_properties\nenter_properties()\nread_states(c, [1])"
    )
    assert not is_careless(
        "from cadastre.store.heads import enter_properties\nenter_properties(c)\nread_states(c, [1])"
    )
