-- Signature and PDF follow the statement in a transaction of their own, and so does the leaf that binds them.
ALTER TABLE evidence.extract
    ADD COLUMN signed_leaf bigint,
    ADD CONSTRAINT ck_extract_signed_leaf CHECK (signed_leaf IS NULL OR signed_at IS NOT NULL);
COMMENT ON COLUMN evidence.extract.signed_leaf IS
    'Leaf by which signature and PDF were attached (extract.signed); NULL for what was signed before there was one.';
