-- The registration journal's one order, the steps of a case, priority notices.

DO $$
DECLARE
    t record;
    closable text;
BEGIN
    FOR t IN
        SELECT c.relname, c.oid,
               EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'superseded_leaf') AS closes,
               EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'recorded_leaf') AS recorded
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'r' AND n.nspname = 'registry'
           AND c.relname NOT IN ('property_head', 'turnstile', 'service', 'restriction_kind', 'case_transition',
                                 'subscription', 'delivery')
    LOOP
        closable := CASE
            WHEN t.relname = 'case_file' THEN '''closed_leaf'''
            WHEN t.relname = 'idempotency' THEN '''status'', ''response'', ''location'''
            WHEN t.closes THEN '''superseded_leaf''' ELSE '' END;
        EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_no_delete BEFORE DELETE ON registry.%I
                        FOR EACH ROW EXECUTE FUNCTION ledger.tg_append_only()', t.relname, t.relname);
        EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_no_truncate BEFORE TRUNCATE ON registry.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION ledger.tg_append_only()', t.relname, t.relname);
        EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_close_only BEFORE UPDATE ON registry.%I
                        FOR EACH ROW %s EXECUTE FUNCTION ledger.tg_close_only(%s)', t.relname, t.relname,
                       ledger.close_only_condition(t.oid, replace('{' || closable || '}', '''', '')::text[]), closable);
        IF t.closes THEN
            EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_superseded_now BEFORE UPDATE ON registry.%I
                            FOR EACH ROW EXECUTE FUNCTION ledger.tg_superseded_now()', t.relname, t.relname);
        END IF;
        IF t.recorded THEN
            EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_recorded_now AFTER INSERT ON registry.%I
                            FOR EACH ROW EXECUTE FUNCTION ledger.tg_recorded_now()', t.relname, t.relname);
        END IF;
    END LOOP;
    -- tables of this migration in schema cadastre that carry no load_id
    FOR t IN SELECT unnest(ARRAY['property_closure', 'property_lineage', 'parcel_lineage']) AS relname LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_recorded_now AFTER INSERT ON cadastre.%I
                        FOR EACH ROW EXECUTE FUNCTION ledger.tg_recorded_now()', t.relname, t.relname);
    END LOOP;
END $$;

-- A decision asks for the paper that its entries rest on; loaded ones rest on no case.
CREATE INDEX IF NOT EXISTS ix_administrative_source_case ON cadastre.administrative_source (case_id)
    WHERE case_id IS NOT NULL;

-- Number and time of arrival: given under the turnstile, which is held until commit. Services come here last.
CREATE OR REPLACE FUNCTION registry.tg_registration_journal_number() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE registry.turnstile SET passed = passed + 1 WHERE key = 'registration_journal' RETURNING passed INTO NEW.journal_number;
    NEW.received_at := greatest(clock_timestamp(),
        (SELECT received_at FROM registry.registration_journal WHERE journal_number = NEW.journal_number - 1));
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER tg_registration_journal_number BEFORE INSERT ON registry.registration_journal
    FOR EACH ROW EXECUTE FUNCTION registry.tg_registration_journal_number();

-- A case, and the first version of a notice, enter with the journal entry of their own transaction: nobody
-- takes a number that was drawn before.
CREATE OR REPLACE FUNCTION registry.require_journal_now(number bigint, of_kind text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM registry.registration_journal j WHERE j.journal_number = number AND j.kind = of_kind
                      AND ledger.is_leaf_of_this_transaction(j.recorded_leaf)) THEN
        RAISE EXCEPTION 'Journal number % is no % of this transaction.', number, of_kind
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_journal_now';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION registry.tg_case_file_journal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.require_journal_now(NEW.journal_number, 'application');
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tg_case_file_journal AFTER INSERT ON registry.case_file
    FOR EACH ROW EXECUTE FUNCTION registry.tg_case_file_journal();

-- A step follows the newest one by a permitted transition; whoever prepared does not decide.
CREATE OR REPLACE FUNCTION registry.tg_case_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last record;
    eyes boolean;
BEGIN
    SELECT s.step_number, s.state, s.at, t.to_state INTO last
      FROM (SELECT) AS one
      LEFT JOIN LATERAL (SELECT c.step_number, c.state, c.at FROM registry.case_step c
                          WHERE c.case_id = NEW.case_id ORDER BY c.step_number DESC LIMIT 1) AS s ON true
      LEFT JOIN registry.case_transition t ON t.kind = NEW.kind AND t.from_state = coalesce(s.state, 'none');
    IF NEW.step_number <> coalesce(last.step_number, 0) + 1 THEN
        RAISE EXCEPTION 'Step % does not follow step %.', NEW.step_number, coalesce(last.step_number, 0)
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_case_step_follows';
    END IF;
    IF last.to_state IS NULL THEN
        RAISE EXCEPTION 'A case in state % cannot be %.', coalesce(last.state, 'none'), NEW.kind
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_case_step_transition';
    END IF;
    NEW.state := last.to_state;
    NEW.at := greatest(clock_timestamp(), last.at);
    NEW.duration_s := extract(epoch FROM NEW.at - coalesce(last.at, NEW.at));
    IF NEW.kind IN ('register', 'refuse') THEN
        SELECT s.four_eyes INTO eyes FROM registry.case_file f
          JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
         WHERE f.case_id = NEW.case_id;
        IF eyes AND NEW.kind = 'register' AND last.state <> 'prepared' THEN
            RAISE EXCEPTION 'Nobody has prepared this case.'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_case_step_prepared';
        END IF;
        IF eyes AND EXISTS (SELECT FROM registry.case_step
                             WHERE case_id = NEW.case_id AND kind = 'prepare' AND actor = NEW.actor) THEN
            RAISE EXCEPTION 'Whoever prepared a case does not decide it.'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_case_step_four_eyes';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER tg_case_step BEFORE INSERT ON registry.case_step
    FOR EACH ROW EXECUTE FUNCTION registry.tg_case_step();

CREATE OR REPLACE FUNCTION registry.tg_case_step_done() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.hold_properties(
        ARRAY(SELECT property_id FROM registry.case_property WHERE case_id = NEW.case_id));
    UPDATE registry.case_file SET closed_leaf = NEW.recorded_leaf WHERE case_id = NEW.case_id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tg_case_step_done AFTER INSERT ON registry.case_step
    FOR EACH ROW WHEN (NEW.state IN ('registered', 'refused', 'withdrawn', 'returned')) EXECUTE FUNCTION registry.tg_case_step_done();

-- A case takes its place about a property: that of its journal number, or of the notice it rests on.
CREATE OR REPLACE FUNCTION registry.tg_case_property_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    filed record;
    notice registry.priority_notice;
BEGIN
    PERFORM registry.hold_properties(ARRAY[NEW.property_id]);
    IF NEW.version_seen IS NOT NULL AND NEW.version_seen <> registry.property_version(NEW.property_id) THEN
        RAISE EXCEPTION 'The property is at version %, not %.', registry.property_version(NEW.property_id), NEW.version_seen
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_case_property_version',
                  DETAIL = registry.property_version(NEW.property_id);
    END IF;
    SELECT f.journal_number, f.applicant_subject, f.recorded_leaf INTO STRICT filed
      FROM registry.case_file f WHERE f.case_id = NEW.case_id;
    -- a property added later would take a place that others have queued behind
    IF NOT ledger.is_leaf_of_this_transaction(filed.recorded_leaf)
       AND NOT EXISTS (SELECT FROM cadastre.property p WHERE p.property_id = NEW.property_id
                          AND ledger.is_leaf_of_this_transaction(p.recorded_leaf))
       -- a closed section need not be named; it joins when its closing is voided
       AND NOT EXISTS (SELECT FROM cadastre.property_closure c WHERE c.property_id = NEW.property_id
                          AND c.superseded_leaf IS NOT NULL
                          AND ledger.is_leaf_of_this_transaction(c.superseded_leaf)) THEN
        RAISE EXCEPTION 'A case names its properties when it is filed; only one that it opens joins it later.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_case_property_at_filing';
    END IF;
    NEW.place := filed.journal_number;
    IF NEW.notice_id IS NOT NULL THEN
        SELECT * INTO notice FROM registry.priority_notice
         WHERE notice_id = NEW.notice_id AND superseded_leaf IS NULL;
        IF NOT FOUND OR notice.state <> 'held' OR notice.expires_at <= clock_timestamp()
           OR notice.property_id <> NEW.property_id OR notice.holder_subject <> filed.applicant_subject THEN
            RAISE EXCEPTION 'The priority notice is not in force for this property and applicant.'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_case_property_notice';
        END IF;
        NEW.place := notice.journal_number;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER tg_case_property_place BEFORE INSERT ON registry.case_property
    FOR EACH ROW EXECUTE FUNCTION registry.tg_case_property_place();

-- Judged at commit, when the heads are held: nobody registers out of turn. Acts of authority wait for nobody.
CREATE OR REPLACE FUNCTION registry.tg_case_step_turn() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rival bigint;
BEGIN
    IF (SELECT s.by_authority FROM registry.case_file f
          JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
         WHERE f.case_id = NEW.case_id) THEN
        RETURN NULL;
    END IF;
    SELECT min(other.place) INTO rival
      FROM registry.case_property mine
      JOIN registry.case_property other ON other.property_id = mine.property_id AND other.place < mine.place
      JOIN registry.case_file f ON f.case_id = other.case_id AND f.closed_leaf IS NULL
     WHERE mine.case_id = NEW.case_id AND other.case_id <> NEW.case_id;
    IF rival IS NOT NULL THEN
        RAISE EXCEPTION 'An earlier case (journal number %) is not decided yet.', rival
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_case_out_of_turn', DETAIL = rival;
    END IF;
    SELECT min(n.journal_number) INTO rival
      FROM registry.case_property mine
      JOIN registry.priority_notice n ON n.property_id = mine.property_id AND n.journal_number < mine.place
     WHERE mine.case_id = NEW.case_id AND n.notice_id IS DISTINCT FROM mine.notice_id
       AND n.superseded_leaf IS NULL AND n.state = 'held' AND n.expires_at > clock_timestamp();
    IF rival IS NOT NULL THEN
        RAISE EXCEPTION 'Somebody else holds the priority (journal number %).', rival
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_case_priority_taken', DETAIL = rival;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_case_step_turn ON registry.case_step;
CREATE CONSTRAINT TRIGGER tg_case_step_turn AFTER INSERT ON registry.case_step DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind = 'register') EXECUTE FUNCTION registry.tg_case_step_turn();

-- Queue number and times of a notice; a later version only renews or ends it.
CREATE OR REPLACE FUNCTION registry.tg_priority_notice() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    previous registry.priority_notice;
    moment timestamptz;
BEGIN
    PERFORM registry.touch_properties(ARRAY[NEW.property_id], false);
    moment := clock_timestamp();
    SELECT * INTO previous FROM registry.priority_notice
     WHERE notice_id = NEW.notice_id ORDER BY version_id DESC LIMIT 1;
    IF NOT FOUND THEN
        IF NEW.state <> 'held' THEN
            RAISE EXCEPTION 'A priority notice begins by being held.'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_priority_notice_begins_held';
        END IF;
        PERFORM registry.require_journal_now(NEW.journal_number, 'priority_notice');
        SELECT coalesce(max(queue_number), 0) + 1 INTO NEW.queue_number
          FROM registry.priority_notice WHERE property_id = NEW.property_id;
        NEW.taken_at := moment;
        NEW.renewals := 0;
        NEW.expires_at := moment + NEW.term;
        RETURN NEW;
    END IF;
    IF previous.superseded_leaf IS NULL OR NOT ledger.is_leaf_of_this_transaction(previous.superseded_leaf)
       OR previous.state <> 'held' OR previous.expires_at <= moment
       OR (previous.property_id, previous.holder_subject, previous.journal_number)
          <> (NEW.property_id, NEW.holder_subject, NEW.journal_number) THEN
        RAISE EXCEPTION 'The priority notice has ended, or is another''s.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_priority_notice_in_force';
    END IF;
    NEW.queue_number := previous.queue_number;
    NEW.taken_at := previous.taken_at;
    NEW.renewals := previous.renewals + (NEW.state = 'held')::integer;
    NEW.expires_at := CASE WHEN NEW.state = 'held' THEN moment + NEW.term ELSE previous.expires_at END;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER tg_priority_notice BEFORE INSERT ON registry.priority_notice
    FOR EACH ROW EXECUTE FUNCTION registry.tg_priority_notice();

CREATE OR REPLACE FUNCTION registry.priority_holder(checked_property bigint, moment timestamptz) RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT notice_id FROM registry.priority_notice
     WHERE property_id = checked_property AND superseded_leaf IS NULL AND state = 'held' AND expires_at > moment
     ORDER BY queue_number LIMIT 1
$$;

CREATE OR REPLACE FUNCTION registry.mint_registration_number(office text) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    minted text;
BEGIN
    LOOP
        minted := office || to_char(ledger.today(), 'YY')
            || lpad((nextval('registry.registration_serial') % 1000000)::text, 6, '0');
        EXIT WHEN NOT EXISTS (SELECT FROM registry.registration WHERE registration_number = minted);
    END LOOP;
    RETURN minted;
END $$;

-- Two party records are never each other's: links are rare, one at a time.
CREATE OR REPLACE FUNCTION registry.tg_party_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO registry.turnstile AS t (key, passed) VALUES ('party_links', 1)
    ON CONFLICT (key) DO UPDATE SET passed = t.passed + 1;
    IF EXISTS (WITH RECURSIVE up AS (
                   SELECT NEW.to_party_id AS party_id
                   UNION
                   SELECT l.to_party_id FROM up JOIN registry.party_link l ON l.from_party_id = up.party_id
                    WHERE l.superseded_leaf IS NULL)
               SELECT FROM up WHERE party_id = NEW.from_party_id) THEN
        RAISE EXCEPTION 'The party already stands for this one.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_party_link_no_cycle';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER tg_party_link BEFORE INSERT ON registry.party_link
    FOR EACH ROW EXECUTE FUNCTION registry.tg_party_link();

-- The record that a party record stands for today; most stand for themselves.
CREATE OR REPLACE FUNCTION registry.resolve_party(asked uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stands uuid := asked;
    above uuid;
BEGIN
    LOOP
        SELECT l.to_party_id INTO above FROM registry.party_link l
         WHERE l.from_party_id = stands AND l.superseded_leaf IS NULL AND l.manner IN ('same', 'renamed');
        IF NOT FOUND THEN
            RETURN stands;
        END IF;
        stands := above;
    END LOOP;
END $$;
