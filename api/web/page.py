"""Renders a page: language, words, static addresses, content security policy."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api.languages import LANGUAGES, preferred_language
from api.security_headers import CONTENT_SECURITY_POLICY
from api.web.numbers import format_hectares, format_number, format_time
from api.web.static_files import static_root
from api.web.words import load_words
from cadastre.domain.codelist import Language

_VERSIONED = ("css", "js")


def page_language(request: Request) -> Language:
    """Language of the page: ``?lang=``, else what the browser prefers, else Azerbaijani."""
    asked = request.query_params.get("lang")
    named = next((language for language in LANGUAGES if language == asked), None)
    return named or preferred_language(request.headers.get("accept-language"))


@dataclass(frozen=True, slots=True)
class PageWriter:
    """Writes the pages that answer one request, in the reader's language."""

    request: Request
    is_synthetic: bool

    @property
    def language(self) -> Language:
        """Language of the page."""
        return page_language(self.request)

    def write(
        self,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        with_nonce: bool = False,
        kept: bool = True,
    ) -> HTMLResponse:
        """Render a template.

        Parameters
        ----------
        with_nonce
            Whether the page has inline scripts and styles (written by folium) that a
            fresh nonce lets through; without it, nothing inline runs.
        kept
            Whether the browser may keep the page (it asks each time whether it still holds).
        """
        nonce = secrets.token_urlsafe(16) if with_nonce else ""
        common = {
            "lang": self.language,
            "words": load_words(self.language),
            "links": _language_links(self.request),
            "nonce": nonce,
            "is_synthetic": self.is_synthetic,
            "path": self.request.url.path,
        }
        body = _environment().get_template(template).render({**common, **(context or {})})
        headers = {
            "Content-Language": self.language,
            "Vary": "Accept-Language",
            "Cache-Control": "no-cache" if kept else "no-store",
        }
        if with_nonce:
            headers["Content-Security-Policy"] = policy_with_nonce(nonce)
        return HTMLResponse(body, status_code=status, headers=headers)


def policy_with_nonce(nonce: str) -> str:
    """Give the content security policy, letting through inline scripts and styles that carry the nonce.

    Examples
    --------
    >>> "script-src 'self' 'nonce-abc'; style-src 'self' 'nonce-abc';" in policy_with_nonce("abc")
    True
    """
    allowed = f"'self' 'nonce-{nonce}'"
    policy = CONTENT_SECURITY_POLICY.replace("script-src 'self'", f"script-src {allowed}")
    return policy.replace("style-src 'self'", f"style-src {allowed}")


def _language_links(request: Request) -> list[tuple[Language, str, str]]:
    """Address of this page in each language: code, own name, address."""
    others = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    return [
        (
            language,
            load_words(language)["language"]["name"],
            f"{request.url.path}?{urlencode([*others, ('lang', language)])}",
        )
        for language in LANGUAGES
    ]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static_address
    environment.filters["data_block"] = _data_block
    environment.filters["number"] = format_number
    environment.filters["hectares"] = format_hectares
    environment.filters["moment"] = format_time
    return environment


@cache
def static_address(path: str) -> str:
    """Address of a static file; a digest of its bytes lets browsers keep it for good."""
    if path.rpartition(".")[2] not in _VERSIONED:
        return f"/static/{path}"
    file = static_root() / path
    digest = hashlib.sha256(file.read_bytes() if file.is_file() else b"").hexdigest()[:10]
    return f"/static/{path}?v={digest}"


def _data_block(value: object) -> Markup:
    """JSON for a script element that holds data, with nothing in it that could end the element."""
    text = json.dumps(value, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


__all__ = ["PageWriter", "page_language", "policy_with_nonce", "static_address"]
