-- How far a building is, told by cases about it: its first claim, its acceptance, and a court that undoes one of them.

CREATE INDEX IF NOT EXISTS ix_building_stage_building ON registry.building_stage (building_id, stage_id);

-- A case is about a building when it names it or a unit of it, or is about a section that has or had one in it.
CREATE OR REPLACE FUNCTION registry.is_about_building(named_case uuid, building bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM registry.case_property c
                     JOIN cadastre.property_object o ON o.property_id = c.property_id
                     LEFT JOIN cadastre.building_unit u ON u.unit_id = o.unit_id
                    WHERE c.case_id = named_case AND coalesce(o.building_id, u.building_id) = building)
        OR EXISTS (SELECT FROM registry.case_object k
                     JOIN cadastre.building b ON b.building_id = building
                    WHERE k.case_id = named_case
                      AND CASE k.object_kind WHEN 'building' THEN k.object_number = b.building_number
                               WHEN 'unit' THEN starts_with(k.object_number, b.building_number || ' / ') END);
END $$;

-- The operation of a case about the building that this transaction registers; null when there is none. The leaf is
-- that of the row in question and of the deciding step.
CREATE OR REPLACE FUNCTION registry.operation_on_building(building bigint, leaf bigint) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT s.operation FROM registry.case_step t
              JOIN registry.case_file f USING (case_id)
              JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
             WHERE t.recorded_leaf = leaf AND t.kind = 'register' AND registry.is_about_building(t.case_id, building)
             LIMIT 1);
END $$;

-- Stages only go forward, and back only to what a cancellation restores. What was voided counts as never reached.
CREATE OR REPLACE FUNCTION registry.tg_building_stage() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before text;
    stages CONSTANT text[] := ARRAY['planned', 'under_construction', 'completed', 'demolished'];
BEGIN
    PERFORM registry.enter_objects(ARRAY(SELECT 'building:' || building_number FROM cadastre.building
                                          WHERE building_id = NEW.building_id));
    SELECT stage INTO before FROM registry.building_stage
     WHERE building_id = NEW.building_id
       AND (superseded_leaf IS NULL OR ledger.is_leaf_of_this_transaction(superseded_leaf))
     ORDER BY stage_id DESC LIMIT 1;
    IF array_position(stages, before) >= array_position(stages, NEW.stage)
       AND NOT EXISTS (SELECT FROM registry.case_file f
                         JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
                        WHERE f.case_id = NEW.case_id AND s.operation = 'cancellation') THEN
        RAISE EXCEPTION 'The building is % already.', before
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_building_stage_forward';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER tg_building_stage BEFORE INSERT ON registry.building_stage
    FOR EACH ROW EXECUTE FUNCTION registry.tg_building_stage();

-- A stage rests on a case about the building that is registered with it and on a document of that case; one that is
-- restored says what a former row said, and keeps its document.
CREATE OR REPLACE FUNCTION registry.tg_building_stage_decided() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    operation text := registry.operation_on_building(NEW.building_id, NEW.recorded_leaf);
    is_restored boolean := EXISTS (
        SELECT FROM registry.building_stage f
         WHERE f.building_id = NEW.building_id AND f.stage_id <> NEW.stage_id AND f.superseded_leaf IS NOT NULL
           AND (f.stage, f.valid_from) = (NEW.stage, NEW.valid_from)
           AND f.source_id IS NOT DISTINCT FROM NEW.source_id);
BEGIN
    IF operation IS NULL OR NEW.case_id IS NULL
       OR NOT EXISTS (SELECT FROM registry.case_step t WHERE t.case_id = NEW.case_id AND t.kind = 'register'
                         AND t.recorded_leaf = NEW.recorded_leaf)
       OR operation = 'cancellation' AND NOT is_restored THEN
        RAISE EXCEPTION 'No case about this building is registered here and now (building_stage).'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_entry_has_case';
    END IF;
    PERFORM registry.require_basis(NEW.source_id, NEW.case_id, NEW.source_id,
                                   operation = 'cancellation' AND is_restored);
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_building_stage_decided ON registry.building_stage;
CREATE CONSTRAINT TRIGGER tg_building_stage_decided AFTER INSERT ON registry.building_stage
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registry.tg_building_stage_decided();

