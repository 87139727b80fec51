"""The embedded identity provider: who calls, proven by a signed token; nobody else's tokens are accepted."""

from api.auth.key_file import read_or_create_key
from api.auth.opening import open_tokens
from api.auth.scopes import Scope, require_scope, scopes_of
from api.auth.tokens import TokenDesk, open_token_desk

__all__ = [
    "Scope",
    "TokenDesk",
    "open_token_desk",
    "open_tokens",
    "read_or_create_key",
    "require_scope",
    "scopes_of",
]
