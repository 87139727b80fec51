-- The salt of a look's leaf may be dropped after its term: its hash in the public log then stands for nothing that
-- anybody could show. A leaf of the register keeps its salt for ever.
ALTER TABLE ledger.leaf ALTER COLUMN salt DROP NOT NULL,
    ADD CONSTRAINT ck_leaf_salt_kept CHECK (salt IS NOT NULL OR kind LIKE 'access.%');
