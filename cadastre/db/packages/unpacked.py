"""Debian packages unpacked below one private root, and the environment that makes them run there."""

from __future__ import annotations

import fcntl
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cadastre.db.packages.apt import PrivateApt, unpack
from cadastre.db.packages.parts import Part
from cadastre.kernel.errors import Unavailable

FONTS_CONF = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>{root}/usr/share/fonts</dir>
  <cachedir>{base}/fontcache</cachedir>
</fontconfig>
"""


class UnpackedRoot:
    """Private tree ``<base>/root`` that an ordinary user fills instead of installing."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.root = base / "root"

    def has(self, part: Part) -> bool:
        """Whether the part was unpacked completely."""
        return self._stamp(part).exists()

    def add(self, part: Part) -> None:
        """Download and unpack a part; interrupted work is simply done again."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with self._locked():
                if self.has(part):
                    return
                archives = PrivateApt(self.base).fetch(part.packages)
                done = self._done()
                for archive in archives:
                    if archive.name not in done:
                        unpack(archive, self.root)
                link_alternatives(self.root)
                (self.base / "fonts.conf").write_text(FONTS_CONF.format(root=self.root, base=self.base))
                self._stamp(part).write_text(json.dumps(sorted(archive.name for archive in archives)))
        except OSError as error:
            reason = error.strerror or str(error)
            raise Unavailable(f"{self.base} cannot be written: {reason}", code="no-room") from error

    def environment(self) -> dict[str, str]:
        """Library path and data folders of the unpacked programs."""
        paths = [str(path) for path in self._library_dirs()]
        environment = {"LD_LIBRARY_PATH": ":".join(paths)}
        for name, folder in (("PROJ_DATA", "usr/share/proj"), ("GDAL_DATA", "usr/share/gdal")):
            if (self.root / folder).is_dir():
                environment[name] = str(self.root / folder)
        if (self.root / "usr/share/fonts").is_dir():
            environment["FONTCONFIG_FILE"] = str(self.base / "fonts.conf")
        return environment

    def _library_dirs(self) -> list[Path]:
        multiarch = f"{platform.machine()}-linux-gnu"
        main = [self.root / "usr/lib" / multiarch, self.root / "lib" / multiarch, self.root / "usr/lib"]
        nested = sorted({path.parent for path in main[0].glob("*/lib*.so*")})
        return [path for path in (*main, *nested) if path.is_dir()]

    def _stamp(self, part: Part) -> Path:
        return self.base / "parts" / f"{part.name}.json"

    def _done(self) -> set[str]:
        (self.base / "parts").mkdir(exist_ok=True)
        return {
            name for stamp in (self.base / "parts").glob("*.json") for name in json.loads(stamp.read_text())
        }

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.base / "lock").open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield


def link_alternatives(root: Path) -> None:
    """Make the links that a package's install script would have made through update-alternatives."""
    for versioned in root.glob("usr/share/postgresql/*/extension/postgis*-3.control"):
        plain = versioned.with_name(versioned.name.replace("-3.control", ".control"))
        if not plain.exists():
            plain.unlink(missing_ok=True)
            plain.symlink_to(versioned.name)


def executable(path: Path) -> bool:
    """Whether a file is there and may be run."""
    return path.is_file() and os.access(path, os.X_OK)


__all__ = ["UnpackedRoot", "executable", "link_alternatives"]
