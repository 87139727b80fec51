"""Chooses the media type of an answer by the ``Accept`` header (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence

from api.errors import NotAcceptable

_LONGEST = 1_000


def choose_media_type(accept: str | None, offered: Sequence[str]) -> str:
    """Choose the offered media type that the caller likes best; of equals, the first offered.

    Examples
    --------
    >>> offered = ["application/json", "application/pdf"]
    >>> choose_media_type(None, offered), choose_media_type("application/pdf, */*;q=0.1", offered)
    ('application/json', 'application/pdf')
    >>> choose_media_type("text/html, application/*;q=0.5, application/json;q=0", offered)
    'application/pdf'
    """
    if not accept:
        return offered[0]
    wishes = [_wish(item) for item in accept[:_LONGEST].split(",")]
    weights = [_weight(kind, wishes) for kind in offered]
    best = max(weights)
    if best <= 0:
        known = " or ".join(offered)
        raise NotAcceptable(f"This is given as {known}; name one of them in Accept.", offered=list(offered))
    return offered[weights.index(best)]


def _wish(item: str) -> tuple[str, float]:
    kind, *parameters = (part.strip().lower() for part in item.split(";"))
    weight = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                weight = 0.0
    return kind, weight


def _weight(kind: str, wishes: list[tuple[str, float]]) -> float:
    """Weight of a media type: the most specific range that names it decides."""
    ranges = (kind, kind.partition("/")[0] + "/*", "*/*")
    return next((weight for named in ranges for wish, weight in wishes if wish == named), 0.0)


__all__ = ["choose_media_type"]
