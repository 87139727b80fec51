"""Keys behind PKCS#11: made in the token, never outside it; session and handles are kept between signatures.

Any PKCS#11 module will do. A session that was lost is opened anew at the next
signature; while the token does not answer, nothing is signed.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pkcs11
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from pkcs11.exceptions import PinIncorrect, PKCS11Error

from cadastre.kernel.errors import Unavailable

EDWARDS25519 = bytes.fromhex("130c656477617264733235353139")
"""PrintableString edwards25519: how PKCS#11 3.0 names the curve."""
_HELD = {pkcs11.Attribute.EXTRACTABLE: False, pkcs11.Attribute.SENSITIVE: True}


class TokenFailed(Unavailable):
    """The token that holds the keys does not answer; nothing is signed until it does."""

    default_code = "hsm-unavailable"


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """Which token of which module, where its PIN is, and what the module needs in its environment."""

    module: Path
    label: str
    pin_file: Path | None = None
    pin_variable: str = "CADASTRE_HSM_PIN"
    environment: tuple[tuple[str, str], ...] = ()
    libraries: tuple[Path, ...] = ()

    def pin(self) -> str:
        """Read the PIN: from its file, else from the environment.

        Raises
        ------
        Unavailable
            It is in neither.
        """
        if self.pin_file is not None:
            try:
                return self.pin_file.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise TokenFailed(f"The PIN of the token cannot be read: {error.strerror}.") from None
        pin = os.environ.get(self.pin_variable)
        if not pin:
            raise TokenFailed(f"The PIN of the token is nowhere: set {self.pin_variable} or name a file.")
        return pin


class Token:
    """One token, open in this process; safe to share between threads.

    Parameters
    ----------
    place
        Where the token is.
    """

    def __init__(self, place: TokenPlace) -> None:
        self.place = place
        self._lock = threading.Lock()
        self._session: Any = None
        self._keys: dict[str, Any] = {}
        self._process = 0
        self._tried_pin = ""
        self._refused_pin: str | None = None

    def sign_rsa(self, label: str, data: bytes) -> bytes:
        """Sign with RSA PKCS#1 v1.5 and SHA-256."""
        return self._sign(label, data, pkcs11.Mechanism.SHA256_RSA_PKCS)

    def sign_ed25519(self, label: str, data: bytes) -> bytes:
        """Sign with Ed25519."""
        return self._sign(label, data, pkcs11.Mechanism.EDDSA)

    def make_rsa(self, label: str, bits: int = 3072) -> RSAPublicKey:
        """Make a key pair in the token; gives the public half."""

        def make(session: Any) -> RSAPublicKey:
            public, _ = session.generate_keypair(
                pkcs11.KeyType.RSA, bits, store=True, label=label, private_template=_HELD
            )
            modulus = int.from_bytes(public[pkcs11.Attribute.MODULUS], "big")
            exponent = int.from_bytes(public[pkcs11.Attribute.PUBLIC_EXPONENT], "big")
            return RSAPublicNumbers(exponent, modulus).public_key()

        made: RSAPublicKey = self._run(make)
        return made

    def make_ed25519(self, label: str) -> Ed25519PublicKey:
        """Make a key pair in the token; gives the public half."""

        def make(session: Any) -> Ed25519PublicKey:
            curve = session.create_domain_parameters(
                pkcs11.KeyType.EC_EDWARDS, {pkcs11.Attribute.EC_PARAMS: EDWARDS25519}, local=True
            )
            public, _ = curve.generate_keypair(
                mechanism=pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                store=True,
                label=label,
                private_template=_HELD,
            )
            point = public[pkcs11.Attribute.EC_POINT]
            return Ed25519PublicKey.from_public_bytes(point[-32:])  # bare, or as an OCTET STRING

        made: Ed25519PublicKey = self._run(make)
        return made

    def destroy(self, label: str) -> None:
        """Destroy a key pair for good."""

        def destroy(session: Any) -> None:
            for found in list(session.get_objects({pkcs11.Attribute.LABEL: label})):
                found.destroy()

        self._run(destroy)

    def is_locked_in(self, label: str) -> bool:
        """Whether the private key can neither be read nor taken out."""

        def look(session: Any) -> bool:
            key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
            held = key[pkcs11.Attribute.SENSITIVE] and not key[pkcs11.Attribute.EXTRACTABLE]
            return bool(held)

        locked: bool = self._run(look)
        return locked

    def close(self) -> None:
        """Leave the token."""
        with self._lock:
            self._forget()

    def _sign(self, label: str, data: bytes, mechanism: pkcs11.Mechanism) -> bytes:
        def sign(session: Any) -> bytes:
            key = self._keys.get(label)
            if key is None:
                key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
                self._keys[label] = key
            return bytes(key.sign(data, mechanism=mechanism))

        signature: bytes = self._run(sign)
        return signature

    def _run(self, work: Callable[[Any], Any]) -> Any:
        """Work in the session; one that was lost is opened anew, once."""
        with self._lock:
            try:
                return work(self._opened())
            except PinIncorrect:
                raise self._refused() from None
            except PKCS11Error:
                self._forget()
            try:
                return work(self._opened(anew=True))
            except PinIncorrect:
                raise self._refused() from None
            except PKCS11Error as error:
                self._forget()
                raise self._failure(type(error).__name__) from None

    def _refused(self) -> TokenFailed:
        self._refused_pin = self._tried_pin
        self._forget()
        return self._failure("PinIncorrect")

    def _failure(self, why: str) -> TokenFailed:
        return TokenFailed(
            f"The token {self.place.label} that holds the keys does not answer ({why}); "
            "nothing is signed until it does."
        )

    def _opened(self, *, anew: bool = False) -> Any:
        if self._session is not None and self._process == os.getpid():
            return self._session
        pin = self.place.pin()
        if pin == self._refused_pin:  # trying it again would lock the token
            raise self._failure("its PIN was refused; give the right one")
        library = self._library(anew=anew)
        self._keys.clear()
        token = library.get_token(token_label=self.place.label)
        self._tried_pin = pin
        self._session = token.open(rw=True, user_pin=pin)
        self._refused_pin = None
        self._process = os.getpid()
        return self._session

    def _library(self, *, anew: bool) -> Any:
        for name, value in self.place.environment:
            if os.environ.get(name, value) != value:
                raise TokenFailed(f"This process already works with another token ({name}).")
            os.environ[name] = value
        try:
            for needed in self.place.libraries:
                ctypes.CDLL(str(needed))
            library = pkcs11.lib(str(self.place.module))
        except OSError as error:
            raise TokenFailed(f"The PKCS#11 module {self.place.module} cannot be loaded: {error}.") from None
        if anew or (self._process and self._process != os.getpid()):
            library.reinitialize()
        return library

    def _forget(self) -> None:
        session, self._session = self._session, None
        self._keys.clear()
        if session is None or self._process != os.getpid():
            return
        try:
            session.close()
        except PKCS11Error:
            return


