-- The tree over the public entries (RFC 6962), grown behind the numbering: a leaf that binds a whole load takes its
-- time to be committed to, and nobody who waits for a number waits for that.

-- Merkle tree hash of a full tile.
CREATE OR REPLACE FUNCTION ledger.tile_root(hashes bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    nodes bytea[];
    width integer := 128;
BEGIN
    FOR i IN 0..127 LOOP
        nodes[i] := sha256('\x01'::bytea || substr(hashes, 64 * i + 1, 64));
    END LOOP;
    WHILE width > 1 LOOP
        width := width / 2;
        FOR i IN 0..width - 1 LOOP
            nodes[i] := sha256('\x01'::bytea || nodes[2 * i] || nodes[2 * i + 1]);
        END LOOP;
    END LOOP;
    RETURN nodes[0];
END $$;

-- Enters numbered leaves into the log, at most so many at once, with every tile that they fill, and returns the size
-- of the tree. One caller at a time does it; what he did not commit never was. At READ COMMITTED: what the one
-- before him did is seen only by a snapshot taken after the lock.
CREATE OR REPLACE FUNCTION ledger.grow_tree(at_most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old_size bigint;
    new_size bigint;
    entered bigint;
    level_ smallint := 0;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'ledger.grow_tree() runs at READ COMMITTED.' USING ERRCODE = 'active_sql_transaction';
    END IF;
    PERFORM pg_advisory_xact_lock(1801544801, 1); -- "kada", the tree
    SELECT coalesce(max(e.ledger_index) + 1, 0) INTO old_size FROM ledger.entry e;
    SELECT least(s.tree_size, old_size + at_most) INTO new_size FROM ledger.sequencer s;
    IF new_size <= old_size THEN
        RETURN old_size;
    END IF;
    WITH added AS (
        SELECT l.ledger_index, l.leaf_id, l.leaf_hash FROM ledger.leaf l
         WHERE l.ledger_index >= old_size AND l.ledger_index < new_size
    )
    INSERT INTO ledger.entry (ledger_index, leaf_id, body, rows)
    SELECT a.ledger_index, a.leaf_id, a.leaf_hash, c.rows
      FROM added a JOIN ledger.rows_commitments(ARRAY(SELECT b.leaf_id FROM added b)) c ON c.leaf_id = a.leaf_id
     ORDER BY a.ledger_index;
    GET DIAGNOSTICS entered = ROW_COUNT;
    IF entered <> new_size - old_size THEN
        RAISE EXCEPTION 'Of the leaves %..% only % can be entered.', old_size, new_size - 1, entered
            USING ERRCODE = 'data_corrupted';
    END IF;
    WHILE new_size >> (8 * (level_ + 1)) > 0 LOOP
        PERFORM ledger.fill_tiles(level_, old_size >> (8 * (level_ + 1)), new_size >> (8 * (level_ + 1)));
        level_ := level_ + 1;
    END LOOP;
    RETURN new_size;
END $$;

-- Stores the tiles first..beyond-1 of a level from what stands below them.
CREATE OR REPLACE FUNCTION ledger.fill_tiles(of_level smallint, first bigint, beyond bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF first >= beyond THEN
        RETURN;
    END IF;
    INSERT INTO ledger.tile (level, tile_index, root, hashes)
    SELECT of_level, full_.tile_index, ledger.tile_root(full_.hashes), full_.hashes
      FROM (SELECT e.ledger_index >> 8 AS tile_index,
                   string_agg(sha256('\x00'::bytea || e.body || e.rows), ''::bytea ORDER BY e.ledger_index) AS hashes
              FROM ledger.entry e
             WHERE of_level = 0 AND e.ledger_index >= first << 8 AND e.ledger_index < beyond << 8
             GROUP BY e.ledger_index >> 8
            UNION ALL
            SELECT t.tile_index >> 8, string_agg(t.root, ''::bytea ORDER BY t.tile_index)
              FROM ledger.tile t
             WHERE t.level = of_level - 1 AND of_level > 0 AND t.tile_index >= first << 8 AND t.tile_index < beyond << 8
             GROUP BY t.tile_index >> 8) AS full_;
END $$;

REVOKE ALL ON FUNCTION ledger.tile_root(bytea), ledger.grow_tree(integer),
    ledger.fill_tiles(smallint, bigint, bigint) FROM PUBLIC;

-- The leaf by which an extract was issued: a number that names nobody.
CREATE OR REPLACE FUNCTION evidence.find_extract_leaf(wanted uuid) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.leaf_id FROM evidence.extract e WHERE e.extract_id = wanted
$$;
REVOKE ALL ON FUNCTION evidence.find_extract_leaf(uuid) FROM PUBLIC;
