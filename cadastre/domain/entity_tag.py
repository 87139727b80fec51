"""Versions as HTTP names them (RFC 9110, 8.8.3): ``"203015000123.4"`` is the fourth state of that section."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cadastre.kernel.errors import InvalidInput, StaleVersion, VersionRequired

_TAG: Final = re.compile(r'"([0-9A-Za-z-]{1,64})\.(0|[1-9][0-9]{0,17})"')
_LONGEST: Final = 4_000


@dataclass(frozen=True, slots=True)
class EntityTag:
    """A thing (register number of a section, id of a case) and how often it has changed.

    Examples
    --------
    >>> str(EntityTag("203015000123", 4))
    '"203015000123.4"'
    """

    subject: str
    version: int

    def __str__(self) -> str:
        """Write the tag as the headers ``ETag`` and ``If-Match`` carry it."""
        return f'"{self.subject}.{self.version}"'


def parse_entity_tags(header: str) -> tuple[EntityTag, ...]:
    """Read a header ``If-Match``: the versions that the sender has seen.

    Raises
    ------
    InvalidInput
        Not a list of tags that this register gave out; ``*`` and weak tags name no version.

    Examples
    --------
    >>> parse_entity_tags('"203015000123.4", "203015000124.0"')[1]
    EntityTag(subject='203015000124', version=0)
    """
    parts = [part.strip() for part in header[:_LONGEST].split(",") if part.strip()]
    found = [_TAG.fullmatch(part) for part in parts]
    if not parts or len(header) > _LONGEST or None in found:
        raise InvalidInput(
            "If-Match must repeat the ETag of what was read, such as \"203015000123.4\"; '*' and weak tags "
            "name no version.",
            code="if-match-malformed",
        )
    return tuple(EntityTag(match[1], int(match[2])) for match in found if match is not None)


def require_version(tags: tuple[EntityTag, ...] | None, subject: str) -> int:
    """Give the version of a thing that the sender says he has seen.

    Raises
    ------
    VersionRequired
        He named none.
    InvalidInput
        He named two of the same thing.

    Examples
    --------
    >>> require_version((EntityTag("203015000123", 4),), "203015000123")
    4
    """
    seen = {tag.version for tag in tags or () if tag.subject == subject}
    if not seen:
        raise VersionRequired(
            f"Say which version of {subject} you have read: send its ETag as If-Match.", subject=subject
        )
    if len(seen) > 1:
        raise InvalidInput(f"If-Match names two versions of {subject}.", code="if-match-malformed")
    return seen.pop()


def require_current(tag_version: int, current: EntityTag) -> None:
    """Refuse to act on a thing that has changed since it was read.

    Raises
    ------
    StaleVersion
        It has; the fact ``current_version`` says how far.
    """
    if tag_version != current.version:
        raise StaleVersion(
            f"{current.subject} has changed since it was read; read it again and decide anew.",
            subject=current.subject,
            current_version=current.version,
        )


__all__ = ["EntityTag", "parse_entity_tags", "require_current", "require_version"]
