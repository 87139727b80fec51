-- The application keeps what its sweep found and sees it again each night; nobody deletes it.
DO $$
DECLARE
    swept text;
BEGIN
    FOREACH swept IN ARRAY ARRAY['sweep_run', 'sweep_finding'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_no_delete BEFORE DELETE ON staging.%I
                        FOR EACH ROW EXECUTE FUNCTION ledger.tg_append_only()', swept, swept);
        EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_no_truncate BEFORE TRUNCATE ON staging.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION ledger.tg_append_only()', swept, swept);
    END LOOP;
END $$;
GRANT SELECT ON staging.sweep_run, staging.sweep_finding TO cadastre_write;
GRANT INSERT (night, district_code, started_at, touched_at) ON staging.sweep_run TO cadastre_write;
GRANT UPDATE (touched_at, finished_at, reached, sections, found, opened, closed) ON staging.sweep_run TO cadastre_write;
GRANT INSERT (property_id, rule, severity, decided, subject, mark, measured, limit_value, unit, detail, first_seen,
              last_seen, first_run, last_run) ON staging.sweep_finding TO cadastre_write;
GRANT UPDATE (measured, detail, severity, decided, last_seen, last_run, closed_at) ON staging.sweep_finding
    TO cadastre_write;
