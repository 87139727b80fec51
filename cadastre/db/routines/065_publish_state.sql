-- What tiles and surveys need beside the features: when anything changed, which units there
-- are, and which parcels carry a registered right. No person, no document.

DROP VIEW IF EXISTS publish.data_state, publish.unit, publish.parcel_with_right;

-- Leaves visible to this snapshot. Nothing is deleted and everything that changes the
-- register writes a leaf, so the number grows with every commit and names the state.
CREATE VIEW publish.data_state AS
SELECT (SELECT tree_size FROM ledger.sequencer)
       + (SELECT count(*) FROM ledger.leaf WHERE ledger_index IS NULL) AS leaves;

CREATE VIEW publish.unit AS
SELECT code, name_az, name_en, name_ru, kind, parent_code, legal_srid
  FROM cadastre.district
 WHERE valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date);

CREATE VIEW publish.parcel_with_right AS
SELECT DISTINCT o.parcel_id
  FROM cadastre.property_object o JOIN cadastre.property_right r USING (property_id)
 WHERE o.parcel_id IS NOT NULL
   AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
   AND r.superseded_leaf IS NULL AND r.valid_to IS NULL;
