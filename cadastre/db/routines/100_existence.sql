-- About whom a certificate of existence was issued, to whom and what for: asked before it is told again whether it
-- holds, and never by the public's role.
CREATE OR REPLACE FUNCTION evidence.find_asked_person(shown uuid)
RETURNS TABLE (requester text, purpose text, fin text, voen text, ledger_index bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.requester, r.purpose, k.fin, k.voen, e.ledger_index
      FROM evidence.extract e
      JOIN evidence.extract_request r USING (request_id)
      JOIN evidence.look k ON k.leaf_id = r.leaf_id
     WHERE e.extract_id = shown AND e.kind = 'existence' AND num_nonnulls(k.fin, k.voen) = 1
$$;
REVOKE ALL ON FUNCTION evidence.find_asked_person(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evidence.find_asked_person(uuid) TO cadastre_write;
