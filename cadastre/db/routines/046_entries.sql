-- What the commit of an entry is judged by. All of it is judged deferred, after the heads were UPDATEd,
-- so that the judge sees every rival that has committed, or this transaction is the one that loses.

-- Shares of one thing: neither is printed (joint, lease), or the first is no greater.
CREATE OR REPLACE FUNCTION registry.share_is_within(numerator bigint, denominator bigint, of_numerator bigint, of_denominator bigint)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN coalesce(numerator::numeric * of_denominator <= of_numerator::numeric * denominator,
                    num_nonnulls(numerator, of_numerator) = 0);
END $$;

-- A part lies within another, to a centimetre; no part is the whole.
CREATE OR REPLACE FUNCTION registry.part_is_within(part public.geometry, of_part public.geometry)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN of_part IS NULL
        OR part IS NOT NULL AND ST_SRID(part) = ST_SRID(of_part) AND ST_CoveredBy(part, ST_Buffer(of_part, 0.01));
END $$;

-- One party, also when the one record is a later name of the other, or stands for it.
CREATE OR REPLACE FUNCTION registry.is_same_party(one uuid, other uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF one IS NOT DISTINCT FROM other THEN
        RETURN true;
    END IF;
    RETURN coalesce(registry.resolve_party(one) = registry.resolve_party(other), false);
END $$;

-- Whether a new row only restates an earlier one that this transaction closed: same holder, same kind, same
-- terms, no greater share or part. Such a row is no disposal; nor is the ownership that a claim becomes.
CREATE OR REPLACE FUNCTION registry.restates_right(entry cadastre.property_right) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN coalesce((
        SELECT ledger.is_leaf_of_this_transaction(old.superseded_leaf)
               AND (old.becomes, old.joint) = (entry.kind, entry.joint)
               AND registry.is_same_party(old.party_id, entry.party_id)
               AND registry.share_is_within(entry.share_numerator, entry.share_denominator,
                                            old.share_numerator, old.share_denominator)
               AND registry.part_is_within(entry.part_geom, old.part_geom)
               AND (old.until, old.rent, old.rent_currency, old.rent_period, old.scope)
                   IS NOT DISTINCT FROM
                   (entry.until, entry.rent, entry.rent_currency, entry.rent_period, entry.scope)
          FROM (SELECT r.*, CASE WHEN r.kind = 'future_ownership' AND entry.kind = 'ownership' THEN entry.kind
                                 ELSE r.kind END AS becomes
                  FROM cadastre.property_right r) AS old WHERE old.right_id = entry.continues_right_id), false);
END $$;

CREATE OR REPLACE FUNCTION registry.restates_restriction(entry cadastre.restriction) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN coalesce((
        SELECT ledger.is_leaf_of_this_transaction(old.superseded_leaf)
               AND registry.part_is_within(entry.part_geom, old.part_geom)
               AND (old.kind, old.amount, old.currency, old.rank, old.interest_rate, old.until, old.scope)
                   IS NOT DISTINCT FROM
                   (entry.kind, entry.amount, entry.currency, entry.rank, entry.interest_rate, entry.until, entry.scope)
               AND registry.is_same_party(old.beneficiary_party_id, entry.beneficiary_party_id)
               AND registry.is_same_party(old.burdened_party_id, entry.burdened_party_id)
          FROM cadastre.restriction old WHERE old.restriction_id = entry.continues_restriction_id), false);
END $$;

-- The arrest or prohibition, standing when this transaction began, that is in the way of a new entry: also one
-- that this transaction closed, for to let it follow the arrested share to a buyer is no leave to sell.
-- One that burdens a single holder blocks only what takes from that holder, or burdens the whole and so him too.
DROP FUNCTION IF EXISTS registry.find_block(bigint, uuid);
CREATE OR REPLACE FUNCTION registry.find_block(checked_property bigint, burdened uuid, burdens_all boolean DEFAULT false)
RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT r.registration_number
          FROM cadastre.restriction r
         WHERE r.property_id = checked_property
           AND (r.superseded_leaf IS NULL OR ledger.is_leaf_of_this_transaction(r.superseded_leaf))
           AND (r.valid_to IS NULL OR r.valid_to > ledger.today())
           AND EXISTS (SELECT FROM registry.restriction_kind k WHERE k.code = r.kind AND k.blocks_disposal
                          AND k.valid_from <= ledger.today() AND (k.valid_to IS NULL OR k.valid_to > ledger.today()))
           AND NOT ledger.is_leaf_of_this_transaction(r.recorded_leaf)
           AND (r.burdened_party_id IS NULL OR burdens_all OR r.burdened_party_id = burdened
                OR EXISTS (SELECT FROM cadastre.property_right o
                            WHERE o.property_id = checked_property AND o.party_id = r.burdened_party_id
                              AND o.superseded_leaf IS NOT NULL AND ledger.is_leaf_of_this_transaction(o.superseded_leaf)
                              AND NOT EXISTS (SELECT FROM cadastre.property_right n
                                               WHERE n.continues_right_id = o.right_id AND n.superseded_leaf IS NULL
                                                 AND n.valid_to IS NULL AND n.party_id = o.party_id AND n.joint = o.joint
                                                 AND registry.share_is_within(o.share_numerator, o.share_denominator,
                                                                              n.share_numerator, n.share_denominator))))
         ORDER BY r.restriction_id LIMIT 1);
