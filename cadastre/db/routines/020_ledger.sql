-- Append-only guards and the sequencer that gives the register its clock.
-- What triggers call for every row is PL/pgSQL: it keeps its plan, an SQL function with settings plans anew each time.

-- The civil day of the register: Baku's, whatever time zone a session or server has.
CREATE OR REPLACE FUNCTION ledger.today() RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (now() AT TIME ZONE 'Asia/Baku')::date;
END $$;

CREATE OR REPLACE FUNCTION ledger.tg_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Rows of %.% are never deleted.', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_append_only';
END $$;

-- Arguments: the columns that may go from NULL to a value; everything else is fixed for ever.
CREATE OR REPLACE FUNCTION ledger.tg_close_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old_row jsonb;
    new_row jsonb;
    changed text;
BEGIN
    -- the common case, to the bit: an open end is closed, everything else is as it was. A trigger without a condition
    -- costs a tenth of one that has all columns in its condition, which is read anew for every statement.
    IF TG_ARGV[0] = 'superseded_leaf' AND TG_NARGS = 1 THEN
        IF OLD.superseded_leaf IS NULL THEN
            OLD.superseded_leaf := NEW.superseded_leaf;
            IF record_image_eq(OLD, NEW) THEN
                RETURN NEW;
            END IF;
            OLD.superseded_leaf := NULL;
        END IF;
    ELSIF TG_ARGV[0] = 'closed_leaf' AND TG_NARGS = 1 THEN
        IF OLD.closed_leaf IS NULL THEN
            OLD.closed_leaf := NEW.closed_leaf;
            IF record_image_eq(OLD, NEW) THEN
                RETURN NEW;
            END IF;
            OLD.closed_leaf := NULL;
        END IF;
    END IF;
    old_row := to_jsonb(OLD);
    new_row := to_jsonb(NEW);
    -- the common case: an open end is closed, everything else is as it was
    IF old_row - TG_ARGV = new_row - TG_ARGV AND new_row @> jsonb_strip_nulls(old_row) THEN
        RETURN NEW;
    END IF;
    SELECT min(n.key) INTO changed
      FROM jsonb_each(new_row) AS n
      JOIN jsonb_each(old_row) AS o USING (key)
     WHERE n.value IS DISTINCT FROM o.value
       AND NOT (n.key = ANY (TG_ARGV) AND o.value = 'null'::jsonb)
       -- a generated column is not computed yet in a BEFORE trigger; its sources are compared
       AND NOT EXISTS (SELECT FROM pg_attribute
                        WHERE attrelid = TG_RELID AND attname = n.key AND attgenerated <> '');
    IF changed IS NOT NULL THEN
        RAISE EXCEPTION 'Column % of %.% is never changed once written.', changed, TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_close_only';
    END IF;
    RETURN NEW;
END $$;

-- When tg_close_only has anything to judge: never while open ends are closed and all else is, to the bit, as it was.
CREATE OR REPLACE FUNCTION ledger.changes_more_than(checked_table oid, closable text[]) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('record_image_ne(ROW(%s), ROW(%s))',
                  string_agg('OLD.' || quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE attname <> ALL (closable)),
                  string_agg('NEW.' || quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE attname <> ALL (closable)))
           || coalesce(string_agg(format(' OR OLD.%1$I IS NOT NULL AND record_image_ne(ROW(OLD.%1$I), ROW(NEW.%1$I))', attname),
                                  '' ORDER BY attnum) FILTER (WHERE attname = ANY (closable)), '')
      FROM pg_attribute WHERE attrelid = checked_table AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
$$;

-- The condition of a tg_close_only; none where its common case judges to the bit, which it cannot where columns are
-- generated: those are not computed yet before an UPDATE.
CREATE OR REPLACE FUNCTION ledger.close_only_condition(checked_table oid, closable text[]) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN closable IN ('{superseded_leaf}', '{closed_leaf}')
             AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = checked_table AND attgenerated <> '') THEN ''
        ELSE format('WHEN (%s)', ledger.changes_more_than(checked_table, closable)) END
$$;

CREATE OR REPLACE FUNCTION ledger.is_leaf_of_this_transaction(checked_leaf bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM ledger.leaf WHERE leaf_id = checked_leaf AND xid = pg_current_xact_id_if_assigned());
END $$;

