"""Opens the provider that the settings describe."""

from __future__ import annotations

from api.auth.tokens import TokenDesk, open_token_desk
from api.settings import ApiSettings


def open_tokens(settings: ApiSettings) -> TokenDesk:
    """Open the embedded identity provider."""
    return open_token_desk(
        settings.secrets,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        hours=settings.token_hours,
    )


__all__ = ["open_tokens"]
