-- What tiles and surveys need beside the features: when anything changed, which units there
-- are, and which parcels carry a registered right. No person, no document.

DROP VIEW IF EXISTS publish.data_state, publish.unit, publish.parcel_with_right;

-- Names the state of the public data that a snapshot sees: the newest numbered leaf that may
-- have changed it, and how many such leaves have no number yet. Numbered leaves are final and
-- the others only grow in number until they are numbered, so equal names mean equal data.
-- Extracts, looks at personal data, cases on their way, priority notices and links of parties change nothing
-- public (what a case registers is a leaf register.*); units come into force by the day.
DROP INDEX IF EXISTS ledger.ix_leaf_register_change;
CREATE INDEX IF NOT EXISTS ix_leaf_public_change ON ledger.leaf (ledger_index)
    WHERE split_part(kind, '.', 1) NOT IN ('extract', 'access', 'case', 'priority', 'party');

CREATE VIEW publish.data_state AS
SELECT concat_ws('.', ledger.today(),
    coalesce((SELECT ledger_index FROM ledger.leaf
               WHERE split_part(kind, '.', 1) NOT IN ('extract', 'access', 'case', 'priority', 'party') AND ledger_index IS NOT NULL
               ORDER BY ledger_index DESC LIMIT 1), -1),
    (SELECT count(*) FROM ledger.leaf
      WHERE split_part(kind, '.', 1) NOT IN ('extract', 'access', 'case', 'priority', 'party') AND ledger_index IS NULL)) AS state;

CREATE VIEW publish.unit AS
SELECT code, name_az, name_en, name_ru, kind, parent_code, legal_srid
  FROM cadastre.district
 WHERE valid_from <= ledger.today() AND (valid_to IS NULL OR valid_to > ledger.today());

CREATE VIEW publish.parcel_with_right AS
SELECT DISTINCT o.parcel_id
  FROM cadastre.property_object o JOIN cadastre.property_right r USING (property_id)
 WHERE o.parcel_id IS NOT NULL
   AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
   AND r.superseded_leaf IS NULL AND (r.valid_to IS NULL OR r.valid_to > ledger.today());
