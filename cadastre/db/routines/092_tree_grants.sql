-- The log is public; only ledger.grow_tree() adds to its tree, and only the application hands in signed heads.
GRANT SELECT (ledger_index, body, rows) ON ledger.entry TO cadastre_read;
GRANT SELECT ON ledger.tile, ledger.checkpoint, ledger.cosignature TO cadastre_read;
GRANT SELECT ON ledger.entry, ledger.tile, ledger.checkpoint, ledger.cosignature TO cadastre_write;
GRANT INSERT (tree_size, root, note, signed_at) ON ledger.checkpoint TO cadastre_write;
GRANT INSERT (tree_size, witness, line) ON ledger.cosignature TO cadastre_write;
GRANT EXECUTE ON FUNCTION ledger.grow_tree(integer), evidence.find_extract_leaf(uuid) TO cadastre_write;
