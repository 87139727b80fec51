-- What has no section yet: objects that are registered for the first time, claims to units of unfinished buildings,
-- paper extracts. Each has a row of the turnstile that every writer UPDATEs, as a property has its head (042).

-- Taken in order of the keys, after the heads of properties and before the journal.
CREATE OR REPLACE FUNCTION registry.enter_objects(keys text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO registry.turnstile AS t (key, passed)
    SELECT DISTINCT k, 1 FROM unnest(keys) AS k WHERE k ~ '^(parcel|building|unit|paper):' ORDER BY k
    ON CONFLICT (key) DO UPDATE SET passed = t.passed + 1;
END $$;

CREATE OR REPLACE FUNCTION registry.list_object_keys(of_case uuid) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(object_kind || ':' || object_number) FROM registry.case_object WHERE case_id = of_case
$$;

-- A case takes its place before an object when it is filed, and never later.
CREATE OR REPLACE FUNCTION registry.tg_case_object_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    filed record;
BEGIN
    PERFORM registry.enter_objects(ARRAY[NEW.object_kind || ':' || NEW.object_number]);
    SELECT f.journal_number, f.recorded_leaf INTO STRICT filed
      FROM registry.case_file f WHERE f.case_id = NEW.case_id;
    IF NOT ledger.is_leaf_of_this_transaction(filed.recorded_leaf) THEN
        RAISE EXCEPTION 'A case names its objects when it is filed.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_case_object_at_filing';
    END IF;
    NEW.place := filed.journal_number;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER tg_case_object_place BEFORE INSERT ON registry.case_object
    FOR EACH ROW EXECUTE FUNCTION registry.tg_case_object_place();

-- Nobody is registered while an earlier case about the same object waits. The rows of the turnstile are taken
-- first: at READ COMMITTED what is read then is fresh, at the levels above a stale snapshot is refused.
CREATE OR REPLACE FUNCTION registry.tg_case_step_object_turn() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    keys text[] := registry.list_object_keys(NEW.case_id);
    rival bigint;
BEGIN
    IF keys IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM registry.enter_objects(keys);
    SELECT min(other.place) INTO rival
      FROM registry.case_object mine
      JOIN registry.case_object other ON (other.object_kind, other.object_number) = (mine.object_kind, mine.object_number)
                                     AND other.place < mine.place
      JOIN registry.case_file f ON f.case_id = other.case_id AND f.closed_leaf IS NULL
     WHERE mine.case_id = NEW.case_id;
    IF rival IS NOT NULL THEN
        RAISE EXCEPTION 'An earlier case (journal number %) is not decided yet.', rival
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_case_out_of_turn', DETAIL = rival;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_case_step_object_turn ON registry.case_step;
CREATE CONSTRAINT TRIGGER tg_case_step_object_turn AFTER INSERT ON registry.case_step DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind = 'register') EXECUTE FUNCTION registry.tg_case_step_object_turn();

-- Whoever waits behind is told that the object has a section now: his case cannot be registered any more.
CREATE OR REPLACE FUNCTION registry.tg_case_step_object_tell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    other record;
BEGIN
    FOR other IN
        SELECT f.applicant_subject AS audience, f.case_id, waiting.object_kind, waiting.object_number, mine.place
          FROM registry.case_object mine
          JOIN registry.case_object waiting ON (waiting.object_kind, waiting.object_number)
                                               = (mine.object_kind, mine.object_number)
                                           AND waiting.case_id <> mine.case_id
          JOIN registry.case_file f ON f.case_id = waiting.case_id AND f.closed_leaf IS NULL
         WHERE mine.case_id = NEW.case_id
         ORDER BY waiting.place, waiting.object_kind, waiting.object_number
    LOOP
        PERFORM registry.tell('object.registered', other.audience, NULL, other.case_id,
            jsonb_build_object('case', other.case_id, 'object_kind', other.object_kind,
                               'object_number', other.object_number, 'journal_number', other.place),
            NEW.recorded_leaf);
    END LOOP;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tg_case_step_object_tell AFTER INSERT ON registry.case_step
    FOR EACH ROW WHEN (NEW.kind = 'register') EXECUTE FUNCTION registry.tg_case_step_object_tell();

