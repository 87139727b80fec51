"""Settings of the delivery side: ``CADASTRE_*`` environment variables, read when a process is composed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PrivateAttr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from cadastre.db.places import default_home
from cadastre.domain.caller import CallerRole
from cadastre.domain.signed_contract import SignaturePolicy
from cadastre.kernel.errors import InvalidInput

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$", max_length=200)]
SERVED_AT = "served-at.txt"
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what stands for them in a link


class ApiSettings(BaseSettings):
    """What the environment says about the application; every field has a working default."""

    model_config = SettingsConfigDict(env_prefix="CADASTRE_", extra="ignore", frozen=True)

    title: str = "Kadastr"
    home: Path = Field(default_factory=default_home)
    secrets_dir: Path | None = None
    verify_base_url: HttpUrl | None = None
    office_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")] | None = None
    office_name_az: str | None = None
    office_name_en: str | None = None
    office_name_ru: str | None = None
    office_head: str | None = None
    office_executor: str | None = None
    validity_az: str | None = None
    validity_en: str | None = None
    validity_ru: str | None = None

    map_attribution: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=300)] = ""

    token_issuer: str = "kadastr"  # noqa: S105 - a name, not a secret
    token_audience: str = "kadastr-api"  # noqa: S105 - a name, not a secret
    signatures_required: Annotated[str, StringConstraints(pattern=r"^([a-z_]+(,[a-z_]+)*)?$")] = ""

    keys: Literal["softhsm", "file", "pkcs11"] | None = None
    hsm_module: Path | None = None
    hsm_token: str | None = None
    hsm_pin_file: Path | None = None
    tsa_url: HttpUrl | None = None
    tsa_patience_seconds: float = Field(default=5.0, gt=0, le=60)
    status_url: HttpUrl | None = None

    token_hours: float = Field(default=12.0, gt=0, le=24 * 31)

    max_json_bytes: int = Field(default=2_000_000, ge=1_000)
    max_pdf_bytes: int = Field(default=16_000_000, ge=10_000)
    database_pool: int = Field(default=8, ge=1, le=100)
    worker_seconds: float = Field(default=1.0, gt=0, le=60)
    sweep_hour: int = Field(default=2, ge=0, le=23)
    ledger_origin: Annotated[str, StringConstraints(pattern=r"^[^\s+\x00-\x1f\x7f]{1,200}$")] = (
        "kadastr.local/ledger"
    )
    checkpoint_seconds: float = Field(default=5.0, gt=0, le=10)
    witnesses: Annotated[str, StringConstraints(max_length=20_000)] = ""
    witness_quorum: int = Field(default=2, ge=1, le=60)
    witness_patience_seconds: float = Field(default=1.0, ge=0, le=10)
    webhooks_private: bool = False
    webhook_lease_seconds: float = Field(default=120.0, gt=0, le=3600)

    _listening_url: str | None = PrivateAttr(default=None)

    @property
    def secrets(self) -> Path:
        """Folder of the keys and certificates, readable by the service only."""
        return self.secrets_dir or self.home / "secrets"

    @property
    def signing_dir(self) -> Path:
        """Folder of the keys that extracts are signed with; its ``trust`` may be handed out."""
        return self.secrets / "signing"

    @property
    def ledger_dir(self) -> Path:
        """Folder of the key that checkpoints are signed with, and of the memory of the last one."""
        return self.secrets / "ledger"

    @property
    def signature_policy(self) -> SignaturePolicy:
        """Roles whose applications are signed whether or not their account has registered a key."""
        named = [name for name in self.signatures_required.split(",") if name]
        unknown = sorted(set(named) - {role.value for role in CallerRole})
        if unknown:
            raise InvalidInput(
                f"CADASTRE_SIGNATURES_REQUIRED names no role: {', '.join(unknown)}.", code="bad-setting"
            )
        return SignaturePolicy(self.token_audience, frozenset(CallerRole(name) for name in named))

    @property
    def public_url(self) -> str | None:
        """Address at which the world reaches this service, or None when nobody named one."""
        return None if self.verify_base_url is None else self.verify_base_url.rstrip("/")

    @property
    def base_url(self) -> str:
        """Address that the QR code opens, without a trailing slash.

        The public one, else the one listened on, else (for commands beside a server) the one that was
        last served from this home.
        """
        return self.served_url or self._remembered_url() or "http://127.0.0.1:8000"

    @property
    def served_url(self) -> str | None:
        """Address of this server, or None for a command that is none and when nobody named one."""
        return self.public_url or self._listening_url

    def remember_address(self) -> None:
        """Let the commands beside this server print the address that it serves."""
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / SERVED_AT).write_text(f"{self.base_url}\n", encoding="utf-8")

    def _remembered_url(self) -> str | None:
        try:
            remembered = (self.home / SERVED_AT).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return remembered if re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", remembered) else None

    def with_changes(self, changes: Mapping[str, object]) -> Self:
        """Give these settings with some that this process has found out itself."""
        return self.model_copy(update=dict(changes))

    def listening_on(self, host: str, port: int) -> Self:
        """Give these settings for a server at an address, which the QR code opens unless another is named."""
        named = _EVERY_ADDRESS.get(host, host)
        served = self.model_copy()
        served._listening_url = f"http://[{named}]:{port}" if ":" in named else f"http://{named}:{port}"
        return served


def read_api_settings() -> ApiSettings:
    """Read the environment, a bad value answered in one sentence."""
    try:
        return ApiSettings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(("CADASTRE", *(str(part).upper() for part in first["loc"])))
        raise InvalidInput(f"{name} is not usable: {first['msg']}", code="bad-setting") from None


__all__ = ["ApiSettings", "read_api_settings"]
