"""Whether a caller takes compressed answers (RFC 9110, 12.5.3)."""

from __future__ import annotations


def accepts_gzip(header: str | None) -> bool:
    """Tell whether an ``Accept-Encoding`` header lets gzip through.

    Examples
    --------
    >>> accepts_gzip("gzip, deflate, br"), accepts_gzip("br;q=1, GZIP;q=0.2")
    (True, True)
    >>> accepts_gzip("gzip;q=0"), accepts_gzip("identity"), accepts_gzip(None)
    (False, False, False)
    """
    for item in (header or "").lower().split(","):
        coding, _, parameter = item.partition(";")
        if coding.strip() == "gzip":
            return parameter.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


__all__ = ["accepts_gzip"]
