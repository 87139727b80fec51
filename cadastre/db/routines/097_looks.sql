-- A look is shown from its day of disclosure on, by a transaction that says it looks, and to no other.
ALTER TABLE evidence.look ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS pl_look_read_when_disclosed ON evidence.look;
CREATE POLICY pl_look_read_when_disclosed ON evidence.look FOR SELECT
    USING ((disclosed_from IS NULL OR disclosed_from <= (SELECT ledger.today()))
           AND (SELECT party.access_is_logged()));
DROP POLICY IF EXISTS pl_look_insert ON evidence.look;
CREATE POLICY pl_look_insert ON evidence.look FOR INSERT WITH CHECK (true);