-- Nobody backdates: a row is entered, or closed, by a leaf that its own transaction wrote.
CREATE OR REPLACE FUNCTION ledger.tg_recorded_now() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger.leaf WHERE leaf_id = NEW.recorded_leaf AND xid = pg_current_xact_id_if_assigned()) THEN
        RAISE EXCEPTION 'recorded_leaf % is no leaf of this transaction.', NEW.recorded_leaf
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_recorded_now';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ledger.tg_superseded_now() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT ledger.is_leaf_of_this_transaction(NEW.superseded_leaf) THEN
        RAISE EXCEPTION 'superseded_leaf % is no leaf of this transaction.', NEW.superseded_leaf
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_superseded_now';
    END IF;
    RETURN NEW;
END $$;

-- What is in force today is judged by the checks of the current state, so no row that they judge
-- may be in force and carry an end at once: it would pass them unseen and still be shown.
CREATE OR REPLACE FUNCTION ledger.tg_no_future_end() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.valid_to > ledger.today() THEN
        RAISE EXCEPTION 'The end of validity % lies in the future; an entry of %.% ends when it ends.',
            NEW.valid_to, TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_no_future_end';
    END IF;
    RETURN NULL;
END $$;

-- What is checked of an entry is checked AFTER INSERT: one BEFORE trigger on a table, whether it fires
-- or not, makes COPY enter its rows singly.
DO $$
DECLARE
    t record;
    closable text;
BEGIN
    FOR t IN
        SELECT n.nspname, c.relname, c.oid
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'r' AND n.nspname IN ('ledger', 'cadastre', 'party', 'address', 'evidence', 'staging')
           AND (n.nspname, c.relname) NOT IN (('ledger', 'sequencer'), ('cadastre', 'parcel_cell'),
                ('cadastre', 'district'), ('cadastre', 'tolerance'), ('cadastre', 'deployment'),
                ('staging', 'sweep_run'), ('staging', 'sweep_finding'), ('staging', 'ground_followed'),
                ('staging', 'watches_followed'))
    LOOP
        closable := CASE
            WHEN t.nspname = 'ledger' THEN '''ledger_index'', ''closing_number'''
            WHEN t.nspname = 'evidence' AND t.relname = 'extract' THEN '''jws'', ''pdf'', ''signed_at'', ''signed_leaf'''
            WHEN EXISTS (SELECT FROM pg_attribute WHERE attrelid = t.oid AND attname = 'superseded_leaf')
                THEN quote_literal('superseded_leaf')
            ELSE '' END;
        EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_no_delete BEFORE DELETE ON %I.%I
                        FOR EACH ROW EXECUTE FUNCTION ledger.tg_append_only()', t.relname, t.nspname, t.relname);
        EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_no_truncate BEFORE TRUNCATE ON %I.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION ledger.tg_append_only()', t.relname, t.nspname, t.relname);
        EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_close_only BEFORE UPDATE ON %I.%I
                        FOR EACH ROW %s EXECUTE FUNCTION ledger.tg_close_only(%s)', t.relname, t.nspname, t.relname,
                       ledger.close_only_condition(t.oid, replace('{' || closable || '}', '''', '')::text[]), closable);
        IF closable = quote_literal('superseded_leaf') THEN
            EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_superseded_now BEFORE UPDATE ON %I.%I
                            FOR EACH ROW EXECUTE FUNCTION ledger.tg_superseded_now()', t.relname, t.nspname, t.relname);
        END IF;
        IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = t.oid AND attname = 'valid_to')
           AND t.relname <> 'restriction' THEN
            EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_no_future_end AFTER INSERT ON %I.%I
                            FOR EACH ROW WHEN (NEW.valid_to IS NOT NULL%s) EXECUTE FUNCTION ledger.tg_no_future_end()',
                           t.relname, t.nspname, t.relname,
                           CASE WHEN t.relname = 'property_right' THEN ' AND NEW.kind = ''ownership''' ELSE '' END);
        END IF;
        IF (SELECT count(*) = 2 FROM pg_attribute WHERE attrelid = t.oid AND attname IN ('recorded_leaf', 'load_id')) THEN
            EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_recorded_now AFTER INSERT ON %I.%I
                            FOR EACH ROW WHEN (NEW.load_id IS NULL) EXECUTE FUNCTION ledger.tg_recorded_now()',
                           t.relname, t.nspname, t.relname);
        END IF;
    END LOOP;
