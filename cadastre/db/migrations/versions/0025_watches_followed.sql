-- Up to which entry of the ledger those who watch sections have been told of what changes their extracts.

CREATE TABLE staging.watches_followed (
    is_only      boolean NOT NULL DEFAULT true,
    ledger_index bigint  NOT NULL,
    upto         bigint,
    property_id  bigint,
    CONSTRAINT pk_watches_followed PRIMARY KEY (is_only),
    CONSTRAINT ck_watches_followed_only CHECK (is_only),
    CONSTRAINT ck_watches_followed_window CHECK (num_nonnulls(upto, property_id) IN (0, 2))
);
INSERT INTO staging.watches_followed (ledger_index) SELECT tree_size - 1 FROM ledger.sequencer;
COMMENT ON TABLE staging.watches_followed IS
    'One row. Everything up to ledger_index is told; of the entries up to upto, to those who watch sections up to property_id.';
