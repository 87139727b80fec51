"""Words of the pages, one TOML file per language, every file with the same keys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from cadastre.domain.codelist import Language

Words = Mapping[str, Mapping[str, str]]


@cache
def load_words(language: Language) -> Words:
    """Words of a language by section and key.

    Examples
    --------
    >>> load_words("az")["site"]["map"], load_words("ru")["site"]["map"]
    ('Xəritə', 'Карта')
    """
    text = resources.files(__package__).joinpath("locale", f"{language}.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    name = MappingProxyType({"name": str(document.pop("language"))})
    sections = {section: MappingProxyType(words) for section, words in document.items()}
    return MappingProxyType({"language": name, **sections})


__all__ = ["Words", "load_words"]
