-- What register and file know beside each row. Rows of one register number are one property; a row
-- without one joins the property that other rows give its parcel or unit, or makes one of its own.
-- What was loaded a moment ago has no statistics yet, and a wrong plan costs minutes.
ANALYZE rights_row;
ANALYZE cadastre.building (building_id, building_number, parcel_id);
ANALYZE cadastre.building_unit (unit_id, building_id, unit_number);
ANALYZE cadastre.property_object (property_id, parcel_id, unit_id);

CREATE TEMP TABLE rights_group ON COMMIT DROP AS
SELECT row_number, object_key, cadastral_number, building_number, unit_number, group_key,
       min(row_number) OVER (PARTITION BY group_key) AS first_row
  FROM (SELECT row_number, object_key, cadastral_number, building_number, unit_number,
               COALESCE(register_number,
                        CASE WHEN object_key IS NOT NULL
                             THEN COALESCE(min(register_number) OVER (PARTITION BY object_key), object_key) END,
                        'row ' || row_number) AS group_key
          FROM rights_row) AS keyed;

CREATE TEMP TABLE rights_claim ON COMMIT DROP AS
SELECT DISTINCT ON (object_key) object_key, cadastral_number, building_number, unit_number, group_key AS claimed_by
  FROM rights_group
 WHERE object_key IS NOT NULL
 ORDER BY object_key, first_row, row_number;

CREATE TEMP TABLE rights_mention ON COMMIT DROP AS
SELECT row_number, holder_kind AS kind, holder_name AS name, holder_fin AS fin, holder_voen AS voen
  FROM rights_row WHERE holder_fin IS NOT NULL OR holder_voen IS NOT NULL
UNION ALL
SELECT row_number, beneficiary_kind, beneficiary_name, beneficiary_fin, beneficiary_voen
  FROM rights_row WHERE beneficiary_fin IS NOT NULL OR beneficiary_voen IS NOT NULL;

-- Every number of the file with the party it means: the registered one, else the first that has it here.
CREATE TEMP TABLE rights_fin ON COMMIT DROP AS
SELECT m.fin, p.party_id, COALESCE(p.kind, m.kind) AS kind, COALESCE(p.name, m.name) AS name,
       CASE WHEN p.party_id IS NULL THEN m.voen ELSE p.voen END AS other
  FROM (SELECT DISTINCT ON (fin) * FROM rights_mention WHERE fin IS NOT NULL
         ORDER BY fin, voen IS NULL, row_number) AS m
  LEFT JOIN party.party p ON p.fin = m.fin;

CREATE TEMP TABLE rights_voen ON COMMIT DROP AS
SELECT m.voen, COALESCE(p.party_id, f.party_id) AS party_id, COALESCE(p.kind, f.kind, m.kind) AS kind,
       COALESCE(p.name, f.name, m.name) AS name,
       CASE WHEN p.party_id IS NULL THEN m.fin ELSE p.fin END AS other
  FROM (SELECT DISTINCT ON (voen) * FROM rights_mention WHERE voen IS NOT NULL
         ORDER BY voen, fin IS NULL, row_number) AS m
  LEFT JOIN party.party p ON p.voen = m.voen
  LEFT JOIN party.party f ON p.party_id IS NULL AND f.fin = m.fin;

ANALYZE rights_claim;

CREATE TEMP TABLE rights_object ON COMMIT DROP AS
SELECT c.object_key, p.parcel_id, NULL::bigint AS unit_id, p.district_code, NULL AS unit_kind, NULL AS stands_on,
       o.register_number AS object_of
  FROM rights_claim c
  JOIN cadastre.parcel p USING (cadastral_number)
  LEFT JOIN (SELECT po.parcel_id, pr.register_number
               FROM cadastre.property_object po JOIN cadastre.property pr USING (property_id)
              WHERE po.superseded_leaf IS NULL AND po.valid_to IS NULL AND po.parcel_id IS NOT NULL) AS o
         USING (parcel_id)
 WHERE c.unit_number IS NULL
UNION ALL
-- a building that stands on no registered parcel lies in the district that it was loaded into
SELECT c.object_key, NULL, u.unit_id, COALESCE(p.district_code, l.district_code), u.kind, p.cadastral_number,
       o.register_number
  FROM rights_claim c
  JOIN cadastre.building b ON b.building_number = c.building_number AND b.superseded_leaf IS NULL AND b.valid_to IS NULL
  JOIN cadastre.building_unit u ON u.building_id = b.building_id AND u.unit_number = c.unit_number
       AND u.superseded_leaf IS NULL
  LEFT JOIN cadastre.building_stands t ON t.building_id = b.building_id
  LEFT JOIN cadastre.parcel p ON p.parcel_id = t.parcel_id
  LEFT JOIN staging.load_run l ON l.load_id = b.load_id
  LEFT JOIN (SELECT po.unit_id, pr.register_number
               FROM cadastre.property_object po JOIN cadastre.property pr USING (property_id)
              WHERE po.superseded_leaf IS NULL AND po.valid_to IS NULL AND po.unit_id IS NOT NULL) AS o
         USING (unit_id);

ANALYZE rights_group;
ANALYZE rights_fin;
ANALYZE rights_voen;
ANALYZE rights_object;
