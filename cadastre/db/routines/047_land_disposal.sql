-- Ground that passes to another property of other holders is disposed of, though no right changes: nothing of a
-- property under arrest or prohibition goes that way. The heads of all properties of the case are held, so that
-- an arrest that came first is seen.

CREATE OR REPLACE FUNCTION registry.property_of_version(version bigint) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT o.property_id
      FROM cadastre.parcel_version v
      JOIN cadastre.property_object o ON o.parcel_id = v.parcel_id AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
     WHERE v.version_id = version
$$;

CREATE OR REPLACE FUNCTION registry.is_held_alike(one bigint, other bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH held AS (
        SELECT r.property_id, r.kind, r.party_id, r.joint,
               r.share_numerator / gcd(r.share_numerator, r.share_denominator) AS numerator,
               r.share_denominator / gcd(r.share_numerator, r.share_denominator) AS denominator
          FROM cadastre.property_right r
         WHERE r.property_id IN (one, other) AND r.kind IN ('ownership', 'future_ownership')
           AND r.superseded_leaf IS NULL AND r.valid_to IS NULL)
    SELECT NOT EXISTS (
        SELECT FROM (SELECT kind, party_id, joint, numerator, denominator, count(*) AS times
                       FROM held GROUP BY kind, party_id, joint, numerator, denominator) AS holders
         WHERE times <> 2)
$$;

-- What stood when this transaction began: a block that it carries along with the ground is one of them.
CREATE OR REPLACE FUNCTION registry.tg_parcel_lineage_disposal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    giver bigint := registry.property_of_version(NEW.from_version_id);
    taker bigint := registry.property_of_version(NEW.to_version_id);
    block text;
BEGIN
    IF giver IS NULL OR giver = taker OR registry.is_held_alike(giver, taker)
       OR EXISTS (SELECT FROM registry.case_file f
                    JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
                   WHERE f.case_id = NEW.case_id AND s.overrides_block
                     AND registry.is_decided_now(NEW.case_id, giver)) THEN
        RETURN NULL;
    END IF;
    SELECT r.registration_number INTO block
      FROM cadastre.restriction r
     WHERE r.property_id = giver AND NOT ledger.is_leaf_of_this_transaction(r.recorded_leaf)
       AND (r.superseded_leaf IS NULL OR ledger.is_leaf_of_this_transaction(r.superseded_leaf))
       AND (r.valid_to IS NULL OR r.valid_to > ledger.today())
       AND EXISTS (SELECT FROM registry.restriction_kind k WHERE k.code = r.kind AND k.blocks_disposal
                      AND k.valid_from <= ledger.today() AND (k.valid_to IS NULL OR k.valid_to > ledger.today()))
     ORDER BY r.restriction_id LIMIT 1;
    IF block IS NOT NULL THEN
        RAISE EXCEPTION 'An arrest or prohibition (registration number %) stands on the property that gives ground.', block
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_entry_blocked', DETAIL = block;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_parcel_lineage_disposal ON cadastre.parcel_lineage;
CREATE CONSTRAINT TRIGGER tg_parcel_lineage_disposal AFTER INSERT ON cadastre.parcel_lineage
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.manner IN ('boundary_change', 'partial_transfer'))
    EXECUTE FUNCTION registry.tg_parcel_lineage_disposal();

-- What is blocked merges only with what stands under the same act: by itself it was blocked as a whole, and the act
-- names no part of anything else.
CREATE OR REPLACE FUNCTION registry.tg_property_lineage_merger() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    block text;
BEGIN
    IF EXISTS (SELECT FROM registry.case_file f
                 JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
                WHERE f.case_id = NEW.case_id AND s.overrides_block
                  AND registry.is_decided_now(NEW.case_id, NEW.from_property_id)) THEN
        RETURN NULL;
    END IF;
    SELECT r.registration_number INTO block
      FROM registry.list_blocks_before(NEW.from_property_id) AS r (registration_number)
     WHERE EXISTS (SELECT FROM cadastre.property_lineage l
                    WHERE l.to_property_id = NEW.to_property_id AND l.manner = 'merger'
                      AND r.registration_number NOT IN (
                          SELECT * FROM registry.list_blocks_before(l.from_property_id)))
     ORDER BY 1 LIMIT 1;
    IF block IS NOT NULL THEN
        RAISE EXCEPTION 'An arrest or prohibition (registration number %) stands on one of the properties that merge.', block
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_entry_blocked', DETAIL = block;
    END IF;
    RETURN NULL;
END $$;

-- Numbers of the arrests and prohibitions that stood on a property when this transaction began.
CREATE OR REPLACE FUNCTION registry.list_blocks_before(blocked_property bigint) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.registration_number
      FROM cadastre.restriction r
     WHERE r.property_id = blocked_property AND NOT ledger.is_leaf_of_this_transaction(r.recorded_leaf)
       AND (r.superseded_leaf IS NULL OR ledger.is_leaf_of_this_transaction(r.superseded_leaf))
       AND (r.valid_to IS NULL OR r.valid_to > ledger.today())
       AND EXISTS (SELECT FROM registry.restriction_kind k WHERE k.code = r.kind AND k.blocks_disposal
                      AND k.valid_from <= ledger.today() AND (k.valid_to IS NULL OR k.valid_to > ledger.today()))
$$;
REVOKE ALL ON FUNCTION registry.list_blocks_before(bigint) FROM PUBLIC;
DROP TRIGGER IF EXISTS tg_property_lineage_merger ON cadastre.property_lineage;
CREATE CONSTRAINT TRIGGER tg_property_lineage_merger AFTER INSERT ON cadastre.property_lineage
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.manner = 'merger')
    EXECUTE FUNCTION registry.tg_property_lineage_merger();
