-- The statement is signed by the transaction that decides it; its print is sealed when somebody asks for it. So the
-- signature is bound to the leaf that issued the extract, and once more, with the print, to the leaf of the seal.
ALTER TABLE evidence.extract ADD COLUMN statement_jws text;
COMMENT ON COLUMN evidence.extract.statement_jws IS
    'Detached signature over the statement, made by the transaction that decided it; NULL for what was issued before that.';
COMMENT ON COLUMN evidence.extract.signed_leaf IS
    'Leaf by which signature and sealed print were attached (extract.signed); NULL for what was sealed before there was one.';
COMMENT ON TABLE evidence.extract IS
    'Issued statements. Bytes, signature, digest and leaf are committed at once; the sealed print follows (NULL -> value) when it is asked for.';
