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

-- Renewals: revisions appended to a copy; they hold what the copy holds and open like it.
ALTER TABLE evidence.archive_renewal ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS pl_archive_renewal_read_when_logged ON evidence.archive_renewal;
CREATE POLICY pl_archive_renewal_read_when_logged ON evidence.archive_renewal FOR SELECT
    USING ((SELECT party.access_is_logged()));

-- The copy as it is handed out: the first one, and what was appended to it since.
CREATE OR REPLACE FUNCTION evidence.archive_copy(wanted uuid) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.pdf || coalesce((SELECT string_agg(r.added, ''::bytea ORDER BY r.revision)
                                FROM evidence.archive_renewal r WHERE r.extract_id = a.extract_id), ''::bytea)
      FROM evidence.extract_archive a WHERE a.extract_id = wanted
$$;

CREATE OR REPLACE FUNCTION evidence.know_guard(certificate bytea, named text, ends timestamptz, used text[])
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found integer;
BEGIN
    SELECT guard_id INTO found FROM evidence.archive_guard
     WHERE certificate_sha256 = certificate AND ends_at = ends AND algorithms = used;
    IF found IS NULL THEN
        INSERT INTO evidence.archive_guard (certificate_sha256, subject, ends_at, algorithms)
        VALUES (certificate, named, ends, used) ON CONFLICT DO NOTHING;
        SELECT guard_id INTO STRICT found FROM evidence.archive_guard
         WHERE certificate_sha256 = certificate AND ends_at = ends AND algorithms = used;
    END IF;
    RETURN found;
END $$;

-- A copy with its guard, under the copy's leaf; false when somebody else made it first.
CREATE OR REPLACE FUNCTION evidence.attach_guarded_archive(archived uuid, copy bytea, guard integer, at timestamptz)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT evidence.attach_archive(archived, copy, at) THEN
        RETURN false;
    END IF;
    INSERT INTO evidence.archive_term (extract_id, revision, guard_id, recorded_leaf)
    SELECT extract_id, 0, guard, leaf_id FROM evidence.extract_archive WHERE extract_id = archived;
    RETURN true;
END $$;

-- Copies of before terms were written down: one leaf tells that they were examined.
CREATE OR REPLACE FUNCTION evidence.term_archives(examined uuid[], guards integer[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    salt bytea := public.gen_random_bytes(16);
    payload text := format('{"copies":%s}', cardinality(examined));
    leaf bigint;
    entered integer;
BEGIN
    INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
    VALUES ('extract.archives-examined', 'signer', payload, salt,
            sha256('\x00'::bytea || salt || convert_to(payload, 'UTF8')))
    RETURNING leaf_id INTO leaf;
    INSERT INTO evidence.archive_term (extract_id, revision, guard_id, recorded_leaf)
    SELECT e.extract_id, 0, e.guard_id, leaf FROM unnest(examined, guards) AS e (extract_id, guard_id)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS entered = ROW_COUNT;
    RETURN entered;
END $$;

-- A renewal under a leaf that names the digest of the whole longer copy; false when somebody else renewed it first.
CREATE OR REPLACE FUNCTION evidence.attach_renewal(
    renewed uuid, after_revision integer, appended bytea, guard integer, at timestamptz)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    salt bytea := public.gen_random_bytes(16);
    payload text;
    leaf bigint;
BEGIN
    PERFORM FROM evidence.extract_archive WHERE extract_id = renewed FOR NO KEY UPDATE;
    IF NOT FOUND OR after_revision <> (SELECT coalesce(max(revision), 0) FROM evidence.archive_renewal
                                        WHERE extract_id = renewed) THEN
        RETURN false;
    END IF;
    payload := format('{"extract_id":"%s","pdf_sha256":"%s","revision":%s}', renewed,
        encode(sha256(evidence.archive_copy(renewed) || appended), 'hex'), after_revision + 1);
    INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
    VALUES ('extract.archive-renewed', 'signer', payload, salt,
            sha256('\x00'::bytea || salt || convert_to(payload, 'UTF8')))
    RETURNING leaf_id INTO leaf;
    INSERT INTO evidence.archive_renewal (extract_id, revision, added, renewed_at, leaf_id)
    VALUES (renewed, after_revision + 1, appended, at, leaf);
    UPDATE evidence.archive_term SET superseded_leaf = leaf WHERE extract_id = renewed AND superseded_leaf IS NULL;
    INSERT INTO evidence.archive_term (extract_id, revision, guard_id, recorded_leaf)
    VALUES (renewed, after_revision + 1, guard, leaf);
    RETURN true;
END $$;

-- Copies that nobody has examined yet; where all copies came with their terms there are none.
CREATE OR REPLACE FUNCTION evidence.list_unexamined(at_most integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.extract_id FROM evidence.extract_archive a
     WHERE NOT EXISTS (SELECT FROM evidence.archive_term t WHERE t.extract_id = a.extract_id)
     ORDER BY a.leaf_id LIMIT at_most
$$;

-- Who guards how many copies; and copies under some guards. Numbers of documents only: nobody is named.
CREATE OR REPLACE FUNCTION evidence.count_guarded()
RETURNS TABLE (guard_id integer, certificate_sha256 bytea, subject text, ends_at timestamptz, algorithms text[],
               copies bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT g.guard_id, g.certificate_sha256, g.subject, g.ends_at, g.algorithms,
           (SELECT count(*) FROM evidence.archive_term t
             WHERE t.guard_id = g.guard_id AND t.superseded_leaf IS NULL)
      FROM evidence.archive_guard g ORDER BY g.ends_at, g.guard_id
$$;
CREATE OR REPLACE FUNCTION evidence.list_guarded(guards integer[], after uuid, at_most integer)
RETURNS TABLE (extract_id uuid, guard_id integer, revision integer, archived_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.extract_id, t.guard_id, t.revision, a.archived_at
      FROM evidence.archive_term t JOIN evidence.extract_archive a ON a.extract_id = t.extract_id
     WHERE t.guard_id = ANY (guards) AND t.superseded_leaf IS NULL AND (after IS NULL OR t.extract_id > after)
     ORDER BY t.extract_id LIMIT at_most
$$;

REVOKE ALL ON FUNCTION evidence.attach_archive(uuid, bytea, timestamptz),
    evidence.list_unarchived(bigint, timestamptz, integer), evidence.archive_copy(uuid),
    evidence.know_guard(bytea, text, timestamptz, text[]),
    evidence.attach_guarded_archive(uuid, bytea, integer, timestamptz),
    evidence.term_archives(uuid[], integer[]), evidence.attach_renewal(uuid, integer, bytea, integer, timestamptz),
    evidence.list_unexamined(integer), evidence.count_guarded(), evidence.list_guarded(integer[], uuid, integer)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evidence.attach_archive(uuid, bytea, timestamptz),
    evidence.list_unarchived(bigint, timestamptz, integer), evidence.archive_copy(uuid),
    evidence.know_guard(bytea, text, timestamptz, text[]),
    evidence.attach_guarded_archive(uuid, bytea, integer, timestamptz),
    evidence.term_archives(uuid[], integer[]), evidence.attach_renewal(uuid, integer, bytea, integer, timestamptz),
    evidence.list_unexamined(integer), evidence.count_guarded(), evidence.list_guarded(integer[], uuid, integer)
    TO cadastre_write;
