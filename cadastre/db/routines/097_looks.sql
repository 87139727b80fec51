-- A look is shown from its day of disclosure on, by a transaction that says it looks, and to no other.
ALTER TABLE evidence.look ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS pl_look_read_when_disclosed ON evidence.look;
CREATE POLICY pl_look_read_when_disclosed ON evidence.look FOR SELECT
    USING ((disclosed_from IS NULL OR disclosed_from <= (SELECT ledger.today()))
           AND (SELECT party.access_is_logged()));
DROP POLICY IF EXISTS pl_look_insert ON evidence.look;
CREATE POLICY pl_look_insert ON evidence.look FOR INSERT WITH CHECK (true);

-- The salt of a look's leaf goes when its term (tolerance access_salt_days, dated) is over, and nothing else with it.
CREATE OR REPLACE FUNCTION ledger.tg_salt_dropped() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.kind NOT LIKE 'access.%' OR to_jsonb(NEW) - 'salt' <> to_jsonb(OLD) - 'salt'
       OR OLD.recorded_time > now() - make_interval(days => cadastre.tolerance_at('access_salt_days')::integer) THEN
        RAISE EXCEPTION 'The salt of leaf % is kept.', OLD.leaf_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_close_only';
    END IF;
    RETURN NEW;
END $$;
DO $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER tg_leaf_close_only BEFORE UPDATE ON ledger.leaf
                    FOR EACH ROW WHEN (NOT (OLD.salt IS NOT NULL AND NEW.salt IS NULL) AND (%s))
                    EXECUTE FUNCTION ledger.tg_close_only(''ledger_index'', ''closing_number'')',
                   ledger.changes_more_than('ledger.leaf'::regclass, ARRAY['ledger_index', 'closing_number']));
END $$;
CREATE OR REPLACE TRIGGER tg_leaf_salt_dropped BEFORE UPDATE ON ledger.leaf
    FOR EACH ROW WHEN (OLD.salt IS NOT NULL AND NEW.salt IS NULL) EXECUTE FUNCTION ledger.tg_salt_dropped();

CREATE OR REPLACE FUNCTION ledger.drop_access_salts(at_most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH due AS (
        SELECT leaf_id FROM ledger.leaf
         WHERE kind LIKE 'access.%' AND salt IS NOT NULL AND ledger_index IS NOT NULL
           AND recorded_time <= now() - make_interval(days => cadastre.tolerance_at('access_salt_days')::integer)
         ORDER BY leaf_id LIMIT at_most), dropped AS (
        UPDATE ledger.leaf l SET salt = NULL FROM due WHERE l.leaf_id = due.leaf_id RETURNING 1)
    SELECT count(*)::integer FROM dropped
$$;
REVOKE ALL ON FUNCTION ledger.drop_access_salts(integer), ledger.tg_salt_dropped() FROM PUBLIC;
