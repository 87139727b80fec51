-- Proposals to link records of parties, and what became of them, are leaves of the ledger.
CREATE INDEX IF NOT EXISTS ix_leaf_party ON ledger.leaf (leaf_id) WHERE split_part(kind, '.', 1) = 'party';
