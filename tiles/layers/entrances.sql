WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box,
           ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.015625), 4326) AS wider_wgs84
), shape AS (
    SELECT e.number, e.street_name, e.street_kind,
           ST_AsMVTGeom(ST_Transform(e.geom_wgs84, 3857), tile.box, 4096, 64) AS geom
      FROM publish.entrance e, tile
     WHERE e.geom_wgs84 && tile.wider_wgs84
     ORDER BY e.entrance_id
)
SELECT coalesce(ST_AsMVT(shape, 'entrances', 4096, 'geom'), '') FROM shape
