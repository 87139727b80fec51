"""Settings of the delivery side: ``CADASTRE_*`` environment variables, read when a process is composed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from cadastre.db.places import default_home
from cadastre.kernel.errors import InvalidInput

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$", max_length=200)]


class ApiSettings(BaseSettings):
    """What the environment says about the application; every field has a working default."""

    model_config = SettingsConfigDict(env_prefix="CADASTRE_", extra="ignore", frozen=True)

    title: str = "Kadastr"
    home: Path = Field(default_factory=default_home)
    secrets_dir: Path | None = None
    verify_base_url: HttpUrl = "http://127.0.0.1:8000"
    office_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")] = "01"
    office_name_az: str = "Bakı şəhəri Ərazi İdarəsi"
    office_name_en: str = "Baku City Territorial Office"
    office_name_ru: str = "Бакинское территориальное управление"
    office_head: str | None = None
    office_executor: str | None = None
    validity_az: str | None = None
    validity_en: str | None = None
    validity_ru: str | None = None

    token_issuer: str = "kadastr"  # noqa: S105 - a name, not a secret
    token_audience: str = "kadastr-api"  # noqa: S105 - a name, not a secret
    token_hours: float = Field(default=12.0, gt=0, le=24 * 31)

    max_json_bytes: int = Field(default=2_000_000, ge=1_000)
    max_pdf_bytes: int = Field(default=16_000_000, ge=10_000)
    database_pool: int = Field(default=8, ge=1, le=100)
    worker_seconds: float = Field(default=1.0, gt=0, le=60)

    @property
    def secrets(self) -> Path:
        """Folder of the keys and certificates, readable by the service only."""
        return self.secrets_dir or self.home / "secrets"

    @property
    def signing_dir(self) -> Path:
        """Folder of the keys that extracts are signed with; its ``trust`` may be handed out."""
        return self.secrets / "signing"

    @property
    def public_url(self) -> str | None:
        """Address at which the world reaches this service, or None when nobody named one."""
        return self.base_url if "verify_base_url" in self.model_fields_set else None

    @property
    def base_url(self) -> str:
        """Address that the QR code opens, without a trailing slash."""
        return self.verify_base_url.rstrip("/")


def read_api_settings() -> ApiSettings:
    """Read the environment, a bad value answered in one sentence."""
    try:
        return ApiSettings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(("CADASTRE", *(str(part).upper() for part in first["loc"])))
        raise InvalidInput(f"{name} is not usable: {first['msg']}", code="bad-setting") from None


__all__ = ["ApiSettings", "read_api_settings"]
