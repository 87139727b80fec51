-- A key stays its account's, and a revoked one stays revoked.
CREATE OR REPLACE FUNCTION registry.tg_signing_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM registry.signing_key k
                WHERE k.kid = NEW.kid AND k.key_version_id <> NEW.key_version_id
                  AND (k.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL
                       OR (k.subject, k.public_key) <> (NEW.subject, NEW.public_key))) THEN
        RAISE EXCEPTION 'The key is registered already, or was revoked.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_signing_key_once';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tg_signing_key AFTER INSERT ON registry.signing_key
    FOR EACH ROW EXECUTE FUNCTION registry.tg_signing_key();

-- What is kept as signed was signed with a key of the applicant that was not revoked, and came with its case.
CREATE OR REPLACE FUNCTION registry.tg_signed_payload() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM registry.case_file f
                     JOIN registry.signing_key k ON k.subject = f.applicant_subject AND k.kid = NEW.kid
                    WHERE f.case_id = NEW.case_id AND k.superseded_leaf IS NULL AND k.revoked_at IS NULL
                      AND ledger.is_leaf_of_this_transaction(f.recorded_leaf)) THEN
        RAISE EXCEPTION 'The payload was signed with no key of the applicant of this new case.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_signed_payload_signer';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS tg_signed_payload ON registry.signed_payload;
CREATE CONSTRAINT TRIGGER tg_signed_payload AFTER INSERT ON registry.signed_payload DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION registry.tg_signed_payload();
