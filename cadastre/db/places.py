"""Where things lie on this machine: checkout, home, web assets, fonts. Standard library only.

Set-up runs this module before any dependency is installed, so it must never
import one.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
from pathlib import Path

SERVICE_USERS = ("postgres", "nobody")


def checkout_root() -> Path:
    """Directory that holds the five packages (the clone, when installed editable)."""
    return Path(__file__).resolve().parents[2]


def default_home() -> Path:
    """``CADASTRE_HOME``, else ``.local/`` of the checkout, else a folder of the user."""
    named = os.environ.get("CADASTRE_HOME")
    if named:
        return Path(named).expanduser().absolute()
    root = checkout_root()
    if (root / "pyproject.toml").is_file():
        return root / ".local"
    return Path.home() / ".local" / "share" / "kadastr"


def asset_dir() -> Path:
    """Web assets that set-up fetched (MapLibre GL, PMTiles, Leaflet and its companions, fonts)."""
    return checkout_root() / "api" / "web" / "static" / "vendor"


def font_dir() -> Path:
    """Folder with ``NotoSans-Regular.ttf``, ``-Bold``, ``-Italic`` and ``-BoldItalic``."""
    return asset_dir() / "fonts"


def server_account() -> pwd.struct_passwd | None:
    """Unprivileged account that servers run as when the caller is root, else None."""
    if os.geteuid() != 0:
        return None
    for name in SERVICE_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return pwd.getpwuid(65534)


def reachable_for_server(home: Path) -> Path:
    """Give ``home``, or as root a stand-in that the unprivileged server account can enter.

    A checkout in a 0700 directory (as ``/root`` is) keeps its keys in
    ``home`` and its database in ``/var/lib/kadastr-<digest of home>``.
    """
    account = server_account()
    if account is None or _can_enter(home, account.pw_uid):
        return home
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:10]
    return Path("/var/lib") / f"kadastr-{digest}"


def _can_enter(path: Path, uid: int) -> bool:
    existing = path
    while not existing.exists():
        existing = existing.parent
    for folder in (existing, *existing.parents):
        info = folder.stat()
        wanted = stat.S_IXUSR if info.st_uid == uid else stat.S_IXOTH
        if not info.st_mode & wanted:
            return False
    return True


__all__ = [
    "asset_dir",
    "checkout_root",
    "default_home",
    "font_dir",
    "reachable_for_server",
    "server_account",
]