-- A stage is left by a case too: for the next one, or by a cancellation, and never from under units that rest on it.
CREATE OR REPLACE FUNCTION registry.tg_building_stage_left() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    operation text := registry.operation_on_building(NEW.building_id, NEW.superseded_leaf);
    stands text;
BEGIN
    PERFORM registry.enter_objects(ARRAY(SELECT 'building:' || building_number FROM cadastre.building
                                          WHERE building_id = NEW.building_id));
    SELECT stage INTO stands FROM registry.building_stage
     WHERE building_id = NEW.building_id AND superseded_leaf IS NULL;
    IF operation IS NULL OR stands IS NULL AND operation <> 'cancellation' THEN
        RAISE EXCEPTION 'No case about this building is registered here and now (building_stage).'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_entry_has_case';
    END IF;
    IF operation = 'cancellation' AND EXISTS (
           SELECT FROM registry.list_held_in_building(NEW.building_id) AS h
            WHERE h.kind = CASE WHEN stands IS NULL THEN 'future_ownership'
                                WHEN stands IN ('planned', 'under_construction') THEN 'ownership' END) THEN
        RAISE EXCEPTION 'Units of the building rest on the stage that it has reached.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_building_stage_forward';
    END IF;
    RETURN NULL;
END $$;

-- Rights that stand on a building and on units of it.
CREATE OR REPLACE FUNCTION registry.list_held_in_building(building bigint)
RETURNS TABLE (kind text, right_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.kind, r.right_id
      FROM (SELECT property_id FROM cadastre.property_object
             WHERE building_id = building AND superseded_leaf IS NULL AND valid_to IS NULL
             UNION ALL
            SELECT o.property_id FROM cadastre.building_unit u
              JOIN cadastre.property_object o ON o.unit_id = u.unit_id
               AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
             WHERE u.building_id = building AND u.superseded_leaf IS NULL) AS held
      JOIN cadastre.property_right r USING (property_id)
     WHERE r.superseded_leaf IS NULL AND r.valid_to IS NULL
$$;
REVOKE ALL ON FUNCTION registry.list_held_in_building(bigint), registry.is_about_building(uuid, bigint),
    registry.operation_on_building(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION registry.list_held_in_building(bigint) TO cadastre_write;
DROP TRIGGER IF EXISTS tg_building_stage_left ON registry.building_stage;
CREATE CONSTRAINT TRIGGER tg_building_stage_left AFTER UPDATE ON registry.building_stage
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registry.tg_building_stage_left();

-- A section that opens with a claim is about what is not finished; whoever accepts the building meets it here.
CREATE OR REPLACE FUNCTION registry.tg_claim_unfinished() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    buildings bigint[];
BEGIN
    IF NOT EXISTS (SELECT FROM cadastre.property p WHERE p.property_id = NEW.property_id
                      AND ledger.is_leaf_of_this_transaction(p.recorded_leaf)) THEN
        RETURN NULL;
    END IF;
    buildings := ARRAY(SELECT coalesce(o.building_id, u.building_id)
                         FROM cadastre.property_object o LEFT JOIN cadastre.building_unit u USING (unit_id)
                        WHERE o.property_id = NEW.property_id AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
                          AND num_nonnulls(o.building_id, u.building_id) > 0);
    PERFORM registry.enter_objects(ARRAY(SELECT 'building:' || building_number FROM cadastre.building
                                          WHERE building_id = ANY (buildings)));
    IF EXISTS (SELECT FROM unnest(buildings) AS b (building_id)
                WHERE NOT EXISTS (SELECT FROM registry.building_stage s
                                   WHERE s.building_id = b.building_id AND s.superseded_leaf IS NULL
                                     AND s.stage IN ('planned', 'under_construction'))) THEN
        RAISE EXCEPTION 'The building is not one under construction.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_claim_unfinished';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_claim_unfinished ON cadastre.property_right;
CREATE CONSTRAINT TRIGGER tg_claim_unfinished AFTER INSERT ON cadastre.property_right DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind = 'future_ownership' AND NEW.load_id IS NULL AND NEW.valid_to IS NULL)
    EXECUTE FUNCTION registry.tg_claim_unfinished();