END $$;

-- Whether a case about this property is registered in this very transaction.
CREATE OR REPLACE FUNCTION registry.is_decided_now(decided_case uuid, about_property bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM registry.case_step t JOIN registry.case_property p USING (case_id)
                    WHERE t.case_id = decided_case AND t.kind = 'register' AND p.property_id = about_property
                      AND ledger.is_leaf_of_this_transaction(t.recorded_leaf));
END $$;

-- restates: the row is no disposal. Everything else needs a free property, unless its service overrides.
DROP FUNCTION IF EXISTS registry.judge_entry(bigint, uuid, boolean, boolean, uuid, boolean);
CREATE OR REPLACE FUNCTION registry.judge_entry(
    checked_property bigint, entry_case uuid, restates boolean, stands boolean, burdened uuid, burdens_all boolean,
    imposed boolean)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    overrides boolean := false;
    block text;
BEGIN
    IF stands AND EXISTS (SELECT FROM cadastre.property_closure
                           WHERE property_id = checked_property AND superseded_leaf IS NULL) THEN
        RAISE EXCEPTION 'The section of this property is closed.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_property_open';
    END IF;
    IF entry_case IS NOT NULL THEN
        IF NOT registry.is_decided_now(entry_case, checked_property) THEN
            RAISE EXCEPTION 'The entry rests on no case about this property that is registered here and now.'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_entry_decided_case';
        END IF;
        SELECT s.overrides_block INTO overrides
          FROM registry.case_file f
          JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
         WHERE f.case_id = entry_case;
    END IF;
    IF restates OR overrides OR imposed THEN
        RETURN;
    END IF;
    block := registry.find_block(checked_property, burdened, burdens_all);
    IF block IS NOT NULL THEN
        RAISE EXCEPTION 'An arrest or prohibition (registration number %) stands on the property.', block
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_entry_blocked', DETAIL = block;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION registry.tg_property_right_judge() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.judge_entry(NEW.property_id, NEW.case_id, registry.restates_right(NEW), NEW.valid_to IS NULL,
                                 NULL, NEW.kind NOT IN ('ownership', 'future_ownership'), false);
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_property_right_judge ON cadastre.property_right;
CREATE CONSTRAINT TRIGGER tg_property_right_judge AFTER INSERT ON cadastre.property_right DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.load_id IS NULL) EXECUTE FUNCTION registry.tg_property_right_judge();

-- A mortgage, servitude or the like is a disposal; what an authority imposes (arrest upon arrest) is not.
CREATE OR REPLACE FUNCTION registry.tg_restriction_judge() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.judge_entry(NEW.property_id, NEW.case_id, registry.restates_restriction(NEW), NEW.valid_to IS NULL,
        NEW.burdened_party_id, NEW.burdened_party_id IS NULL,
        EXISTS (SELECT FROM registry.restriction_kind k WHERE k.code = NEW.kind AND k.by_authority
                   AND k.valid_from <= ledger.today() AND (k.valid_to IS NULL OR k.valid_to > ledger.today())));
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_restriction_judge ON cadastre.restriction;
CREATE CONSTRAINT TRIGGER tg_restriction_judge AFTER INSERT ON cadastre.restriction DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.load_id IS NULL) EXECUTE FUNCTION registry.tg_restriction_judge();

-- What blocks disposal is lifted only by a case that may lift it, registered here and now; else it is carried on.
CREATE OR REPLACE FUNCTION registry.tg_restriction_release() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM registry.restriction_kind k WHERE k.code = NEW.kind AND k.blocks_disposal
                      AND k.valid_from <= ledger.today() AND (k.valid_to IS NULL OR k.valid_to > ledger.today()))
       OR NEW.valid_to IS NOT NULL AND NEW.valid_to <= ledger.today() THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM cadastre.restriction n
                    WHERE n.continues_restriction_id = NEW.restriction_id AND n.kind = NEW.kind
                      AND n.superseded_leaf IS NULL AND n.valid_to IS NULL)
       -- one block on several properties that merge is carried into their successor once
       AND NOT EXISTS (SELECT FROM cadastre.property_lineage l
                         JOIN cadastre.restriction n ON n.property_id = l.to_property_id
                        WHERE l.from_property_id = NEW.property_id AND n.kind = NEW.kind
                          AND n.registration_number = NEW.registration_number
                          AND n.superseded_leaf IS NULL AND n.valid_to IS NULL
                          AND ledger.is_leaf_of_this_transaction(n.recorded_leaf))
       AND NOT EXISTS (SELECT FROM registry.case_property p
                         JOIN registry.case_file f USING (case_id)
                         JOIN registry.case_step t USING (case_id)
                         JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
                        WHERE p.property_id = NEW.property_id AND s.overrides_block AND t.kind = 'register'
                          AND ledger.is_leaf_of_this_transaction(t.recorded_leaf)) THEN
        RAISE EXCEPTION 'The arrest or prohibition is lifted by no case that may lift it.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_restriction_release';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_restriction_release ON cadastre.restriction;
