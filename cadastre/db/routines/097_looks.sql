-- A look is shown from its day of disclosure on, by a transaction that says it looks, and to no other.
ALTER TABLE evidence.look ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS pl_look_read_when_disclosed ON evidence.look;
CREATE POLICY pl_look_read_when_disclosed ON evidence.look FOR SELECT
    USING ((disclosed_from IS NULL OR disclosed_from <= (SELECT ledger.today()))
           AND (SELECT party.access_is_logged()));
DROP POLICY IF EXISTS pl_look_insert ON evidence.look;
CREATE POLICY pl_look_insert ON evidence.look FOR INSERT WITH CHECK (true);

-- Size of the newest head that was signed, and cosigned where any head ever was, before the term of looks (tolerance
-- access_salt_days, dated) began, with a day to spare: witnesses' clocks show auditors that the term is over.
CREATE INDEX IF NOT EXISTS ix_checkpoint_signed_at ON ledger.checkpoint (signed_at);
CREATE OR REPLACE FUNCTION ledger.term_head() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT c.tree_size FROM ledger.checkpoint c
             WHERE c.signed_at <= now() - make_interval(days => cadastre.tolerance_at('access_salt_days')::integer + 1)
               AND (EXISTS (SELECT FROM ledger.cosignature s WHERE s.tree_size = c.tree_size)
                    OR NOT EXISTS (SELECT FROM ledger.cosignature))
             ORDER BY c.signed_at DESC, c.tree_size DESC LIMIT 1);
END $$;

-- The salt of a look's leaf goes when its term is over, and nothing else with it. Its entry says for ever that it may
-- (022, 099): one of an earlier version does not, and keeps its salt if it bound rows.
CREATE OR REPLACE FUNCTION ledger.is_past_term(of_leaf ledger.leaf, term_head bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN of_leaf.kind LIKE 'access.%' AND of_leaf.ledger_index < coalesce(term_head, 0)
       AND EXISTS (SELECT FROM ledger.entry e WHERE e.ledger_index = of_leaf.ledger_index AND e.leaf_id = of_leaf.leaf_id
                      AND (get_bit(e.rows, 28 * 8 + 7) = 1 OR substr(e.rows, 29) = '\x00000000'));
END $$;
CREATE OR REPLACE FUNCTION ledger.tg_salt_dropped() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) - 'salt' <> to_jsonb(OLD) - 'salt' OR ledger.is_past_term(OLD, ledger.term_head()) IS NOT TRUE THEN
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
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    beyond bigint := ledger.term_head();
    dropped integer;
BEGIN
    UPDATE ledger.leaf SET salt = NULL
     WHERE leaf_id IN (SELECT l.leaf_id FROM ledger.leaf l
                        WHERE l.kind LIKE 'access.%' AND l.salt IS NOT NULL AND l.ledger_index < beyond
                          AND ledger.is_past_term(l, beyond)
                        ORDER BY l.ledger_index LIMIT at_most);
    GET DIAGNOSTICS dropped = ROW_COUNT;
    RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION ledger.drop_access_salts(integer), ledger.tg_salt_dropped(), ledger.term_head(),
    ledger.is_past_term(ledger.leaf, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.term_head() TO cadastre_read, cadastre_write;
