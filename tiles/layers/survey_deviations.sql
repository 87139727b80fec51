-- By how much the surveyed area departs from the documentary one, as a share of the latter.
WITH departure AS (
    SELECT abs(surveyed_area_m2 - documentary_area_m2) / documentary_area_m2 AS share
      FROM publish.parcel
     WHERE district_code = :code AND surveyed_area_m2 IS NOT NULL AND documentary_area_m2 IS NOT NULL
)
SELECT count(*) AS compared,
       count(*) FILTER (WHERE share <= 0.01) AS to_1_percent,
       count(*) FILTER (WHERE share > 0.01 AND share <= 0.05) AS to_5_percent,
       count(*) FILTER (WHERE share > 0.05 AND share <= 0.10) AS to_10_percent,
       count(*) FILTER (WHERE share > 0.10) AS over_10_percent,
       coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY share), 0) AS median_share
  FROM departure
