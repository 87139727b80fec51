-- The number under which a party without one goes on: that of the record to which it was renamed, as known at
-- an index. A function, though it is one question: few records have none, and a statement that asks of many
-- would begin it for each of them.
CREATE INDEX IF NOT EXISTS ix_party_link_from ON registry.party_link (from_party_id);
CREATE OR REPLACE FUNCTION registry.later_number(former uuid, wanted text, known_at bigint) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT CASE wanted WHEN 'fin' THEN p.fin WHEN 'voen' THEN p.voen END
              FROM registry.party_link l JOIN party.party p ON p.party_id = l.to_party_id
             WHERE l.from_party_id = former AND l.manner = 'renamed'
               AND ledger.is_known(l.recorded_leaf, l.superseded_leaf, later_number.known_at));
END $$;
