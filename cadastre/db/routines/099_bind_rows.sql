-- When all tables and their triggers stand: what the log binds of them (021). Personal data opens to this alone:
-- the owner's function, which gives digests that nobody can guess from, and only while it says what it does.
DROP POLICY IF EXISTS pl_party_bind ON party.party;
CREATE POLICY pl_party_bind ON party.party FOR SELECT TO cadastre_owner
    USING (current_setting('cadastre.binds_rows', true) = 'on');
DROP POLICY IF EXISTS pl_document_content_bind ON party.document_content;
CREATE POLICY pl_document_content_bind ON party.document_content FOR SELECT TO cadastre_owner
    USING (current_setting('cadastre.binds_rows', true) = 'on');
SELECT ledger.bind_rows();

-- Rows of batches name no leaf. What was ordered stands by its digest in the leaf of the order, in its own words and
-- order; a result names an extract that the one who ordered asked for, once; an order ends when all is answered.
-- Orders whose items are others than were entered, results and ends that do not fit, are rows that no leaf answers for.
CREATE OR REPLACE FUNCTION ledger.count_unfit_items() RETURNS TABLE (relation text, strays bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT 'evidence.batch_item', count(*)
      FROM evidence.extract_batch b
      JOIN ledger.leaf l ON l.leaf_id = b.leaf_id AND l.kind = 'extract.batch'
     WHERE l.payload::jsonb ->> 'sha256' IS DISTINCT FROM
           (SELECT encode(sha256(convert_to(string_agg(i.register_number, E'\n' ORDER BY i.place), 'UTF8')), 'hex')
              FROM evidence.batch_item i WHERE i.batch_id = b.batch_id)
    UNION ALL
    SELECT 'evidence.batch_result', count(*)
      FROM evidence.batch_result r
      JOIN evidence.extract_batch b ON b.batch_id = r.batch_id
      LEFT JOIN evidence.extract e ON e.extract_id = r.extract_id
      LEFT JOIN evidence.extract_request q ON q.request_id = e.request_id
     WHERE r.extract_id IS NOT NULL AND (q.requester IS DISTINCT FROM b.requester OR EXISTS (
           SELECT FROM evidence.batch_result o
            WHERE o.extract_id = r.extract_id AND (o.batch_id, o.place) <> (r.batch_id, r.place)))
    UNION ALL
    SELECT 'evidence.batch_end', count(*)
      FROM evidence.batch_end e JOIN evidence.extract_batch b ON b.batch_id = e.batch_id
     WHERE b.item_count <> (SELECT count(*) FROM evidence.batch_result r WHERE r.batch_id = e.batch_id);
END $$;
REVOKE ALL ON FUNCTION ledger.count_unfit_items() FROM PUBLIC;

-- What of each leaf is published beside its entry, computed from what stands in the tables now. own: the leaf's
-- own row (who acted and when, which its body does not cover); commitments: those of its rows, sorted, in parts.
-- body and own are NULL where the salt was dropped.
CREATE OR REPLACE FUNCTION ledger.list_commitments(leaf_ids bigint[])
RETURNS TABLE (leaf_id bigint, body bytea, own bytea, part bigint, commitments bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD' SET timezone = 'UTC' AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH found AS (
        SELECT r.leaf_id, r.commitment,
               (row_number() OVER (PARTITION BY r.leaf_id ORDER BY r.commitment) - 1) / 32768 AS part
          FROM ledger.list_leaf_runs(leaf_ids) AS run, ledger.list_rows(run.low, run.high) AS r
    ), parted AS (
        SELECT f.leaf_id, f.part, string_agg(f.commitment, ''::bytea ORDER BY f.commitment) AS commitments
          FROM found f GROUP BY f.leaf_id, f.part
    )
    SELECT l.leaf_id, sha256('\x00'::bytea || l.salt || convert_to(l.payload, 'UTF8')),
           sha256(public.hmac(convert_to('wrote ledger.leaf ' || l.leaf_id, 'UTF8'), l.salt, 'sha256')
                  || convert_to(concat('wrote ledger.leaf', E'\n',
                       'actor:' || length(l.actor) || '=' || l.actor || E'\n',
                       'closing_number=' || l.closing_number || E'\n',
                       'kind:' || length(l.kind) || '=' || l.kind || E'\n',
                       'leaf_id=' || l.leaf_id || E'\n',
                       'recorded_time=' || l.recorded_time || E'\n',
                       'xid=' || l.xid::text || E'\n'), 'UTF8')),
           coalesce(p.part, 0), coalesce(p.commitments, ''::bytea)
      FROM unnest(leaf_ids) AS w (leaf_id)
      JOIN ledger.leaf l ON l.leaf_id = w.leaf_id
      LEFT JOIN parted p ON p.leaf_id = l.leaf_id;
END $$;

-- The second half of a leaf's entry in the log: 28 bytes of a digest over its own row and those of the register,
-- and their number, which thereby is public for ever: a leaf that bound rows can never pass for one that did not.
-- Its first bit is set where the leaf is of a look: no other may ever lose its salt.
CREATE OR REPLACE FUNCTION ledger.rows_commitments(leaf_ids bigint[]) RETURNS TABLE (leaf_id bigint, rows bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT j.leaf_id, substr(sha256('kadastr-rows/1'::bytea || j.count_ || j.own || j.joined), 1, 28) || j.count_
      FROM (SELECT c.leaf_id, c.own, string_agg(c.commitments, ''::bytea ORDER BY c.part) AS joined,
                   int4send((sum(length(c.commitments)) / 32)::integer
                            + CASE WHEN l.kind LIKE 'access.%' THEN -2147483648 ELSE 0 END) AS count_
              FROM ledger.list_commitments(leaf_ids) AS c JOIN ledger.leaf l ON l.leaf_id = c.leaf_id
             GROUP BY c.leaf_id, c.own, l.kind) AS j;
END $$;
REVOKE ALL ON FUNCTION ledger.list_commitments(bigint[]), ledger.rows_commitments(bigint[]) FROM PUBLIC;
-- Digests to publish: no row can be guessed from them, and whoever serves the register exports them.
GRANT EXECUTE ON FUNCTION ledger.list_commitments(bigint[]), ledger.count_strays() TO cadastre_write;
