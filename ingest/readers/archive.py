"""Zip archives: listed and judged before one byte is unpacked, then unpacked by count, not by promise."""

from __future__ import annotations

import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cadastre.kernel.errors import UnreadableInput

_BLOCK = 1 << 20
_DATA_SUFFIXES = (".shp", ".gpkg", ".geojson", ".json", ".fgb", ".parquet")
_NESTED_SUFFIXES = (".zip", ".shz", ".7z", ".rar", ".gz", ".tar", ".tgz", ".xz", ".bz2", ".zst")


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may be: for operators' files; public uploads use smaller ones."""

    members: int = 50
    ratio: int = 200
    unpacked_bytes: int = 20 << 30


def unpack(path: Path, into: Path, limits: ArchiveLimits | None = None) -> tuple[Path, ...]:
    """Unpack the data sets of a zip archive and return the files that can be opened, sorted by name."""
    limits = limits or ArchiveLimits()
    try:
        with zipfile.ZipFile(path) as archive:
            members = _check_members(path, archive, limits)
            for member in members:
                _extract(path, archive, member, into, limits)
    except zipfile.BadZipFile:
        raise _refuse(path, "is a damaged zip archive") from None
    except (zlib.error, EOFError, NotImplementedError):
        raise _refuse(
            path, "is a zip archive that cannot be unpacked (damaged or an unknown method)"
        ) from None
    found = sorted(item for item in into.iterdir() if item.suffix.lower() in _DATA_SUFFIXES)
    shapes = [item for item in found if item.suffix.lower() not in (".json",)]
    chosen = shapes or found
    if not chosen:
        raise _refuse(path, "is a zip archive without a Shapefile, GeoPackage, GeoJSON or FlatGeobuf in it")
    return tuple(chosen)


def _check_members(path: Path, archive: zipfile.ZipFile, limits: ArchiveLimits) -> list[zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > limits.members:
        raise _refuse(path, f"holds {len(infos)} members; at most {limits.members} are allowed")
    total = 0
    names: set[str] = set()
    for info in infos:
        _check_member(path, info, limits)
        total += info.file_size
        flat = PurePosixPath(info.filename).name.lower()
        if flat in names and not info.is_dir():
            raise _refuse(path, f"holds two members named {flat}")
        names.add(flat)
    if total > limits.unpacked_bytes:
        raise _refuse(path, f"unpacks to {total:,} bytes; at most {limits.unpacked_bytes:,} are allowed")
    return [info for info in infos if not info.is_dir()]


def _check_member(path: Path, info: zipfile.ZipInfo, limits: ArchiveLimits) -> None:
    name = PurePosixPath(info.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
        raise _refuse(path, "names a member outside the archive (path traversal)")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise _refuse(path, f"holds a symbolic link ({name.name})")
    if info.flag_bits & 0x1:
        raise _refuse(path, "is encrypted")
    if name.suffix.lower() in _NESTED_SUFFIXES:
        raise _refuse(path, f"holds another archive ({name.name})")
    if info.file_size > max(1, info.compress_size) * limits.ratio and info.file_size > _BLOCK * 64:
        raise _refuse(path, f"is compressed more than {limits.ratio} times ({name.name})")


def _extract(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, into: Path, limits: ArchiveLimits
) -> None:
    target = into / PurePosixPath(info.filename.replace("\\", "/")).name
    written = 0
    with archive.open(info) as source, target.open("wb") as sink:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > min(info.file_size, limits.unpacked_bytes):
                raise _refuse(path, f"holds more than it declares ({info.filename})")
            sink.write(block)


def _refuse(path: Path, what: str) -> UnreadableInput:
    return UnreadableInput(f"{path.name} {what}.", file=path.name)


__all__ = ["ArchiveLimits", "unpack"]
