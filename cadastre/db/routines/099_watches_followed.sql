-- Only how far it has come is written, and only by whoever holds the row.
GRANT SELECT, UPDATE (ledger_index, upto, property_id) ON staging.watches_followed TO cadastre_write;
