-- The whole district in squares of :step_deg degrees: how many parcels have their middle there,
-- how much area they have, and which land category has most of it.
WITH middle AS (
    SELECT floor((ST_XMin(geom_wgs84) + ST_XMax(geom_wgs84)) / 2 / :step_deg) AS column_number,
           floor((ST_YMin(geom_wgs84) + ST_YMax(geom_wgs84)) / 2 / :step_deg) AS row_number,
           land_category, surveyed_area_m2
      FROM publish.parcel
     WHERE district_code = :code AND geom_wgs84 IS NOT NULL
), by_category AS (
    SELECT column_number, row_number, land_category, count(*) AS parcels, sum(surveyed_area_m2) AS area_m2
      FROM middle GROUP BY 1, 2, 3
)
SELECT sum(parcels)::bigint AS parcels, sum(area_m2)::float8 AS area_m2,
       (array_agg(land_category ORDER BY area_m2 DESC, land_category))[1] AS land_category,
       ST_MakeEnvelope(column_number * :step_deg, row_number * :step_deg,
                       (column_number + 1) * :step_deg, (row_number + 1) * :step_deg, 4326) AS geom
  FROM by_category
 GROUP BY column_number, row_number
 ORDER BY column_number, row_number
