"""What signs: keys in their token, time stamps of the service named or of the development authority."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cryptography import x509

from api.settings import ApiSettings
from cadastre.extract.archive import HttpStatus, StatusSource
from cadastre.extract.issue import Issuer
from cadastre.extract.pki import IssuingKeys, KeyCabinet, kept_as
from cadastre.extract.time_stamp import NoTimeStamp, PunctualStamper, TimeStampClient, TimeStamper
from cadastre.kernel.clock import Clock
from cadastre.kernel.errors import InvalidInput, Unavailable
from cadastre.keys.keepers import FileKeeper, Keeper
from cadastre.pki.process import PkiProcess
from cadastre.services.archive import Archivist


@dataclass
class DevelopmentStamps:
    """Time stamps of the development authority; its service is started by the first that is asked for."""

    services: PkiProcess
    patience_s: float
    _client: TimeStampClient | None = None

    def stamp(self, digest: bytes) -> bytes:
        """Give a token over a digest."""
        try:
            url = f"{self.services.url}/tsa"
        except (Unavailable, OSError):
            raise NoTimeStamp("the development service did not start") from None
        if self._client is None or self._client.url != url:
            self._client = TimeStampClient(url, self.patience_s)
        return self._client.stamp(digest)


@dataclass
class DevelopmentStatus:
    """Certificate status from the development authority's services."""

    services: PkiProcess
    _source: HttpStatus | None = None

    def answer(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """Give an OCSP response."""
        return self._current().answer(certificate, issuer)

    def revocations(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """Give the list of an issuer."""
        return self._current().revocations(certificate, issuer)

    def _current(self) -> HttpStatus:
        url = self.services.url
        if self._source is None or self._source.base != url:
            self._source = HttpStatus(url)
        return self._source


@dataclass(frozen=True, slots=True)
class Signing:
    """Keys and time stamps of a process; ``services`` are those of development, where nobody named others."""

    cabinet: KeyCabinet
    stamper: TimeStamper
    status: StatusSource
    services: PkiProcess | None

    def shared(self, settings: ApiSettings) -> ApiSettings:
        """Give settings by which another part of this program uses the services that this one started."""
        if self.services is None:
            return settings
        url = self.services.url
        return settings.model_copy(update={"tsa_url": f"{url}/tsa", "status_url": url})

    def archivist(self, issuer: Issuer, clock: Clock) -> Archivist:
        """Give what makes archive copies."""
        return Archivist(issuer, self.stamper, self.status, self.cabinet.trust, clock)

    def close(self) -> None:
        """End the services that this process started."""
        if self.services is not None:
            self.services.close()


def open_signing(settings: ApiSettings, clock: Clock) -> Signing:
    """Load the keys, made at the first call, and say where time stamps come from.

    Raises
    ------
    Unavailable
        The keys cannot be read or made, or no time-stamp service is named and there is none of development.
    """
    keeping = partial(keeper_of, settings)
    cabinet = KeyCabinet(settings.signing_dir, now=clock.now(), keeping=keeping)
    patience_s = settings.tsa_patience_seconds
    if settings.tsa_url is not None:
        stamper = PunctualStamper(TimeStampClient(settings.tsa_url, patience_s), clock)
        return Signing(cabinet, stamper, HttpStatus(settings.status_url), None)
    services = PkiProcess(_authority_dir(cabinet.current()))
    stamper = PunctualStamper(DevelopmentStamps(services, patience_s), clock)
    return Signing(cabinet, stamper, DevelopmentStatus(services), services)


def keeper_of(settings: ApiSettings, folder: Path) -> Keeper:
    """Give what keeps the private keys of a signing directory: a token, or files where that was said.

    Keys that are there stay where they are; where none are, the development token is the default.
    """
    kept = kept_as(folder)
    if settings.keys is not None and kept not in (None, "file" if settings.keys == "file" else "token"):
        said = f"The keys in {folder} are kept in a {kept}, and CADASTRE_KEYS says {settings.keys}."
        raise InvalidInput(said, code="bad-setting")
    if settings.keys == "file" or (settings.keys is None and kept == "file"):
        return FileKeeper(folder)
    from cadastre.keys.softhsm import development_token
    from cadastre.keys.token import TokenKeeper, TokenPlace, token_at

    if settings.keys != "pkcs11":
        return TokenKeeper(token_at(development_token(folder / "token")))
    if settings.hsm_module is None or settings.hsm_token is None:
        raise InvalidInput(
            "CADASTRE_KEYS=pkcs11 needs CADASTRE_HSM_MODULE and CADASTRE_HSM_TOKEN.", code="bad-setting"
        )
    return TokenKeeper(token_at(TokenPlace(settings.hsm_module, settings.hsm_token, settings.hsm_pin_file)))


def _authority_dir(keys: IssuingKeys) -> Path:
    if not keys.authority_dir.is_dir():
        raise Unavailable("No time-stamp service is named: set CADASTRE_TSA_URL.", code="no-time-stamps")
    return keys.authority_dir


__all__ = ["DevelopmentStamps", "Signing", "keeper_of", "open_signing"]
