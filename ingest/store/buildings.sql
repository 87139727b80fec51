-- @prepare
-- Without statistics the planner takes a full table for an empty one and pairs every row with every row.
CREATE INDEX ON loaded_row USING gist (geom_wgs84);
ANALYZE loaded_row;
ANALYZE cadastre.parcel (parcel_id, cadastral_number);
ANALYZE cadastre.parcel_version (parcel_id, geom_wgs84);
ANALYZE cadastre.building (building_number, geom_wgs84);

-- @check building-duplicate
SELECT row_number, building_number AS subject, NULL::float8 AS measured,
       jsonb_build_object('earlier_row', least(by_number, by_shape)) AS detail
  FROM (SELECT row_number, building_number,
               CASE WHEN building_number IS NOT NULL THEN
                   min(row_number) OVER (PARTITION BY building_number) END AS by_number,
               min(row_number) OVER (PARTITION BY ST_AsBinary(ST_Normalize(geom))) AS by_shape
          FROM loaded_row WHERE NOT rejected) AS seen
 WHERE row_number > least(by_number, by_shape)

-- @check building-registered
SELECT row_number, min(subject) AS subject, NULL::float8 AS measured,
       jsonb_build_object('building_number', min(building_number)) AS detail
  FROM (SELECT r.row_number, r.building_number AS subject, b.building_number
          FROM loaded_row r
          JOIN cadastre.building b ON b.building_number = r.building_number
               AND b.superseded_leaf IS NULL AND b.valid_to IS NULL
         WHERE NOT r.rejected
         UNION ALL
        SELECT r.row_number, r.building_number, b.building_number
          FROM loaded_row r
          JOIN cadastre.building b ON b.geom_wgs84 && r.geom_wgs84
               AND b.superseded_leaf IS NULL AND b.valid_to IS NULL
               AND ST_Equals(cadastre.in_zone_of(b.geom, %(legal_srid)s), r.geom)
         WHERE NOT r.rejected) AS known
 GROUP BY row_number

-- @link
CREATE TEMP TABLE building_parcel ON COMMIT DROP AS
SELECT r.row_number, here.*
  FROM loaded_row r
 CROSS JOIN LATERAL (
    SELECT p.parcel_id, p.cadastral_number,
           ST_Area(r.geom) - ST_Area(ST_Intersection(r.geom, cadastre.in_zone_of(v.geom, %(legal_srid)s)))
               AS overhang_m2
      FROM cadastre.parcel_version v JOIN cadastre.parcel p ON p.parcel_id = v.parcel_id
     WHERE v.superseded_leaf IS NULL AND v.valid_to IS NULL AND v.geom_wgs84 && r.geom_wgs84
       AND ST_Intersects(cadastre.in_zone_of(v.geom, %(legal_srid)s), r.geom)
     ORDER BY overhang_m2, p.parcel_id LIMIT 1) AS here
 WHERE NOT r.rejected;

UPDATE loaded_row r SET parcel_id = p.parcel_id FROM building_parcel p WHERE p.row_number = r.row_number;

-- @check building-crosses-parcel
SELECT r.row_number, r.building_number AS subject, p.overhang_m2 AS measured,
       jsonb_build_object('cadastral_number', p.cadastral_number) AS detail
  FROM loaded_row r JOIN building_parcel p USING (row_number)
 WHERE NOT r.rejected AND p.overhang_m2 > %(building_overhang_m2)s

-- @check building-other-parcel
SELECT r.row_number, r.building_number AS subject, NULL::float8 AS measured,
       jsonb_build_object('named', r.cadastral_number, 'stands_on', p.cadastral_number) AS detail
  FROM loaded_row r LEFT JOIN building_parcel p USING (row_number)
 WHERE NOT r.rejected AND r.cadastral_number IS NOT NULL AND r.cadastral_number IS DISTINCT FROM p.cadastral_number

-- @check building-without-parcel
SELECT row_number, building_number AS subject, NULL::float8 AS measured, '{}'::jsonb AS detail
  FROM loaded_row WHERE NOT rejected AND parcel_id IS NULL

-- @insert
INSERT INTO cadastre.building (building_id, building_number, parcel_id, kind, floors, footprint_area_m2, valid_from,
                               recorded_leaf, load_id, geom)
SELECT building_id, COALESCE(building_number, %(district)s || '-B' || lpad(building_id::text, 8, '0')), parcel_id,
       kind, floors, area_m2, %(today)s, %(leaf_id)s, %(load_id)s, geom
  FROM (SELECT nextval(pg_get_serial_sequence('cadastre.building', 'building_id')) AS building_id,
               building_number, parcel_id, kind, floors, area_m2, geom
          FROM loaded_row WHERE NOT rejected ORDER BY row_number) AS numbered
