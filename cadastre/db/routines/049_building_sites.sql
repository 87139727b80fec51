-- On which parcel a building stands is told by whoever changes the land: the decision of a case, and nobody else.

CREATE OR REPLACE TRIGGER tg_building_site_recorded_now AFTER INSERT ON cadastre.building_site
    FOR EACH ROW EXECUTE FUNCTION ledger.tg_recorded_now();

CREATE OR REPLACE FUNCTION registry.tg_building_site_decided() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM registry.case_step t WHERE t.case_id = NEW.case_id AND t.kind = 'register'
                      AND ledger.is_leaf_of_this_transaction(t.recorded_leaf)) THEN
        RAISE EXCEPTION 'Where a building stands is written by the transaction that decides the case of its land.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_building_site_decided';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_building_site_decided ON cadastre.building_site;
CREATE CONSTRAINT TRIGGER tg_building_site_decided AFTER INSERT ON cadastre.building_site
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registry.tg_building_site_decided();

-- On which parcel each building stands now, in the two parts that can each be sought by an index.
CREATE OR REPLACE VIEW cadastre.building_stands AS
SELECT b.building_id, b.parcel_id
  FROM cadastre.building b
 WHERE b.superseded_leaf IS NULL AND b.valid_to IS NULL
   AND NOT EXISTS (SELECT FROM cadastre.building_site s
                    WHERE s.building_id = b.building_id AND s.superseded_leaf IS NULL AND s.valid_to IS NULL)
 UNION ALL
SELECT s.building_id, s.parcel_id
  FROM cadastre.building_site s
 WHERE s.superseded_leaf IS NULL AND s.valid_to IS NULL;

-- What a search of the past goes by: doors and units that are no more. A load, which enters current ones, keeps
-- nothing in order here.
CREATE INDEX IF NOT EXISTS ix_entrance_past_street ON address.entrance (street_id)
    WHERE superseded_leaf IS NOT NULL OR valid_to IS NOT NULL;
CREATE INDEX IF NOT EXISTS ix_building_unit_past ON cadastre.building_unit (building_id)
    WHERE superseded_leaf IS NOT NULL;
