"""Names of files in the header ``Content-Disposition`` (RFC 6266): addresses are logged."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from cadastre.kernel.errors import InvalidInput

_EXTENDED = re.compile(r"filename\*\s*=\s*utf-8'[^']*'([^;\s]+)", re.IGNORECASE)
_QUOTED = re.compile(r'filename\s*=\s*"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_BARE = re.compile(r'filename\s*=\s*([^;"\s]+)', re.IGNORECASE)
_LONGEST = 8_000


def read_file_name(header: str | None) -> str | None:
    """Give the file name that a header tells, or None when it tells none.

    Examples
    --------
    >>> read_file_name("attachment; filename=a.pdf; filename*=UTF-8''m%C3%BCqavil%C9%99.pdf")
    'müqavilə.pdf'
    >>> read_file_name('attachment; filename="a b.pdf"'), read_file_name(None), read_file_name("inline")
    ('a b.pdf', None, None)
    """
    header = header or ""
    if len(header) > _LONGEST:
        raise InvalidInput("The file name is too long.", code="file-name-unfit")
    if extended := _EXTENDED.search(header):
        try:
            return unquote(extended[1], errors="strict")
        except UnicodeDecodeError:
            raise InvalidInput("The file name is not UTF-8.", code="file-name-unfit") from None
    if quoted := _QUOTED.search(header):
        return re.sub(r"\\(.)", r"\1", quoted[1])
    bare = _BARE.search(header)
    return None if bare is None else bare[1]


def write_disposition(name: str) -> str:
    """Write the header that tells a browser to show a file and how it is called.

    Examples
    --------
    >>> write_disposition("müqavilə.pdf")
    "inline; filename*=UTF-8''m%C3%BCqavil%C9%99.pdf"
    """
    return f"inline; filename*=UTF-8''{quote(name, safe='')}"


__all__ = ["read_file_name", "write_disposition"]
