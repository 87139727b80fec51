-- @prepare
-- what was loaded a moment ago has no statistics yet, and a wrong plan costs minutes
ANALYZE unit_row;
ANALYZE cadastre.building (building_id, building_number, parcel_id);
ANALYZE cadastre.building_unit (building_id, unit_number);
ANALYZE address.entrance (building_id, building_entrance);

UPDATE unit_row r
   SET building_id = b.building_id, building_floors = b.floors, stands_on = p.cadastral_number
  FROM cadastre.building b
  LEFT JOIN cadastre.building_stands t USING (building_id)
  LEFT JOIN cadastre.parcel p ON p.parcel_id = t.parcel_id
 WHERE b.building_number = r.building_number AND b.superseded_leaf IS NULL AND b.valid_to IS NULL AND NOT r.rejected;

ANALYZE unit_row (building_id, unit_number, rejected);

-- @check unit-building-unknown
SELECT row_number, NULL::float8 AS measured, jsonb_build_object('building_number', building_number) AS detail
  FROM unit_row WHERE NOT rejected AND building_id IS NULL

-- @check unit-other-parcel
SELECT row_number, NULL::float8 AS measured,
       jsonb_build_object('named', cadastral_number, 'stands_on', stands_on) AS detail
  FROM unit_row WHERE NOT rejected AND cadastral_number <> stands_on

-- @check unit-parcel-unproven
SELECT row_number, NULL::float8 AS measured, jsonb_build_object('named', cadastral_number) AS detail
  FROM unit_row WHERE NOT rejected AND cadastral_number IS NOT NULL AND stands_on IS NULL

-- @check unit-duplicate
SELECT row_number, NULL::float8 AS measured, jsonb_build_object('earlier_row', earlier) AS detail
  FROM (SELECT row_number, first_value(row_number) OVER same AS earlier, row_number() OVER same AS nth
          FROM unit_row WHERE NOT rejected
        WINDOW same AS (PARTITION BY building_id, unit_number ORDER BY row_number)) AS numbered
 WHERE nth > 1

-- @check unit-registered
SELECT r.row_number, NULL::float8 AS measured, '{}'::jsonb AS detail
  FROM unit_row r
  JOIN cadastre.building_unit u USING (building_id, unit_number)
 WHERE NOT r.rejected AND u.superseded_leaf IS NULL

-- @check unit-above-building
SELECT row_number, floor::float8 AS measured, jsonb_build_object('building_floors', building_floors) AS detail
  FROM unit_row WHERE NOT rejected AND floor > building_floors

-- @entrances
CREATE TEMP TABLE unit_entrance ON COMMIT DROP AS
SELECT DISTINCT e.building_id, e.building_entrance
  FROM address.entrance e JOIN (SELECT DISTINCT building_id FROM unit_row WHERE NOT rejected) AS b USING (building_id)
 WHERE e.building_entrance IS NOT NULL AND e.superseded_leaf IS NULL AND e.valid_to IS NULL;

ANALYZE unit_entrance;

-- @check unit-entrance-unknown
SELECT r.row_number, r.entrance_number::float8 AS measured,
       (SELECT jsonb_build_object('known', jsonb_agg(e.building_entrance ORDER BY e.building_entrance))
          FROM unit_entrance e WHERE e.building_id = r.building_id) AS detail
  FROM unit_row r
 WHERE NOT r.rejected AND r.entrance_number IS NOT NULL
   AND r.building_id IN (SELECT building_id FROM unit_entrance)
   AND (r.building_id, r.entrance_number) NOT IN (SELECT building_id, building_entrance FROM unit_entrance)

-- @insert
INSERT INTO cadastre.building_unit (building_id, kind, unit_number, entrance_number, floor, room_count,
                                    total_area_m2, living_area_m2, auxiliary_area_m2, recorded_leaf, load_id)
SELECT building_id, kind, unit_number, entrance_number, floor, room_count, total_area_m2, living_area_m2,
       auxiliary_area_m2, %(leaf_id)s, %(load_id)s
  FROM unit_row WHERE NOT rejected ORDER BY row_number;

INSERT INTO staging.rejected_row (load_id, row_number, attributes)
SELECT %(load_id)s, row_number, attributes::jsonb FROM unit_row WHERE rejected
