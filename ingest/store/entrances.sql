-- @prepare
CREATE TEMP TABLE known_street ON COMMIT DROP AS
SELECT street_id, kind, geom, cadastre.fold_text(name_az) AS name_key
  FROM address.street
 WHERE district_code = %(district)s AND superseded_leaf IS NULL AND valid_to IS NULL;

CREATE INDEX ON loaded_row USING gist (geom_wgs84);
ANALYZE loaded_row;
ANALYZE address.entrance (street_id, number);
ANALYZE cadastre.parcel (parcel_id, cadastral_number);
ANALYZE cadastre.parcel_version (parcel_id, geom_wgs84);
ANALYZE cadastre.building (building_number, geom_wgs84);
ANALYZE known_street;

CREATE TEMP TABLE street_match ON COMMIT DROP AS
SELECT r.row_number, count(k.street_id) AS streets, min(k.street_id::text)::uuid AS street_id
  FROM loaded_row r
  LEFT JOIN known_street k ON k.name_key = r.name_key AND (r.kind IS NULL OR k.kind = r.kind)
 WHERE NOT r.rejected
 GROUP BY r.row_number;

UPDATE loaded_row r SET street_id = m.street_id
  FROM street_match m WHERE m.row_number = r.row_number AND m.streets = 1;

-- @check entrance-street-unknown
SELECT r.row_number, r.number AS subject, NULL::float8 AS measured, jsonb_build_object('street', r.name) AS detail
  FROM loaded_row r JOIN street_match m USING (row_number) WHERE m.streets = 0

-- @check entrance-street-ambiguous
SELECT r.row_number, r.number AS subject, NULL::float8 AS measured, jsonb_build_object('street', r.name) AS detail
  FROM loaded_row r JOIN street_match m USING (row_number) WHERE m.streets > 1

-- @check entrance-duplicate
SELECT row_number, name || ' ' || number AS subject, NULL::float8 AS measured,
       jsonb_build_object('earlier_row', earlier) AS detail
  FROM (SELECT row_number, name, number, first_value(row_number) OVER same AS earlier, row_number() OVER same AS nth
          FROM loaded_row WHERE NOT rejected
        WINDOW same AS (PARTITION BY street_id, number ORDER BY row_number)) AS numbered
 WHERE nth > 1

-- @check entrance-registered
SELECT r.row_number, r.name || ' ' || r.number AS subject, NULL::float8 AS measured,
       jsonb_build_object('entrance_id', e.entrance_id) AS detail
  FROM loaded_row r
  JOIN address.entrance e ON e.street_id = r.street_id AND e.number = r.number
       AND e.superseded_leaf IS NULL AND e.valid_to IS NULL
 WHERE NOT r.rejected

-- @check entrance-same-place
SELECT row_number, name || ' ' || number AS subject, NULL::float8 AS measured,
       jsonb_build_object('earlier_row', earlier) AS detail
  FROM (SELECT row_number, name, number, first_value(row_number) OVER same AS earlier, row_number() OVER same AS nth
          FROM loaded_row WHERE NOT rejected
        WINDOW same AS (PARTITION BY ST_X(geom), ST_Y(geom) ORDER BY row_number)) AS numbered
 WHERE nth > 1

-- @check entrance-far-from-street
SELECT r.row_number, r.name || ' ' || r.number AS subject, ST_Distance(r.geom, k.geom) AS measured,
       '{}'::jsonb AS detail
  FROM loaded_row r JOIN known_street k USING (street_id)
 WHERE NOT r.rejected AND NOT ST_DWithin(r.geom, k.geom, %(entrance_street_distance_m)s)

-- @link
CREATE TEMP TABLE entrance_parcel ON COMMIT DROP AS
SELECT r.row_number, here.parcel_id
  FROM loaded_row r
 CROSS JOIN LATERAL (
    SELECT p.parcel_id
      FROM cadastre.parcel_version v JOIN cadastre.parcel p ON p.parcel_id = v.parcel_id
     WHERE v.superseded_leaf IS NULL AND v.valid_to IS NULL AND v.geom_wgs84 && r.geom_wgs84
       AND ST_Covers(cadastre.in_zone_of(v.geom, %(legal_srid)s), r.geom)
     ORDER BY p.cadastral_number IS DISTINCT FROM r.cadastral_number, p.parcel_id LIMIT 1) AS here
 WHERE NOT r.rejected;

UPDATE loaded_row r SET parcel_id = p.parcel_id FROM entrance_parcel p WHERE p.row_number = r.row_number;

-- @check entrance-outside-parcel
SELECT r.row_number, r.name || ' ' || r.number AS subject, ST_Distance(r.geom, v.geom) AS measured,
       jsonb_build_object('cadastral_number', r.cadastral_number) AS detail
  FROM loaded_row r
  JOIN cadastre.parcel p USING (cadastral_number)
  JOIN cadastre.parcel_version v ON v.parcel_id = p.parcel_id AND v.superseded_leaf IS NULL AND v.valid_to IS NULL
       AND ST_SRID(v.geom) = %(legal_srid)s
 WHERE NOT r.rejected AND r.parcel_id IS DISTINCT FROM p.parcel_id
   AND NOT ST_DWithin(r.geom, v.geom, %(entrance_building_distance_m)s)

-- @link_named
UPDATE loaded_row r SET parcel_id = p.parcel_id
  FROM cadastre.parcel p
 WHERE p.cadastral_number = r.cadastral_number AND NOT r.rejected;

UPDATE loaded_row r SET building_id = b.building_id
  FROM cadastre.building b
 WHERE b.building_number = r.building_number AND b.superseded_leaf IS NULL AND b.valid_to IS NULL AND NOT r.rejected;

CREATE TEMP TABLE entrance_building ON COMMIT DROP AS
SELECT r.row_number, near.building_id
  FROM loaded_row r
 CROSS JOIN LATERAL (
    SELECT b.building_id
      FROM cadastre.building b
     WHERE b.superseded_leaf IS NULL AND b.valid_to IS NULL
       AND b.geom_wgs84 && ST_Expand(r.geom_wgs84, 0.0001)
       AND ST_DWithin(cadastre.in_zone_of(b.geom, %(legal_srid)s), r.geom, %(entrance_building_distance_m)s)
       AND (r.parcel_id IS NULL OR b.parcel_id IS NULL OR b.parcel_id = r.parcel_id)
     ORDER BY ST_Distance(cadastre.in_zone_of(b.geom, %(legal_srid)s), r.geom), b.building_id LIMIT 1) AS near
 WHERE NOT r.rejected AND r.building_id IS NULL;

UPDATE loaded_row r SET building_id = b.building_id FROM entrance_building b WHERE b.row_number = r.row_number;

-- @check entrance-without-parcel
SELECT row_number, name || ' ' || number AS subject, NULL::float8 AS measured, '{}'::jsonb AS detail
  FROM loaded_row WHERE NOT rejected AND parcel_id IS NULL

-- @insert
INSERT INTO address.entrance (street_id, number, parcel_id, building_id, building_entrance, valid_from, recorded_leaf,
                              load_id, geom)
SELECT street_id, number, parcel_id, building_id, building_entrance, %(today)s, %(leaf_id)s, %(load_id)s, geom
  FROM loaded_row WHERE NOT rejected ORDER BY row_number
