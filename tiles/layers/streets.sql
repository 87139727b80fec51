WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box,
           ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.03125), 4326) AS wider_wgs84
), shape AS (
    SELECT s.street_id::text AS street_id, s.kind, s.name_az,
           ST_AsMVTGeom(ST_Transform(s.geom_wgs84, 3857), tile.box, 4096, 128) AS geom
      FROM publish.street s, tile
     WHERE s.geom_wgs84 && tile.wider_wgs84
     ORDER BY s.street_id
)
SELECT coalesce(ST_AsMVT(shape, 'streets', 4096, 'geom'), '') FROM shape
