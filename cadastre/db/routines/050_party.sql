-- Personal data opens only to a transaction that has written down that it looks; whoever handles a case, or
-- decides one, has written that he does.

-- "IS NULL" would let the planner read every unnumbered entry by uq_leaf_ledger_index, in which there seem to be none.
CREATE INDEX IF NOT EXISTS ix_leaf_unnumbered ON ledger.leaf (xid) WHERE num_nonnulls(ledger_index) = 0;
DROP INDEX IF EXISTS ledger.ix_leaf_unsequenced;

CREATE OR REPLACE FUNCTION party.access_is_logged() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM ledger.leaf
         WHERE num_nonnulls(ledger_index) = 0 AND xid = pg_current_xact_id_if_assigned()
           AND (kind LIKE 'access.%' OR kind LIKE 'case.%' OR kind LIKE 'register.%'
                OR kind IN ('extract.requested', 'load.rights')));
END $$;

ALTER TABLE party.party ENABLE ROW LEVEL SECURITY;
ALTER TABLE party.party FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS pl_party_read_when_logged ON party.party;
CREATE POLICY pl_party_read_when_logged ON party.party FOR SELECT USING ((SELECT party.access_is_logged()));
DROP POLICY IF EXISTS pl_party_insert ON party.party;
CREATE POLICY pl_party_insert ON party.party FOR INSERT WITH CHECK (true);
