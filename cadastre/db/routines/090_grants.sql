-- Least privilege, stated whole. owner: migrations and loads; write: the application;
-- read: public answers; tiles: publish only. load_id and, at insertion, superseded_leaf are granted to nobody.

REVOKE ALL ON ALL TABLES IN SCHEMA ledger, cadastre, party, address, evidence, staging, publish
    FROM PUBLIC, cadastre_write, cadastre_read, cadastre_tiles;
REVOKE ALL ON ALL ROUTINES IN SCHEMA ledger, cadastre, party, address, evidence, staging, publish FROM PUBLIC;

GRANT USAGE ON SCHEMA publish, cadastre TO cadastre_tiles, cadastre_read, cadastre_write;
GRANT USAGE ON SCHEMA ledger, address TO cadastre_read, cadastre_write;
GRANT USAGE ON SCHEMA party, evidence, staging TO cadastre_write;

GRANT SELECT ON ALL TABLES IN SCHEMA publish TO cadastre_tiles, cadastre_read, cadastre_write;
GRANT SELECT ON ALL TABLES IN SCHEMA cadastre, address TO cadastre_write;
GRANT SELECT ON cadastre.district, cadastre.district_boundary, cadastre.cadastral_zone, cadastre.tolerance TO cadastre_read;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger, evidence, party TO cadastre_write;
-- rejected rows are kept as they came, names included: for the operator who loads, not for the application
GRANT SELECT ON staging.load_run TO cadastre_write;
GRANT SELECT (leaf_id, recorded_time, kind, leaf_hash, ledger_index) ON ledger.leaf TO cadastre_read;
GRANT SELECT ON ledger.sequencer TO cadastre_read;

DO $$
DECLARE
    t record;
BEGIN
    FOR t IN
        SELECT c.oid, n.nspname, c.relname, string_agg(quote_ident(a.attname), ', ') AS columns,
               EXISTS (SELECT FROM pg_attribute s WHERE s.attrelid = c.oid AND s.attname = 'superseded_leaf') AS closable
          FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relkind = 'r' AND a.attgenerated = '' AND a.attname NOT IN ('load_id', 'superseded_leaf')
           AND (n.nspname IN ('party', 'evidence')
                OR n.nspname = 'cadastre' AND c.relname NOT IN ('district', 'tolerance', 'deployment', 'parcel_cell')
                OR n.nspname = 'address')
         GROUP BY c.oid, n.nspname, c.relname
    LOOP
        EXECUTE format('GRANT INSERT (%s) ON %I.%I TO cadastre_write', t.columns, t.nspname, t.relname);
        IF t.closable THEN
            EXECUTE format('GRANT UPDATE (superseded_leaf) ON %I.%I TO cadastre_write', t.nspname, t.relname);
        END IF;
    END LOOP;
END $$;
GRANT INSERT (kind, actor, payload, salt, leaf_hash) ON ledger.leaf TO cadastre_write;

GRANT EXECUTE ON FUNCTION ledger.sequence_leaves(), ledger.is_leaf_of_this_transaction(bigint) TO cadastre_write;
GRANT EXECUTE ON FUNCTION party.access_is_logged() TO cadastre_write;
GRANT EXECUTE ON FUNCTION ledger.today() TO cadastre_write, cadastre_read, cadastre_tiles;
GRANT EXECUTE ON FUNCTION ledger.is_known(bigint, bigint, bigint), ledger.is_in_force(date, date, date)
    TO cadastre_write, cadastre_read;
GRANT EXECUTE ON FUNCTION cadastre.tolerance_at(text, date) TO cadastre_write, cadastre_read;
GRANT EXECUTE ON FUNCTION cadastre.az_lower(text), cadastre.az_upper(text), cadastre.fold_text(text),
    cadastre.unmix_bare_words(text), cadastre.is_clean_text(text) TO cadastre_write, cadastre_read, cadastre_tiles;
GRANT EXECUTE ON FUNCTION cadastre.mint_cadastral_number(text), cadastre.mint_register_number(text) TO cadastre_write;
GRANT EXECUTE ON FUNCTION cadastre.check_ownership_shares(bigint) TO cadastre_write;
GRANT USAGE ON SEQUENCE cadastre.cadastral_number_serial, cadastre.register_number_serial TO cadastre_write;
GRANT USAGE ON SEQUENCE evidence.journal_number, evidence.document_number TO cadastre_write;
GRANT EXECUTE ON FUNCTION publish.parcel_has_property(bigint) TO cadastre_write, cadastre_read, cadastre_tiles;
GRANT EXECUTE ON FUNCTION publish.is_synthetic() TO cadastre_write, cadastre_read, cadastre_tiles;