-- A first registration (or a paper of which no section tells) puts into a section what its case named when it was filed, and nothing else.
CREATE OR REPLACE FUNCTION registry.tg_property_object_named() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM registry.case_property p
          JOIN registry.case_step t ON t.case_id = p.case_id AND t.kind = 'register'
          JOIN registry.case_file f ON f.case_id = p.case_id
          JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
         WHERE p.property_id = NEW.property_id AND s.operation IN ('first_registration', 'paper_conversion')
           AND ledger.is_leaf_of_this_transaction(t.recorded_leaf)
           AND NOT EXISTS (
               SELECT FROM registry.case_object o
                 LEFT JOIN cadastre.parcel k ON k.parcel_id = NEW.parcel_id
                 LEFT JOIN cadastre.building_unit u ON u.unit_id = NEW.unit_id
                 LEFT JOIN cadastre.building b ON b.building_id = coalesce(NEW.building_id, u.building_id)
                WHERE o.case_id = p.case_id
                  AND (o.object_kind, o.object_number) IN (('parcel', k.cadastral_number),
                      (CASE WHEN u.unit_id IS NULL THEN 'building' END, b.building_number),
                      ('unit', b.building_number || ' / ' || u.unit_number)))) THEN
        RAISE EXCEPTION 'The case did not name this object when it was filed.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_property_object_named';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_property_object_named ON cadastre.property_object;
CREATE CONSTRAINT TRIGGER tg_property_object_named AFTER INSERT ON cadastre.property_object DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.load_id IS NULL AND NEW.valid_to IS NULL) EXECUTE FUNCTION registry.tg_property_object_named();

-- ---------------------------------------------------------------- unfinished buildings

-- A building that was accepted does not become unfinished again, and one that was pulled down stays so.
CREATE OR REPLACE FUNCTION registry.tg_building_stage() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before text;
    stages CONSTANT text[] := ARRAY['planned', 'under_construction', 'completed', 'demolished'];
BEGIN
    PERFORM registry.enter_objects(ARRAY(SELECT 'building:' || building_number FROM cadastre.building
                                          WHERE building_id = NEW.building_id));
    SELECT stage INTO before FROM registry.building_stage
     WHERE building_id = NEW.building_id ORDER BY stage_id DESC LIMIT 1;
    IF array_position(stages, before) >= array_position(stages, NEW.stage) THEN
        RAISE EXCEPTION 'The building is % already.', before
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_building_stage_forward';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER tg_building_stage BEFORE INSERT ON registry.building_stage
    FOR EACH ROW EXECUTE FUNCTION registry.tg_building_stage();

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

-- ---------------------------------------------------------------- paper extracts

-- A paper is of one section, and is converted once, on a case that is registered here and now.
CREATE OR REPLACE FUNCTION registry.tg_paper_extract_once() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before registry.paper_extract;
BEGIN
    PERFORM registry.enter_objects(ARRAY['paper:' || NEW.series || NEW.number]);
    SELECT * INTO before FROM registry.paper_extract
     WHERE (series, number) = (NEW.series, NEW.number) ORDER BY paper_id DESC LIMIT 1;
    IF before.state IN ('converted', 'void') THEN
        RAISE EXCEPTION 'The paper extract is % already.', before.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_paper_extract_once';
    END IF;
    IF before.property_id <> NEW.property_id THEN
        RAISE EXCEPTION 'The paper extract is of another section.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_paper_extract_property';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER tg_paper_extract_once BEFORE INSERT ON registry.paper_extract
    FOR EACH ROW EXECUTE FUNCTION registry.tg_paper_extract_once();

CREATE OR REPLACE FUNCTION registry.tg_paper_extract_decided() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.case_id IS NULL OR NOT registry.is_decided_now(NEW.case_id, NEW.property_id) THEN
        RAISE EXCEPTION 'The conversion rests on no case about this property that is registered here and now.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_entry_decided_case';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_paper_extract_decided ON registry.paper_extract;
CREATE CONSTRAINT TRIGGER tg_paper_extract_decided AFTER INSERT ON registry.paper_extract DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.state <> 'in_use') EXECUTE FUNCTION registry.tg_paper_extract_decided();
