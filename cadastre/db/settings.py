"""Settings of the database connection: ``CADASTRE_*`` environment variables, and the order of sources."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from cadastre.db.places import asset_dir, checkout_root, default_home, font_dir
from cadastre.kernel.errors import InvalidInput

DRIVER = "postgresql+psycopg2"


class DatabaseSettings(BaseSettings):
    """What the environment says about the database; nothing set means the embedded cluster."""

    model_config = SettingsConfigDict(env_prefix="CADASTRE_", extra="ignore")

    home: Path = Field(default_factory=default_home)
    database_url: str | None = None
    admin_url: str | None = None
    database_port: int | None = Field(default=None, ge=1024, le=65535)


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """SQLAlchemy URLs of the two roles; ``admin_url`` is None when only the application's is known."""

    app_url: str
    admin_url: str | None

    def require_admin(self) -> str:
        """Owner's URL, or the sentence that tells how to give one."""
        if self.admin_url is None:
            raise InvalidInput(
                "this needs the owner's connection: set CADASTRE_ADMIN_URL beside CADASTRE_DATABASE_URL",
                code="no-admin-url",
            )
        return self.admin_url


def read_settings() -> DatabaseSettings:
    """Read the environment, a bad value answered in one sentence."""
    try:
        return DatabaseSettings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(("CADASTRE", *(str(part).upper() for part in first["loc"])))
        raise InvalidInput(f"{name} is not usable: {first['msg']}", code="bad-setting") from None


def resolve_urls(settings: DatabaseSettings | None = None) -> DatabaseUrls:
    """``CADASTRE_DATABASE_URL`` and ``CADASTRE_ADMIN_URL`` when set, else the embedded register.

    The embedded one is started, and migrated when this program is newer; a named database never is.
    """
    settings = settings or read_settings()
    if settings.database_url is not None:
        admin = None if settings.admin_url is None else with_driver(settings.admin_url)
        return DatabaseUrls(with_driver(settings.database_url), admin)
    from cadastre.db.embedded import ensure_current

    urls = ensure_current(settings)
    return DatabaseUrls(urls.app_url, urls.admin_url)


def with_driver(url: str) -> str:
    """Write the URL for SQLAlchemy over psycopg2 (``postgres://`` and ``postgresql://`` are understood)."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.split("+")[0] not in {"postgres", "postgresql"}:
        raise InvalidInput(
            "CADASTRE_DATABASE_URL must look like postgresql://user:password@host:port/database",
            code="bad-database-url",
        )
    return f"{DRIVER}://{rest}"


__all__ = [
    "DatabaseSettings",
    "DatabaseUrls",
    "asset_dir",
    "checkout_root",
    "font_dir",
    "read_settings",
    "resolve_urls",
    "with_driver",
]
