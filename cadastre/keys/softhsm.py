"""SoftHSM, the token of development and CI: a store of its own in a private directory."""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path

from cadastre.db.system_packages import MACHINE, Provided, require
from cadastre.kernel.errors import Unavailable
from cadastre.keys.token import TokenPlace

LABEL = "kadastr-development"
_CONFIGURATION = """\
directories.tokendir = {store}
objectstore.backend = file
log.level = ERROR
slots.removable = false
"""


def token_place(directory: Path) -> TokenPlace:
    """Give the token of a directory; the directory is what :func:`create_token` filled."""
    provided = require("softhsm")
    module = next(iter(provided.root.glob("usr/lib/softhsm/libsofthsm2.so")))
    return TokenPlace(
        module=module,
        label=LABEL,
        pin_file=directory / "pin",
        environment=(("SOFTHSM2_CONF", str(directory / "softhsm2.conf")),),
        libraries=_libraries(provided),
    )


def create_token(directory: Path) -> TokenPlace:
    """Make a token with new PINs in a directory that does not exist yet.

    Raises
    ------
    Unavailable
        SoftHSM is missing, or refuses.
    """
    place = token_place(directory)
    directory.mkdir(mode=0o700)
    store = directory / "tokens"
    store.mkdir(mode=0o700)
    write_configuration(directory)
    pins = {}
    for name in ("pin", "so-pin"):
        pins[name] = secrets.token_hex(16)
        descriptor = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(pins[name])
    provided = require("softhsm")
    command = [provided.program("softhsm2-util"), "--module", str(place.module), "--init-token", "--free"]
    command += ["--label", LABEL, "--so-pin", pins["so-pin"], "--pin", pins["pin"]]
    done = subprocess.run(
        command,
        env={**provided.environment(), **dict(place.environment)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Unavailable(f"The development token cannot be made: {reason}", code="hsm-unavailable")
    return place


def development_token(directory: Path) -> TokenPlace:
    """Give the token of a directory, made when there is none."""
    if not directory.exists():
        return create_token(directory)
    write_configuration(directory)
    return token_place(directory)


def write_configuration(directory: Path) -> None:
    """Write where SoftHSM keeps the tokens of a directory, which may have been moved."""
    path = directory / "softhsm2.conf"
    wanted = _CONFIGURATION.format(store=directory / "tokens")
    if not path.exists() or path.read_text(encoding="utf-8") != wanted:
        draft = directory / f".softhsm2.conf.{secrets.token_hex(4)}"
        draft.write_text(wanted, encoding="utf-8")
        draft.chmod(0o600)
        draft.replace(path)


def _libraries(provided: Provided) -> tuple[Path, ...]:
    """What the module needs and the loader would not find where packages are only unpacked."""
    if provided.root == MACHINE:
        return ()
    return tuple(sorted(provided.root.glob("usr/lib/*/libcrypto.so.3")))


__all__ = ["LABEL", "create_token", "development_token", "token_place", "write_configuration"]
