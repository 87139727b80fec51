-- Up to which entry of the ledger the address register has followed what became of the land.

CREATE TABLE staging.ground_followed (
    is_only      boolean NOT NULL DEFAULT true,
    ledger_index bigint  NOT NULL,
    CONSTRAINT pk_ground_followed PRIMARY KEY (is_only),
    CONSTRAINT ck_ground_followed_only CHECK (is_only)
);
INSERT INTO staging.ground_followed (ledger_index) VALUES (-1);
COMMENT ON TABLE staging.ground_followed IS
    'One row. Everything up to this entry is entered in address.entrance; a filled register is followed from its beginning.';
