SELECT cadastral_number, land_category, surveyed_area_m2::float8 AS area_m2, geom_wgs84 AS geom
  FROM publish.parcel
 WHERE district_code = :code AND geom_wgs84 IS NOT NULL
 ORDER BY parcel_id
