"""Which of the three languages a caller gets."""

from __future__ import annotations

from cadastre.domain.codelist import Language

LANGUAGES: tuple[Language, ...] = ("az", "en", "ru")


def preferred_language(header: str | None, *, default: Language = "az") -> Language:
    """Choose by an ``Accept-Language`` header (RFC 9110, 12.5.4).

    Examples
    --------
    >>> preferred_language("ru-RU,ru;q=0.9,en;q=0.8"), preferred_language("de, en;q=0.5")
    ('ru', 'en')
    >>> preferred_language(None), preferred_language("az;q=0, *", default="en")
    ('az', 'en')
    """
    best: Language = default
    best_weight = 0.0
    for item in (header or "")[:500].split(","):
        tag, _, parameter = item.partition(";")
        weight = _weight(parameter)
        primary = tag.strip().lower().partition("-")[0]
        language = next((known for known in LANGUAGES if known == primary), None)
        if language is not None and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name == "q" and 0 <= float(value) <= 1 else 0.0
    except ValueError:
        return 0.0


__all__ = ["LANGUAGES", "preferred_language"]
