"""Spilled batches: uncompressed Arrow files, mapped into memory instead of read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from cadastre.kernel.errors import Unavailable


def write_batch(path: Path, batch: pa.RecordBatch) -> None:
    """Write one batch; a full disk is one plain sentence."""
    try:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
            writer.write_batch(batch)
    except OSError as error:
        raise spill_failed(path, error) from None


def read_batch(path: Path) -> pa.RecordBatch:
    """Map a batch written by :func:`write_batch`; its columns are views on the file."""
    with pa.memory_map(str(path), "rb") as source:
        return pa.ipc.open_file(source).get_batch(0)


def write_file(path: Path, data: str | bytes) -> None:
    """Write a spilled file; a full disk is one plain sentence."""
    try:
        path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
    except OSError as error:
        raise spill_failed(path, error) from None


def append_file(path: Path, data: bytes) -> None:
    """Append to a spilled file; a full disk is one plain sentence."""
    try:
        with path.open("ab") as file:
            file.write(data)
    except OSError as error:
        raise spill_failed(path, error) from None


def spill_failed(path: Path, error: OSError) -> Unavailable:
    """Say why the working folder cannot be written."""
    reason = error.strerror or str(error).splitlines()[0]
    return Unavailable(
        f"The working folder {path.parent} cannot be written ({reason}); "
        "free some space or name another with CADASTRE_SPILL_DIR. Nothing was loaded.",
        code="spill-failed",
    )


__all__ = ["append_file", "read_batch", "spill_failed", "write_batch", "write_file"]
