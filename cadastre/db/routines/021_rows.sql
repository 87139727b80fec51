-- What binds the rows of the register to the public log. Of every leaf: which rows it opened (all their columns
-- but those that may close later) and which rows it closed. A row is published as nothing but
--     SHA-256( HMAC-SHA256(salt of the leaf, "<act> <schema.table> <key>") || canonical text of the row )
-- so that nobody who lacks the leaf's secret salt can guess a row from it; drop the salt and it is blind.
--
-- Canonical text: a line "<act> <schema.table>", then one line "name=value" of every column that is not NULL, by name
-- (C order): a column that a later migration adds leaves old rows as they were. Text, which may hold anything,
-- carries its length: "name:3=abc". Binary columns stand by their SHA-256, geometries as little-endian EWKB.
-- Left out are generated columns (their sources stand there) and columns that are filled when the row is closed:
-- those stand, with the key, in the commitment of the leaf that closed it (an extract is "closed" by its signature).
-- cadastre/ledger/commitment.py is the twin of this file; a test holds them equal over every table.

-- Which columns of a table may go from NULL to a value later: what its trigger of 020 or 044 permits.
CREATE OR REPLACE FUNCTION ledger.closable_columns(of_table regclass) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT array_remove(string_to_array(encode(t.tgargs, 'escape'), '\000'), '')
                       FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
                      WHERE t.tgrelid = of_table AND p.proname = 'tg_close_only'
                        AND p.pronamespace = 'ledger'::regnamespace), '{}')
$$;

-- SQL text that composes one line of the canonical text, or NULL when the column is NULL.
CREATE OR REPLACE FUNCTION ledger.compose_line(line_name text, source text, of_type regtype) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN of_type = 'bytea'::regtype
            THEN format('%L || encode(sha256(%s), ''hex'') || E''\n''', line_name || '=', source)
        WHEN of_type::text = ANY (ARRAY['geometry', 'public.geometry'])
            THEN format('%L || encode(public.ST_AsEWKB(%s, ''NDR''), ''hex'') || E''\n''', line_name || '=', source)
        WHEN of_type IN ('text'::regtype, 'varchar'::regtype)
            THEN format('%L || length(%s) || ''='' || %s || E''\n''', line_name || ':', source, source)
        WHEN of_type::text IN ('bigint', 'integer', 'smallint', 'boolean', 'date', 'uuid', 'numeric', 'real',
                               'double precision', 'timestamp with time zone', 'interval', 'xid8')
            THEN format('%L || %s::text || E''\n''', line_name || '=', source)
        ELSE format('%L || length(%s::text) || ''='' || %s::text || E''\n''', line_name || ':', source, source)
    END
$$;

-- The columns of a table that its commitments cover; columns of rows that have no leaf of their own, and which
-- this one names, stand behind a dot.
CREATE OR REPLACE FUNCTION ledger.bound_columns(of_table regclass)
RETURNS TABLE (line_name text, source text, of_type regtype)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.attname::text, format('t.%I', a.attname), a.atttypid::regtype
      FROM pg_attribute a
     WHERE a.attrelid = of_table AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
       AND NOT a.attname = ANY (ledger.closable_columns(of_table))
    UNION ALL
    SELECT named.line_name, named.source, named.of_type::regtype
      FROM (VALUES ('cadastre.parcel_version', 'parcel.cadastral_number', 'named.cadastral_number', 'text'),
                   ('cadastre.parcel_version', 'parcel.district_code', 'named.district_code', 'text'),
                   ('registry.document', 'content.content', 'named.content', 'bytea'),
                   ('registry.document', 'content.media_type', 'named.media_type', 'text'),
                   ('registry.case_file', 'content.content', 'named.content', 'bytea'),
                   ('registry.case_file', 'content.media_type', 'named.media_type', 'text'))
           AS named (relation, line_name, source, of_type)
     WHERE to_regclass(named.relation) = of_table
$$;

-- SQL text of one query over the rows that the leaves low..high opened or closed.
CREATE OR REPLACE FUNCTION ledger.compose_rows_query(of_table regclass, act text, by_column text, condition text)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := (SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE c.oid = of_table);
    keys text;
    lines text;
    joined text := CASE name
        WHEN 'cadastre.parcel_version' THEN ' LEFT JOIN cadastre.parcel named ON named.parcel_id = t.parcel_id'
        WHEN 'registry.document' THEN ' LEFT JOIN party.document_content named ON named.sha256 = t.sha256'
        WHEN 'registry.case_file' THEN ' LEFT JOIN party.document_content named ON named.sha256 = t.payload_sha256'
        ELSE '' END;
