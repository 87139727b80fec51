-- What register and file know beside each row. Rows of one register number are one property; a row
-- without one joins the property that other rows give its parcel, or makes one of its parcel's own.
ANALYZE rights_row;

CREATE TEMP TABLE rights_group ON COMMIT DROP AS
SELECT row_number, cadastral_number, group_key, min(row_number) OVER (PARTITION BY group_key) AS first_row
  FROM (SELECT row_number, cadastral_number,
               COALESCE(register_number,
                        CASE WHEN cadastral_number IS NOT NULL
                             THEN COALESCE(min(register_number) OVER (PARTITION BY cadastral_number),
                                           'parcel ' || cadastral_number) END,
                        'row ' || row_number) AS group_key
          FROM rights_row) AS keyed;

CREATE TEMP TABLE rights_claim ON COMMIT DROP AS
SELECT DISTINCT ON (cadastral_number) cadastral_number, group_key AS claimed_by
  FROM rights_group
 WHERE cadastral_number IS NOT NULL
 ORDER BY cadastral_number, first_row, row_number;

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

CREATE TEMP TABLE rights_parcel ON COMMIT DROP AS
SELECT c.cadastral_number, p.parcel_id, p.district_code, o.register_number AS parcel_of
  FROM rights_claim c
  JOIN cadastre.parcel p USING (cadastral_number)
  LEFT JOIN (SELECT po.parcel_id, pr.register_number
               FROM cadastre.property_object po JOIN cadastre.property pr USING (property_id)
              WHERE po.superseded_leaf IS NULL AND po.valid_to IS NULL AND po.parcel_id IS NOT NULL) AS o
         USING (parcel_id);

ANALYZE rights_group;
ANALYZE rights_claim;
ANALYZE rights_fin;
ANALYZE rights_voen;
ANALYZE rights_parcel;
