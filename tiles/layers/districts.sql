-- Outlines of administrative units; the label point lies inside the outline.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box,
           ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.03125), 4326) AS wider_wgs84,
           -- half a pixel of this zoom, in degrees: finer detail cannot be seen
           0.5 * 360.0 / (512 * 2 ^ :z) AS half_pixel_deg
), shape AS (
    SELECT code, name_az, name_en, name_ru, kind, parent_code, geom_wgs84, half_pixel_deg, box
      FROM publish.district, tile
     WHERE geom_wgs84 && wider_wgs84
), outline AS (
    SELECT code, name_az, name_en, name_ru, kind, parent_code,
           ST_AsMVTGeom(ST_Transform(ST_SimplifyPreserveTopology(geom_wgs84, half_pixel_deg), 3857), box, 4096, 128) AS geom
      FROM shape
     ORDER BY code
), label AS (
    SELECT code, name_az, name_en, name_ru, kind,
           ST_AsMVTGeom(ST_Transform(ST_PointOnSurface(geom_wgs84), 3857), box, 4096, 0) AS geom
      FROM shape
     ORDER BY code
)
SELECT coalesce((SELECT ST_AsMVT(outline, 'districts', 4096, 'geom') FROM outline), '')
    || coalesce((SELECT ST_AsMVT(label, 'district_labels', 4096, 'geom') FROM label), '')
