-- From accepted rows to the register, set by set; load_id and leaf_id are bound.
-- @staging
INSERT INTO staging.rejected_row (load_id, row_number, attributes)
SELECT %(load_id)s, r.row_number, r.attributes::jsonb
  FROM rights_row r JOIN rights_verdict v USING (row_number)
 WHERE NOT v.accepted;

-- @accepted
CREATE TEMP TABLE rights_accepted ON COMMIT DROP AS
SELECT r.*, v.group_key, v.opens_right, v.opens_restriction, v.holder, v.beneficiary
  FROM rights_row r JOIN rights_verdict v USING (row_number)
 WHERE v.accepted;

-- @parties
-- one row per identity; a party of the register keeps its id
CREATE TEMP TABLE rights_party ON COMMIT DROP AS
SELECT identity,
       CASE WHEN left(identity, 2) = 'P:' THEN substr(identity, 3)::uuid ELSE gen_random_uuid() END AS party_id,
       (array_agg(kind ORDER BY row_number))[1] AS kind,
       (array_agg(name ORDER BY row_number))[1] AS name,
       max(fin) AS fin, max(voen) AS voen
  FROM (SELECT row_number, holder AS identity, holder_kind AS kind, holder_name AS name,
               holder_fin AS fin, holder_voen AS voen
          FROM rights_accepted WHERE holder IS NOT NULL
        UNION ALL
        SELECT row_number, beneficiary, beneficiary_kind, beneficiary_name, beneficiary_fin, beneficiary_voen
          FROM rights_accepted WHERE beneficiary IS NOT NULL) AS mention
 GROUP BY identity;

-- @new_parties
INSERT INTO party.party (party_id, kind, name, fin, voen, recorded_leaf, load_id)
SELECT party_id, kind, name, fin, voen, %(leaf_id)s, %(load_id)s
  FROM rights_party WHERE left(identity, 2) <> 'P:';

-- @properties
-- numbered in file order; the first row that describes the object describes it alone, so that its areas fit together
CREATE TEMP TABLE rights_property ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('cadastre.property', 'property_id')) AS property_id,
       group_key, object_kind, district_code, opened_on, book_number, sheet_number,
       former_address, paper_series, paper_number, divisible, total_area_m2, living_area_m2, auxiliary_area_m2,
       room_count, COALESCE(register_number, cadastre.mint_register_number(office_code)) AS register_number,
       register_number IS NULL AS minted, office_code
  FROM (SELECT o.group_key, o.row_number, a.object_kind, p.district_code, d.office_code, o.opened_on,
               o.register_number, o.book_number, o.sheet_number, f.former_address, f.paper_series, f.paper_number,
               f.divisible, f.total_area_m2, f.living_area_m2, f.auxiliary_area_m2, f.room_count
          FROM (SELECT group_key, min(row_number) AS row_number, min(registration_date) AS opened_on,
                       min(register_number) AS register_number, min(book_number) AS book_number,
                       min(sheet_number) AS sheet_number,
                       min(row_number) FILTER (WHERE num_nonnulls(former_address, paper_series, divisible,
                           total_area_m2, living_area_m2, auxiliary_area_m2, room_count) > 0) AS described_in
                  FROM rights_accepted GROUP BY group_key) AS o
          JOIN rights_accepted a ON a.row_number = o.row_number
          JOIN rights_object p USING (object_key)
          JOIN cadastre.district d ON d.code = p.district_code
          LEFT JOIN rights_accepted f ON f.row_number = o.described_in
         ORDER BY o.row_number) AS first
 ORDER BY row_number;

-- @remint
-- a minted number that somebody already gave by hand is minted again
UPDATE rights_property r SET register_number = cadastre.mint_register_number(office_code)
 WHERE minted
   AND (EXISTS (SELECT FROM cadastre.property p WHERE p.register_number = r.register_number)
        OR EXISTS (SELECT FROM rights_property o WHERE o.register_number = r.register_number AND NOT o.minted))
RETURNING property_id;

-- @new_properties
INSERT INTO cadastre.property (property_id, register_number, object_kind, district_code, opened_on,
                               book_number, sheet_number, former_address, paper_series, paper_number, divisible,
                               total_area_m2, living_area_m2, auxiliary_area_m2, room_count, recorded_leaf, load_id)
