-- Every administrative unit in force with what the register holds of it, in Azerbaijani order.
WITH held AS (
    SELECT district_code, count(*) AS parcels, ST_Extent(geom_wgs84)::geometry AS box
      FROM publish.parcel
     GROUP BY district_code
)
SELECT u.code, u.name_az, u.name_en, u.name_ru, u.kind, u.parent_code,
       coalesce(held.parcels, 0) AS parcels, d.code IS NOT NULL AS has_boundary,
       ST_XMin(extent.box) AS west, ST_YMin(extent.box) AS south,
       ST_XMax(extent.box) AS east, ST_YMax(extent.box) AS north
  FROM publish.unit u
  LEFT JOIN held ON held.district_code = u.code
  LEFT JOIN publish.district d ON d.code = u.code
 CROSS JOIN LATERAL (SELECT coalesce(held.box, ST_Envelope(d.geom_wgs84)) AS box) AS extent
 ORDER BY u.name_az COLLATE "az-x-icu", u.code
