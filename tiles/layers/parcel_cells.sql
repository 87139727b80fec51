-- Parcels too small to be seen one by one: squares of 1/64 of the tile, each with the number of
-- parcels whose middle lies in it and the land category that most of them have. The square of a
-- parcel is computed from its longitude and latitude alone, so every parcel counts in exactly
-- one square of exactly one tile.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y), 4326) AS box_wgs84,
           64 * 2 ^ :z AS cells_around
), middle AS (
    SELECT p.land_category, tile.cells_around,
           (ST_XMin(p.geom_wgs84) + ST_XMax(p.geom_wgs84)) / 2 AS lon,
           (ST_YMin(p.geom_wgs84) + ST_YMax(p.geom_wgs84)) / 2 AS lat
      FROM publish.parcel p, tile
     WHERE p.geom_wgs84 && tile.box_wgs84
), placed AS (
    SELECT floor((lon + 180) / 360 * cells_around)::int AS cell_x,
           floor((1 - asinh(tan(radians(lat))) / pi()) / 2 * cells_around)::int AS cell_y,
           land_category
      FROM middle
), by_category AS (
    SELECT cell_x, cell_y, land_category, count(*) AS parcels
      FROM placed
     WHERE cell_x / 64 = :x AND cell_y / 64 = :y
     GROUP BY cell_x, cell_y, land_category
), cell AS (
    SELECT cell_x, cell_y, sum(parcels)::int AS parcels,
           (array_agg(land_category ORDER BY parcels DESC, land_category))[1] AS land_category
      FROM by_category
     GROUP BY cell_x, cell_y
     ORDER BY cell_x, cell_y
), square AS (
    SELECT parcels, land_category,
           ST_AsMVTGeom(ST_TileEnvelope(:z + 6, cell_x, cell_y), tile.box, 4096, 0, false) AS geom
      FROM cell, tile
)
SELECT ST_AsMVT(square, 'parcel_cells', 4096, 'geom') FROM square
