SELECT p.land_category, count(*) AS parcels,
       coalesce(sum(p.surveyed_area_m2), 0) AS surveyed_area_m2,
       coalesce(sum(p.documentary_area_m2), 0) AS documentary_area_m2,
       count(r.parcel_id) AS with_right
  FROM publish.parcel p
  LEFT JOIN publish.parcel_with_right r USING (parcel_id)
 WHERE p.district_code = :code
 GROUP BY p.land_category
 ORDER BY p.land_category NULLS LAST
