"""Fence GDAL in before anybody loads it (imported by ``ingest`` itself, so it always comes first).

GDAL picks a driver by looking at the bytes, and some drivers (VRT, GDALG,
SQLite with VirtualText, the network ones) open *other* files or addresses
named inside. They are switched off in the environment before the library is
loaded; ``ingest.readers.gdal_env.require_fenced`` then proves that only the
allowlist is left.
"""

from __future__ import annotations

import os

ALLOWED_DRIVERS = frozenset({"ESRI Shapefile", "FlatGeobuf", "GPKG", "GeoJSON", "MEM"})

SKIPPED_DRIVERS = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,"
    "Elasticsearch,GDALG,GML,GPSBabel,GPX,GTFS,GeoJSONSeq,GeoRSS,HTTP,Idrisi,JML,JSONFG,KML,LIBKML,"
    "LVBAG,MBTiles,MVT,MapInfo File,MapML,MiraMonVector,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,"
    "OGR_VRT,OSM,OpenFileGDB,PCIDSK,PDF,PDS4,PGDUMP,PLSCENES,PMTiles,S57,SQLite,SXF,Selafin,"
    "TopoJSON,VDV,VFK,VICAR,WAsP,WFS,XLSX"
)

SETTINGS = {
    "OGR_SKIP": SKIPPED_DRIVERS,
    # Nothing is repaired silently: a ring that does not close is a fault of the file.
    "OGR_GEOMETRY_ACCEPT_UNCLOSED_RING": "NO",
    "SHAPE_RESTORE_SHX": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
}

os.environ.update(SETTINGS)

__all__ = ["ALLOWED_DRIVERS", "SETTINGS", "SKIPPED_DRIVERS"]
