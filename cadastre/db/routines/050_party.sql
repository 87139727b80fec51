-- Personal data opens only to a transaction that has written down that it looks; whoever handles a case, or
-- decides one, has written that he does.

CREATE OR REPLACE FUNCTION party.access_is_logged() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM ledger.leaf
         WHERE ledger_index IS NULL AND xid = pg_current_xact_id_if_assigned()
           AND (kind LIKE 'access.%' OR kind LIKE 'case.%' OR kind LIKE 'register.%'
                OR kind IN ('extract.requested', 'load.rights')));
END $$;

ALTER TABLE party.party ENABLE ROW LEVEL SECURITY;
ALTER TABLE party.party FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS pl_party_read_when_logged ON party.party;
CREATE POLICY pl_party_read_when_logged ON party.party FOR SELECT USING ((SELECT party.access_is_logged()));
DROP POLICY IF EXISTS pl_party_insert ON party.party;
CREATE POLICY pl_party_insert ON party.party FOR INSERT WITH CHECK (true);
