WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box,
           ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.015625), 4326) AS wider_wgs84
), shape AS (
    SELECT b.building_id, b.building_number, b.kind, b.floors,
           ST_AsMVTGeom(ST_Transform(b.geom_wgs84, 3857), tile.box, 4096, 64) AS geom
      FROM publish.building b, tile
     WHERE b.geom_wgs84 && tile.wider_wgs84
     ORDER BY b.building_id
)
SELECT coalesce(ST_AsMVT(shape, 'buildings', 4096, 'geom', 'building_id'), '') FROM shape
