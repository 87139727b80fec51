"""Row rules on the cadastral number: there, well-formed, and not that of a property."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from cadastre.kernel.ids import CADASTRAL_NUMBER, REGISTER_NUMBER
from cadastre.rules.catalogue import get_rule
from cadastre.rules.finding import FindingSet, find_rows


def check_numbers(numbers: pa.Array) -> list[FindingSet]:
    """Find the cadastral numbers (already in their canonical form) that cannot be registered.

    Examples
    --------
    >>> found = check_numbers(pa.array(["585-03-36-001", "", None, "12№7", "203015000123"]))
    >>> [(f.rule.id, f.rows.tolist()) for f in found]
    [('number-missing', [1, 2]), ('number-malformed', [3, 4])]
    >>> check_numbers(pa.array([], pa.string()))
    []
    """
    missing = pc.fill_null(pc.equal(numbers, ""), True)
    shaped = pc.match_substring_regex(numbers, f"^(?:{CADASTRAL_NUMBER.pattern})$")
    foreign = pc.match_substring_regex(numbers, f"^(?:{REGISTER_NUMBER.pattern})$")
    malformed = pc.and_(pc.invert(missing), pc.or_(pc.invert(shaped), foreign))
    found = []
    for rule_id, mask in (("number-missing", missing), ("number-malformed", malformed)):
        rows = find_rows(pc.fill_null(mask, False).to_numpy(zero_copy_only=False))
        if rows.size:
            found.append(FindingSet(get_rule(rule_id), rows))
    return found


__all__ = ["check_numbers"]
