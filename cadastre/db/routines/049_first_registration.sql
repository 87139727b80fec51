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
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT array_agg(object_kind || ':' || object_number) FROM registry.case_object WHERE case_id = of_case);
END $$;

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

-- ---------------------------------------------------------------- paper extracts

-- A paper is of one section, and is converted once, on a case that is registered here and now; when a court undoes
-- the conversion, the paper counts as before it.
CREATE OR REPLACE FUNCTION registry.tg_paper_extract_once() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before registry.paper_extract;
BEGIN
    PERFORM registry.enter_objects(ARRAY['paper:' || NEW.series || NEW.number]);
    SELECT * INTO before FROM registry.paper_extract
     WHERE (series, number) = (NEW.series, NEW.number) ORDER BY paper_id DESC LIMIT 1;
    IF before.superseded_leaf IS NOT NULL AND NOT ledger.is_leaf_of_this_transaction(before.superseded_leaf) THEN
        RETURN NEW;  -- a court undid what became of the paper
    END IF;
    IF before.state IN ('converted', 'void')
       AND NOT EXISTS (SELECT FROM registry.case_file f
                         JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
                        WHERE f.case_id = NEW.case_id AND s.operation = 'cancellation'
                          AND before.superseded_leaf IS NOT NULL) THEN
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

CREATE OR REPLACE FUNCTION registry.tg_paper_extract_left() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.enter_objects(ARRAY['paper:' || NEW.series || NEW.number]);
    PERFORM registry.require_decision(NEW.property_id, NEW.superseded_leaf, TG_TABLE_NAME);
    IF NEW.state <> 'in_use'
       AND NOT EXISTS (SELECT FROM registry.case_step t
                         JOIN registry.case_file f USING (case_id)
                         JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
                        WHERE t.recorded_leaf = NEW.superseded_leaf AND t.kind = 'register'
                          AND s.operation = 'cancellation') THEN
        RAISE EXCEPTION 'What became of a paper extract is undone by a cancellation only.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_paper_extract_once';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_paper_extract_left ON registry.paper_extract;
CREATE CONSTRAINT TRIGGER tg_paper_extract_left AFTER UPDATE ON registry.paper_extract DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION registry.tg_paper_extract_left();