CREATE CONSTRAINT TRIGGER tg_restriction_release AFTER UPDATE ON cadastre.restriction DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION registry.tg_restriction_release();

-- A section is closed, on a case decided now, only when nothing stands in it.
CREATE OR REPLACE FUNCTION registry.tg_property_closure_empty() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM cadastre.property_right WHERE property_id = NEW.property_id
                  AND superseded_leaf IS NULL AND valid_to IS NULL)
       OR EXISTS (SELECT FROM cadastre.restriction WHERE property_id = NEW.property_id
                  AND superseded_leaf IS NULL AND valid_to IS NULL)
       OR EXISTS (SELECT FROM cadastre.property_object WHERE property_id = NEW.property_id
                  AND superseded_leaf IS NULL AND valid_to IS NULL) THEN
        RAISE EXCEPTION 'Rights, restrictions or objects still stand in the section.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_property_closure_empty';
    END IF;
    IF NOT registry.is_decided_now(NEW.case_id, NEW.property_id) THEN
        RAISE EXCEPTION 'The closing rests on no case about this property that is registered here and now.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_entry_decided_case';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_property_closure_empty ON cadastre.property_closure;
CREATE CONSTRAINT TRIGGER tg_property_closure_empty AFTER INSERT ON cadastre.property_closure
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registry.tg_property_closure_empty();

-- A section comes of another by a case decided now, and is opened with it.
CREATE OR REPLACE FUNCTION registry.tg_property_lineage_now() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT registry.is_decided_now(NEW.case_id, NEW.from_property_id)
       OR NOT EXISTS (SELECT FROM cadastre.property p WHERE p.property_id = NEW.to_property_id
                         AND ledger.is_leaf_of_this_transaction(p.recorded_leaf)) THEN
        RAISE EXCEPTION 'Lineage is written by the transaction that decides the case and opens the new section.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_property_lineage_now';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_property_lineage_now ON cadastre.property_lineage;
CREATE CONSTRAINT TRIGGER tg_property_lineage_now AFTER INSERT ON cadastre.property_lineage
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registry.tg_property_lineage_now();

-- Division, merger, boundary change and partial transfer move area, they neither make nor lose any.
CREATE OR REPLACE FUNCTION registry.tg_parcel_lineage_balance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before numeric;
    after numeric;
    allowed numeric;
BEGIN
    IF NOT EXISTS (SELECT FROM cadastre.parcel_version v WHERE v.version_id = NEW.from_version_id
                      AND ledger.is_leaf_of_this_transaction(v.superseded_leaf))
       OR NOT EXISTS (SELECT FROM cadastre.parcel_version v WHERE v.version_id = NEW.to_version_id
                         AND ledger.is_leaf_of_this_transaction(v.recorded_leaf))
       OR NOT EXISTS (SELECT FROM registry.case_step t WHERE t.case_id = NEW.case_id AND t.kind = 'register'
                         AND ledger.is_leaf_of_this_transaction(t.recorded_leaf)) THEN
        RAISE EXCEPTION 'Lineage is written by the transaction that decides the case, closes the old and opens the new version.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_parcel_lineage_now';
    END IF;
    IF NEW.manner = 'correction' THEN
        RETURN NULL;
    END IF;
    SELECT sum(coalesce(v.surveyed_area_m2, v.documentary_area_m2)) INTO before
      FROM cadastre.parcel_version v
     WHERE v.version_id IN (SELECT from_version_id FROM cadastre.parcel_lineage WHERE case_id = NEW.case_id);
    SELECT sum(coalesce(v.surveyed_area_m2, v.documentary_area_m2)) INTO after
      FROM cadastre.parcel_version v
     WHERE v.version_id IN (SELECT to_version_id FROM cadastre.parcel_lineage WHERE case_id = NEW.case_id);
    allowed := greatest(before * cadastre.tolerance_at('area_lineage_relative')::numeric,
                        cadastre.tolerance_at('area_lineage_floor_m2')::numeric);
    IF allowed IS NULL OR before IS NULL OR after IS NULL OR abs(after - before) > allowed THEN
        RAISE EXCEPTION 'The areas before (% m2) and after (% m2) differ by more than % m2.', before, after, allowed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_parcel_lineage_area_balance';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_parcel_lineage_balance ON cadastre.parcel_lineage;
CREATE CONSTRAINT TRIGGER tg_parcel_lineage_balance AFTER INSERT ON cadastre.parcel_lineage
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registry.tg_parcel_lineage_balance();
