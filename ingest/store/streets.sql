-- @check street-duplicate
SELECT row_number, name AS subject, NULL::float8 AS measured, jsonb_build_object('earlier_row', earlier) AS detail
  FROM (SELECT row_number, name, first_value(row_number) OVER same AS earlier, row_number() OVER same AS nth
          FROM loaded_row WHERE NOT rejected
        WINDOW same AS (PARTITION BY name_key, kind ORDER BY row_number)) AS numbered
 WHERE nth > 1

-- @check street-registered
SELECT r.row_number, r.name AS subject, NULL::float8 AS measured,
       jsonb_build_object('street_id', s.street_id) AS detail
  FROM loaded_row r
  JOIN address.street s ON s.district_code = %(district)s AND s.kind = r.kind
       AND cadastre.fold_text(s.name_az) = r.name_key
       AND s.superseded_leaf IS NULL AND s.valid_to IS NULL
 WHERE NOT r.rejected

-- @insert
INSERT INTO address.street (district_code, kind, name_az, valid_from, recorded_leaf, load_id, geom)
SELECT %(district)s, kind, name, %(today)s, %(leaf_id)s, %(load_id)s, geom
  FROM loaded_row WHERE NOT rejected ORDER BY row_number