BEGIN
    SELECT string_agg(format('t.%I', a.attname), ', '' '', ' ORDER BY k.place) INTO STRICT keys
      FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
      JOIN pg_attribute a ON a.attnum = k.attnum
     WHERE i.indrelid = of_table AND i.indisprimary AND a.attrelid = of_table;
    IF act = 'opened' THEN
        SELECT string_agg(ledger.compose_line(b.line_name, b.source, b.of_type), ', ' ORDER BY b.line_name COLLATE "C")
          INTO STRICT lines FROM ledger.bound_columns(of_table) b;
    ELSE
        SELECT string_agg(ledger.compose_line(a.attname, format('t.%I', a.attname), a.atttypid::regtype), ', '
                          ORDER BY a.attname COLLATE "C") INTO STRICT lines
          FROM pg_index i JOIN pg_attribute a ON a.attrelid = of_table AND (a.attnum = ANY (i.indkey)
               OR a.attname = ANY (ledger.closable_columns(of_table)) AND a.attname <> by_column)
         WHERE i.indrelid = of_table AND i.indisprimary;
        joined := '';
    END IF;
    RETURN format('SELECT t.%1$I, sha256(public.hmac(convert_to(concat(%2$L, %3$s), ''UTF8''), l.salt, ''sha256'')'
                  ' || convert_to(concat(%4$L, E''\n'', %5$s), ''UTF8''))'
                  ' FROM %6$s t JOIN ledger.leaf l ON l.leaf_id = t.%1$I%7$s'
                  ' WHERE t.%1$I BETWEEN low AND high AND l.leaf_id BETWEEN low AND high%8$s',
                  by_column, act || ' ' || name || ' ', keys, act || ' ' || name, lines, name, joined, condition);
END $$;

-- Tables whose rows name the leaf that opened them, with the columns that name leaves.
CREATE OR REPLACE FUNCTION ledger.list_bound_tables()
RETURNS TABLE (relation regclass, opened_by text, closed_by text, is_loaded boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.oid::regclass, opened.attname::text, closed.attname::text,
           EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'load_id')
             AND c.relname <> 'load_run'
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute opened ON opened.attrelid = c.oid AND opened.attname IN ('recorded_leaf', 'leaf_id')
      LEFT JOIN pg_attribute closed ON closed.attrelid = c.oid AND closed.attname IN ('superseded_leaf', 'closed_leaf', 'signed_leaf')
     WHERE c.relkind = 'r' AND n.nspname IN ('cadastre', 'party', 'address', 'registry', 'evidence', 'staging')
     ORDER BY n.nspname, c.relname
$$;

-- Writes ledger.list_rows from the catalog (its plans are kept; nothing of the catalog is read when it runs), and
-- the indexes that it needs. Rows of a load are many and their leaves few: they are found without an index.
-- Beside it ledger.count_strays: rows that no leaf answers for, of which there are none in an honest register.
CREATE OR REPLACE FUNCTION ledger.bind_rows() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
    entered text := '';
    loaded text := '';
    strays text := '';
    probes text := '';
    place integer := 0;
