-- Only how far it has come is written, and only by whoever holds the row.
GRANT SELECT, UPDATE (ledger_index) ON staging.ground_followed TO cadastre_write;