END $$;

-- Drawn last, by a deferred trigger: a transaction that had to wait for another's lock, and so may
-- build on its entries, closes later and is numbered later, whichever of them began first. The first of very many
-- leaves closes them all, in their order: setting the statement up costs more than some leaves do.
CREATE OR REPLACE FUNCTION ledger.close_leaves() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
    -- by the keys, which the scan puts in order, and by none of others: what is read of them conflicts with them
    UPDATE ledger.leaf SET closing_number = nextval('ledger.closing_number')
     WHERE leaf_id = ANY (ARRAY(SELECT o.leaf_id FROM ledger.leaf o
                                 WHERE num_nonnulls(o.ledger_index) = 0 AND o.xid = pg_current_xact_id()
                                   AND o.closing_number IS NULL));
END $$;
REVOKE ALL ON FUNCTION ledger.close_leaves() FROM PUBLIC;
CREATE OR REPLACE FUNCTION ledger.tg_leaf_close() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last bigint := currval('ledger.leaf_leaf_id_seq');
BEGIN
    IF last - NEW.leaf_id < 64 THEN
        UPDATE ledger.leaf SET closing_number = nextval('ledger.closing_number')
         WHERE leaf_id = NEW.leaf_id AND closing_number IS NULL;
    ELSIF EXISTS (SELECT FROM ledger.leaf WHERE leaf_id = NEW.leaf_id AND closing_number IS NULL) THEN
        PERFORM ledger.close_leaves();
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_leaf_close ON ledger.leaf;
CREATE CONSTRAINT TRIGGER tg_leaf_close AFTER INSERT ON ledger.leaf DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.closing_number IS NULL) EXECUTE FUNCTION ledger.tg_leaf_close();

-- Gives committed, still unnumbered leaves the next indexes, in the order of closing, at most 50,000 at
-- once so that a long backlog meets no time limit, and returns the tree size. Only committed leaves are visible to it and the sequencer row admits
-- one caller at a time, so an index once given never moves and a late commit only ever appends:
-- whoever sees tree size n sees every entry below n. No transaction, however long, delays it.
-- Must run at READ COMMITTED (the second statement needs a newer snapshot than the row lock).
CREATE OR REPLACE FUNCTION ledger.sequence_leaves() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    size bigint;
    numbered bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'ledger.sequence_leaves() runs at READ COMMITTED.' USING ERRCODE = 'active_sql_transaction';
    END IF;
    SELECT tree_size INTO size FROM ledger.sequencer FOR UPDATE;
    WITH next AS (
        SELECT leaf_id, row_number() OVER (ORDER BY closing_number) - 1 AS offset_
          FROM ledger.leaf WHERE ledger_index IS NULL AND closing_number IS NOT NULL
         ORDER BY closing_number LIMIT 50000
    ), done AS (
        UPDATE ledger.leaf l SET ledger_index = size + next.offset_
          FROM next WHERE l.leaf_id = next.leaf_id RETURNING 1
    )
    SELECT count(*) INTO numbered FROM done;
    IF numbered > 0 THEN
        UPDATE ledger.sequencer SET tree_size = size + numbered;
    END IF;
    RETURN size + numbered;
END $$;

-- The two time axes of every register row, for queries: what was known at a ledger index, and
-- what was in force on a day.
CREATE OR REPLACE FUNCTION ledger.is_known(recorded bigint, superseded bigint, known_at bigint) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    IF superseded IS NULL THEN  -- most rows; a question with a half that is not asked costs as much as both
        RETURN EXISTS (SELECT FROM ledger.leaf l WHERE l.leaf_id = recorded AND l.ledger_index <= known_at);
    END IF;
    RETURN EXISTS (SELECT FROM ledger.leaf l WHERE l.leaf_id = recorded AND l.ledger_index <= known_at)
       AND NOT EXISTS (SELECT FROM ledger.leaf l WHERE l.leaf_id = superseded AND l.ledger_index <= known_at);
END $$;

CREATE OR REPLACE FUNCTION ledger.is_in_force(valid_from date, valid_to date, as_of date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT valid_from <= as_of AND (valid_to IS NULL OR valid_to > as_of)
$$;
