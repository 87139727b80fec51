-- Registered parcels with their public marks; from zoom 17 on also a point for the number.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box,
           ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.015625), 4326) AS wider_wgs84
), shape AS (
    SELECT p.parcel_id, p.cadastral_number, p.land_category, p.surveyed_area_m2::float8 AS area_m2,
           p.geom_wgs84, tile.box
      FROM publish.parcel p, tile
     WHERE p.geom_wgs84 && tile.wider_wgs84
     ORDER BY p.parcel_id
), area AS (
    SELECT parcel_id, cadastral_number, land_category, area_m2,
           ST_AsMVTGeom(ST_Transform(geom_wgs84, 3857), box, 4096, 64) AS geom
      FROM shape
), label AS (
    SELECT parcel_id, cadastral_number,
           ST_AsMVTGeom(ST_Transform(ST_PointOnSurface(geom_wgs84), 3857), box, 4096, 0) AS geom
      FROM shape
     WHERE :z >= 17
)
SELECT coalesce((SELECT ST_AsMVT(area, 'parcels', 4096, 'geom', 'parcel_id') FROM area), '')
    || coalesce((SELECT ST_AsMVT(label, 'parcel_labels', 4096, 'geom', 'parcel_id') FROM label), '')