SELECT property_id, register_number, object_kind, district_code, opened_on, book_number, sheet_number,
       former_address, paper_series, paper_number, divisible, total_area_m2, living_area_m2, auxiliary_area_m2,
       room_count, %(leaf_id)s, %(load_id)s
  FROM rights_property;

-- @new_objects
INSERT INTO cadastre.property_object (property_id, parcel_id, unit_id, valid_from, recorded_leaf, load_id)
SELECT DISTINCT r.property_id, o.parcel_id, o.unit_id, r.opened_on, %(leaf_id)s, %(load_id)s
  FROM rights_accepted a
  JOIN rights_property r USING (group_key)
  JOIN rights_object o USING (object_key);

-- @new_building_objects
-- land and the building on it are one object of the register (Law 713-IIQ)
INSERT INTO cadastre.property_object (property_id, building_id, valid_from, recorded_leaf, load_id)
SELECT DISTINCT r.property_id, b.building_id, r.opened_on, %(leaf_id)s::bigint, %(load_id)s::bigint
  FROM rights_accepted a
  JOIN rights_property r USING (group_key)
  JOIN rights_object o USING (object_key)
  JOIN cadastre.building_stands b ON b.parcel_id = o.parcel_id
 WHERE r.object_kind = ANY(%(with_building)s)
   AND NOT EXISTS (SELECT FROM cadastre.property_object held
                    WHERE held.building_id = b.building_id AND held.superseded_leaf IS NULL AND held.valid_to IS NULL);

-- @sources
-- one per property and document
CREATE TEMP TABLE rights_source ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('cadastre.administrative_source', 'source_id')) AS source_id, document.*
  FROM (SELECT DISTINCT group_key, basis_kind, basis_number, basis_date, basis_issuer
          FROM rights_accepted WHERE basis_kind IS NOT NULL) AS document;

-- @new_sources
INSERT INTO cadastre.administrative_source (source_id, kind, number, dated, issuer, recorded_leaf, load_id)
SELECT source_id, basis_kind, basis_number, basis_date, basis_issuer, %(leaf_id)s, %(load_id)s FROM rights_source;

-- @analyze
ANALYZE rights_accepted; ANALYZE rights_party; ANALYZE rights_property; ANALYZE rights_source;

-- @new_rights
INSERT INTO cadastre.property_right (property_id, kind, party_id, share_numerator, share_denominator, joint, scope,
                                     registration_number, registration_date, source_id, valid_from,
                                     valid_to, recorded_leaf, load_id)
SELECT r.property_id, a.right_kind, h.party_id, a.share_numerator, a.share_denominator, a.joint, a.right_scope,
       a.registration_number, a.registration_date, s.source_id, a.registration_date,
       CASE WHEN a.restriction_kind IS NULL THEN a.until END, %(leaf_id)s, %(load_id)s
  FROM rights_accepted a
  JOIN rights_property r USING (group_key)
  JOIN rights_party h ON h.identity = a.holder
  LEFT JOIN rights_source s ON s.group_key = a.group_key AND s.basis_kind = a.basis_kind
       AND s.basis_number IS NOT DISTINCT FROM a.basis_number AND s.basis_date IS NOT DISTINCT FROM a.basis_date
       AND s.basis_issuer IS NOT DISTINCT FROM a.basis_issuer
 WHERE a.opens_right
 ORDER BY a.row_number;

-- @new_restrictions
-- the basis of a row with a right is the right's, not the restriction's
INSERT INTO cadastre.restriction (property_id, kind, beneficiary_party_id, registration_number,
                                  registration_date, source_id, amount, currency, rank, until, scope, valid_from,
                                  recorded_leaf, load_id)
SELECT r.property_id, a.restriction_kind, b.party_id, a.registration_number, a.registration_date, s.source_id,
       a.amount, a.currency, a.rank, a.until, a.restriction_scope, a.registration_date, %(leaf_id)s, %(load_id)s
  FROM rights_accepted a
  JOIN rights_property r USING (group_key)
  LEFT JOIN rights_party b ON b.identity = a.beneficiary
  LEFT JOIN rights_source s ON a.right_kind IS NULL AND s.group_key = a.group_key AND s.basis_kind = a.basis_kind
       AND s.basis_number IS NOT DISTINCT FROM a.basis_number AND s.basis_date IS NOT DISTINCT FROM a.basis_date
       AND s.basis_issuer IS NOT DISTINCT FROM a.basis_issuer
 WHERE a.opens_restriction
 ORDER BY a.row_number;
