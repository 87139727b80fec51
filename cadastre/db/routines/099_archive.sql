-- Archive copies hold what the extracts hold, and open like them: to a transaction that has written down its look.
ALTER TABLE evidence.extract_archive ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS pl_extract_archive_read_when_logged ON evidence.extract_archive;
CREATE POLICY pl_extract_archive_read_when_logged ON evidence.extract_archive FOR SELECT
    USING ((SELECT party.access_is_logged()));

-- The archive copy follows the seal, under a leaf that names its digest; false when somebody else made it first.
CREATE OR REPLACE FUNCTION evidence.attach_archive(archived uuid, copy bytea, at timestamptz)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- RFC 8785: keys in order, no spaces
    payload text := format('{"extract_id":"%s","pdf_sha256":"%s"}', archived, encode(sha256(copy), 'hex'));
    salt bytea := public.gen_random_bytes(16);
    leaf bigint;
BEGIN
    PERFORM FROM evidence.extract WHERE extract_id = archived AND signed_leaf IS NOT NULL FOR NO KEY UPDATE;
    IF NOT FOUND OR EXISTS (SELECT FROM evidence.extract_archive WHERE extract_id = archived) THEN
        RETURN false;
    END IF;
    INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
    VALUES ('extract.archived', 'signer', payload, salt, sha256('\x00'::bytea || salt || convert_to(payload, 'UTF8')))
    RETURNING leaf_id INTO leaf;
    INSERT INTO evidence.extract_archive (extract_id, pdf, archived_at, leaf_id) VALUES (archived, copy, at, leaf);
    RETURN true;
END $$;

-- Oldest first, of those signed by a leaf after one that the archiver knows to have no gap before it.
CREATE OR REPLACE FUNCTION evidence.list_unarchived(after_leaf bigint, before timestamptz, at_most integer)
RETURNS TABLE (extract_id uuid, signed_leaf bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.extract_id, e.signed_leaf FROM evidence.extract e
     WHERE e.signed_leaf > after_leaf AND e.signed_at <= before
       AND NOT EXISTS (SELECT FROM evidence.extract_archive a WHERE a.extract_id = e.extract_id)
     ORDER BY e.signed_leaf LIMIT at_most
$$;

REVOKE ALL ON FUNCTION evidence.attach_archive(uuid, bytea, timestamptz),
    evidence.list_unarchived(bigint, timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evidence.attach_archive(uuid, bytea, timestamptz),
    evidence.list_unarchived(bigint, timestamptz, integer) TO cadastre_write;