@cache
def token_at(place: TokenPlace) -> Token:
    """Give the token of a place: one for the whole process, which logs in once."""
    return Token(place)


@dataclass(frozen=True, slots=True)
class TokenRsaKey:
    """An RSA key in a token; each signature is checked before it is given away."""

    token: Token
    label: str
    public: RSAPublicKey

    def sign(self, data: bytes) -> bytes:
        """Sign a message."""
        signature = self.token.sign_rsa(self.label, data)
        try:
            self.public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise TokenFailed(f"The token's key {self.label} does not belong to its certificate.") from None
        return signature

    def public_key(self) -> RSAPublicKey:
        """Give the public half."""
        return self.public


@dataclass(frozen=True, slots=True)
class TokenEd25519Key:
    """An Ed25519 key in a token; each signature is checked before it is given away."""

    token: Token
    label: str
    public: Ed25519PublicKey

    def sign(self, data: bytes) -> bytes:
        """Sign a message."""
        signature = self.token.sign_ed25519(self.label, data)
        try:
            self.public.verify(signature, data)
        except InvalidSignature:
            raise TokenFailed(f"The token's key {self.label} does not belong to its public half.") from None
        return signature

    def public_key(self) -> Ed25519PublicKey:
        """Give the public half."""
        return self.public


@dataclass(frozen=True, slots=True)
class TokenKeeper:
    """Keys in a token; a :class:`~cadastre.keys.keepers.Keeper`."""

    token: Token
    kept: ClassVar[str] = "token"

    def make_rsa(self, label: str) -> RSAPublicKey:
        """Make a key pair; gives the public half."""
        return self.token.make_rsa(label)

    def make_ed25519(self, label: str) -> Ed25519PublicKey:
        """Make a key pair; gives the public half."""
        return self.token.make_ed25519(label)

    def rsa(self, label: str, public: RSAPublicKey) -> TokenRsaKey:
        """Give the key that belongs to a public half; the token is asked at its first signature."""
        return TokenRsaKey(self.token, label, public)

    def ed25519(self, label: str, public: Ed25519PublicKey) -> TokenEd25519Key:
        """Give the key that belongs to a public half; the token is asked at its first signature."""
        return TokenEd25519Key(self.token, label, public)

    def destroy(self, label: str) -> None:
        """Destroy a key pair for good."""
        self.token.destroy(label)


__all__ = ["Token", "TokenEd25519Key", "TokenFailed", "TokenKeeper", "TokenPlace", "TokenRsaKey", "token_at"]
