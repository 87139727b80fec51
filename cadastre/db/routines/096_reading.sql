-- What a read of a section asks of the log, kept out of its plan: the log grows all the time and is analysed again
-- and again, and each time every connection would plan the whole read anew.
CREATE OR REPLACE FUNCTION ledger.head() RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT tree_size - 1 FROM ledger.sequencer);
END $$;

CREATE OR REPLACE FUNCTION ledger.count_unnumbered(leaves bigint[]) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT count(*) FROM ledger.leaf WHERE leaf_id = ANY (leaves) AND ledger_index IS NULL);
END $$;

CREATE OR REPLACE FUNCTION ledger.index_of(of_leaf bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT ledger_index FROM ledger.leaf WHERE leaf_id = of_leaf);
END $$;

-- A look at one section, or at a number that no section has: its leaf, and whose data it shows.
CREATE OR REPLACE FUNCTION evidence.append_look(said_kind text, said_actor text, said_payload text, said_salt bytea,
                                                said_hash bytea, section bigint, day date, index bigint,
                                                said_role text, said_name text, said_purpose text,
                                                told_from date) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    written bigint;
BEGIN
    INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
    VALUES (said_kind, said_actor, said_payload, said_salt, said_hash) RETURNING leaf_id INTO written;
    IF section IS NOT NULL THEN
        INSERT INTO evidence.look (leaf_id, property_id, as_of, known_at, actor_role, actor_name, purpose,
                                   disclosed_from)
        VALUES (written, section, day, index, said_role, said_name, said_purpose, told_from);
    END IF;
    RETURN written;
END $$;
REVOKE ALL ON FUNCTION ledger.head(), ledger.count_unnumbered(bigint[]), ledger.index_of(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.head(), ledger.count_unnumbered(bigint[]), ledger.index_of(bigint)
    TO cadastre_write, cadastre_read;
REVOKE ALL ON FUNCTION evidence.append_look(text, text, text, bytea, bytea, bigint, date, bigint, text, text, text,
                                            date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evidence.append_look(text, text, text, bytea, bytea, bigint, date, bigint, text, text, text,
                                               date) TO cadastre_write;
