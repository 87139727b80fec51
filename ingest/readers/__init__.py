"""Reading files: any accepted container as a stream of Arrow batches, by content and never by name."""

from __future__ import annotations

from ingest.readers.batch import BATCH_ROWS, GEOMETRY, LayerInfo, ReadBatch
from ingest.readers.mapping import AttributeMap, Fault, Field, FieldKind, MappedColumns, parse_mapping
from ingest.readers.source import Layer, open_layer

__all__ = [
    "BATCH_ROWS",
    "GEOMETRY",
    "AttributeMap",
    "Fault",
    "Field",
    "FieldKind",
    "Layer",
    "LayerInfo",
    "MappedColumns",
    "ReadBatch",
    "open_layer",
    "parse_mapping",
]
