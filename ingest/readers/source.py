"""Open any accepted file: judged by content, unpacked when zipped, one layer chosen."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from cadastre.kernel.errors import InvalidInput
from ingest.readers.archive import ArchiveLimits, unpack
from ingest.readers.batch import BATCH_ROWS, LayerInfo, ReadBatch, list_names
from ingest.readers.detect import FileKind, detect_kind


class Layer(Protocol):
    """One readable layer."""

    info: LayerInfo
    notes: list[str]

    def read(self, batch_rows: int = BATCH_ROWS) -> Iterator[ReadBatch]:
        """Yield all rows in file order."""
        ...


@contextmanager
def open_layer(
    path: Path,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    spill: Path | None = None,
    limits: ArchiveLimits | None = None,
) -> Iterator[Layer]:
    """Open one layer of a file; a zip archive is unpacked under ``spill`` while it is open.

    Raises
    ------
    UnreadableInput
        When the file is not what it claims to be, or is damaged.
    InvalidInput
        When a layer must be named, or the one named is not there; the layers are listed.
    """
    kind = detect_kind(path)
    if kind is not FileKind.ZIP:
        yield _open_plain(path, kind, layer, encoding)
        return
    with tempfile.TemporaryDirectory(prefix="unpacked-", dir=spill) as folder:
        members = unpack(path, Path(folder), limits)
        member, layer = _choose_member(path, members, layer)
        yield _open_plain(member, detect_kind(member), layer, encoding)


def _open_plain(path: Path, kind: FileKind, layer: str | None, encoding: str | None) -> Layer:
    # GDAL is loaded only where it is needed: the workers of a load never read files.
    if kind is FileKind.GEOPARQUET:
        from ingest.readers.parquet import ParquetLayer

        return ParquetLayer(path, layer)
    from ingest.readers.ogr import OgrLayer

    return OgrLayer(path, kind, layer, encoding)


def _choose_member(path: Path, members: tuple[Path, ...], wanted: str | None) -> tuple[Path, str | None]:
    if len(members) == 1:
        return members[0], wanted
    names = [member.stem for member in members]
    if wanted is None:
        raise InvalidInput(
            f"{path.name} has {len(members)} layers; choose one with --layer: {list_names(names)}.",
            code="layer-needed",
            layers=names,
        )
    for member in members:
        if member.stem == wanted:
            return member, wanted if member.suffix.lower() == ".shp" else None
    raise InvalidInput(
        f"{path.name} has no layer {wanted!r}; it has {list_names(names)}.",
        code="layer-unknown",
        layers=names,
    )


__all__ = ["Layer", "open_layer"]