BEGIN
    FOR t IN SELECT b.*, c.relname, n.nspname FROM ledger.list_bound_tables() b
               JOIN pg_class c ON c.oid = b.relation JOIN pg_namespace n ON n.oid = c.relnamespace
              ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
    LOOP
        place := place + 1;
        EXECUTE format('CREATE INDEX IF NOT EXISTS ix_%s_%s ON %I.%I (%I)%s', t.relname, t.opened_by, t.nspname, t.relname,
                       t.opened_by, CASE WHEN t.is_loaded THEN ' WHERE load_id IS NULL' ELSE '' END);
        probes := probes || format(E',\n        EXISTS (SELECT FROM %I.%I t WHERE t.%I BETWEEN low AND high%s)',
            t.nspname, t.relname, t.opened_by, CASE WHEN t.is_loaded THEN ' AND t.load_id IS NULL' ELSE '' END);
        entered := entered || format(E'    IF touched[%s] THEN RETURN QUERY %s; END IF;\n', place,
            ledger.compose_rows_query(t.relation, 'opened', t.opened_by,
                                      CASE WHEN t.is_loaded THEN ' AND t.load_id IS NULL' ELSE '' END));
        IF t.is_loaded THEN
            loaded := loaded || format(E'        RETURN QUERY %s;\n',
                ledger.compose_rows_query(t.relation, 'opened', t.opened_by, ' AND t.load_id IS NOT NULL'));
        END IF;
        strays := strays || format(E',\n        (%L, (SELECT count(*) FROM %I.%I t WHERE NOT EXISTS '
            '(SELECT FROM ledger.leaf l WHERE l.leaf_id = t.%I)))', t.nspname || '.' || t.relname, t.nspname, t.relname,
            t.opened_by);
        CONTINUE WHEN t.closed_by IS NULL;
        place := place + 1;
        EXECUTE format('CREATE INDEX IF NOT EXISTS ix_%s_%s ON %I.%I (%I) WHERE %I IS NOT NULL', t.relname, t.closed_by,
                       t.nspname, t.relname, t.closed_by, t.closed_by);
        probes := probes || format(E',\n        EXISTS (SELECT FROM %I.%I t WHERE t.%I BETWEEN low AND high)',
            t.nspname, t.relname, t.closed_by);
        entered := entered || format(E'    IF touched[%s] THEN RETURN QUERY %s; END IF;\n', place,
            ledger.compose_rows_query(t.relation, 'closed', t.closed_by, ''));
    END LOOP;
    EXECUTE format($create$
CREATE OR REPLACE FUNCTION ledger.list_rows(low bigint, high bigint) RETURNS TABLE (leaf_id bigint, commitment bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
SET timezone = 'UTC' SET intervalstyle = 'postgres' SET extra_float_digits = 1 AS $body$
#variable_conflict use_column
DECLARE
    touched boolean[];
BEGIN
    PERFORM set_config('cadastre.binds_rows', 'on', true);
    touched := ARRAY[%s];
%s    IF EXISTS (SELECT FROM staging.load_run r WHERE r.leaf_id BETWEEN low AND high) THEN
%s    END IF;
    PERFORM set_config('cadastre.binds_rows', 'off', true);
END $body$ $create$, ltrim(probes, ','), entered, loaded);
    EXECUTE format($create$
CREATE OR REPLACE FUNCTION ledger.count_strays() RETURNS TABLE (relation text, strays bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    PERFORM set_config('cadastre.binds_rows', 'on', true);
    RETURN QUERY SELECT counted.* FROM (VALUES%s,
        ('cadastre.parcel', (SELECT count(*) FROM cadastre.parcel t WHERE NOT EXISTS
            (SELECT FROM cadastre.parcel_version v WHERE v.parcel_id = t.parcel_id))),
        ('party.document_content', (SELECT count(*) FROM party.document_content t WHERE NOT EXISTS
            (SELECT FROM registry.document d WHERE d.sha256 = t.sha256) AND NOT EXISTS
            (SELECT FROM registry.case_file f WHERE f.payload_sha256 = t.sha256)))
        ) AS counted (relation, strays) WHERE counted.strays > 0
    UNION ALL SELECT u.relation, u.strays FROM ledger.count_unfit_items() AS u WHERE u.strays > 0;
    PERFORM set_config('cadastre.binds_rows', 'off', true);
END $body$ $create$, ltrim(strays, ','));
    REVOKE ALL ON FUNCTION ledger.list_rows(bigint, bigint), ledger.count_strays() FROM PUBLIC;
END $$;

-- Runs of leaf ids without a foreign leaf between them: few, since leaves are numbered soon after they are written.
CREATE OR REPLACE FUNCTION ledger.list_leaf_runs(leaf_ids bigint[]) RETURNS TABLE (low bigint, high bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT min(marked.leaf_id), max(marked.leaf_id)
      FROM (SELECT l.leaf_id, w.leaf_id AS wanted,
                   count(*) FILTER (WHERE w.leaf_id IS NULL) OVER (ORDER BY l.leaf_id) AS others_before
              FROM ledger.leaf l LEFT JOIN unnest(leaf_ids) AS w (leaf_id) ON w.leaf_id = l.leaf_id
             WHERE l.leaf_id BETWEEN (SELECT min(i) FROM unnest(leaf_ids) AS i) AND (SELECT max(i) FROM unnest(leaf_ids) AS i)
           ) AS marked
     WHERE marked.wanted IS NOT NULL
     GROUP BY marked.others_before;
END $$;

REVOKE ALL ON FUNCTION ledger.closable_columns(regclass), ledger.compose_line(text, text, regtype),
    ledger.bound_columns(regclass), ledger.compose_rows_query(regclass, text, text, text), ledger.list_bound_tables(),
    ledger.bind_rows(), ledger.list_leaf_runs(bigint[]) FROM PUBLIC;
