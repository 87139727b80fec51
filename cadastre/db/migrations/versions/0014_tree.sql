-- The public log over the leaves (RFC 6962, C2SP tlog-tiles). Everything here may be published and nothing is ever
-- changed: what is not full yet is not stored but read from the level below.

CREATE TABLE ledger.entry (
    ledger_index bigint NOT NULL,
    leaf_id      bigint NOT NULL,
    body         bytea  NOT NULL,
    rows         bytea  NOT NULL,
    CONSTRAINT pk_entry PRIMARY KEY (ledger_index),
    CONSTRAINT uq_entry_leaf UNIQUE (leaf_id),
    CONSTRAINT ck_entry_ledger_index CHECK (ledger_index >= 0),
    CONSTRAINT ck_entry_body CHECK (octet_length(body) = 32),
    CONSTRAINT ck_entry_rows CHECK (octet_length(rows) = 32)
);
COMMENT ON TABLE ledger.entry IS
    'Public entry of a numbered leaf: its salted hash (body) and the commitment to the rows it recorded. Written by ledger.grow_tree() only.';

CREATE TABLE ledger.tile (
    level      smallint NOT NULL,
    tile_index bigint   NOT NULL,
    root       bytea    NOT NULL,
    hashes     bytea    NOT NULL,
    CONSTRAINT pk_tile PRIMARY KEY (level, tile_index),
    CONSTRAINT ck_tile_level CHECK (level BETWEEN 0 AND 7),
    CONSTRAINT ck_tile_index CHECK (tile_index >= 0),
    CONSTRAINT ck_tile_root CHECK (octet_length(root) = 32),
    CONSTRAINT ck_tile_hashes CHECK (octet_length(hashes) = 8192)
);
-- hashes do not compress; beside the row they leave roots close together, which partial tiles are read from
ALTER TABLE ledger.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
COMMENT ON TABLE ledger.tile IS
    'Full tiles of 256 hashes; root is their Merkle tree hash, one of the hashes of the tile above.';

CREATE TABLE ledger.checkpoint (
    tree_size bigint      NOT NULL,
    root      bytea       NOT NULL,
    note      text        NOT NULL,
    signed_at timestamptz NOT NULL,
    CONSTRAINT pk_checkpoint PRIMARY KEY (tree_size),
    CONSTRAINT ck_checkpoint_tree_size CHECK (tree_size > 0),
    CONSTRAINT ck_checkpoint_root CHECK (octet_length(root) = 32),
    CONSTRAINT ck_checkpoint_note CHECK (octet_length(note) <= 4000)
);
COMMENT ON TABLE ledger.checkpoint IS 'Signed heads of the log (C2SP tlog-checkpoint), with the signature of the log only.';

CREATE TABLE ledger.cosignature (
    tree_size   bigint      NOT NULL,
    witness     text        NOT NULL,
    line        text        NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_cosignature PRIMARY KEY (tree_size, witness),
    CONSTRAINT fk_cosignature_checkpoint FOREIGN KEY (tree_size) REFERENCES ledger.checkpoint,
    CONSTRAINT ck_cosignature_line CHECK (octet_length(line) <= 4000 AND line !~ '[\x01-\x1f]')
);
COMMENT ON TABLE ledger.cosignature IS 'Signature lines of witnesses under a checkpoint (C2SP tlog-cosignature), without the newline.';
