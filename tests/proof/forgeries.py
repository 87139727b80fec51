"""All kinds of forged extracts, gathered from where they are made."""

from __future__ import annotations

from tests.proof import forged_archives, forged_looks, forged_signatures, forged_structures
from tests.proof.forgery import FORGERIES, Stolen

KINDS_FROM = (forged_looks, forged_structures, forged_signatures, forged_archives)
"""Importing them enters their kinds."""

__all__ = ["FORGERIES", "KINDS_FROM", "Stolen"]
