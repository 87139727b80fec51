-- Archive copies (PAdES B-LTA): one of each time-stamped extract, made by the worker under a leaf of its own. Those
-- extracts are the ones with a leaf for their signature; what was signed before that has no archive copy.
CREATE TABLE evidence.extract_archive (
    extract_id  uuid        NOT NULL,
    pdf         bytea       NOT NULL,
    archived_at timestamptz NOT NULL,
    leaf_id     bigint      NOT NULL,
    CONSTRAINT pk_extract_archive PRIMARY KEY (extract_id),
    CONSTRAINT fk_extract_archive_extract FOREIGN KEY (extract_id) REFERENCES evidence.extract,
    CONSTRAINT fk_extract_archive_leaf FOREIGN KEY (leaf_id) REFERENCES ledger.leaf
);
COMMENT ON TABLE evidence.extract_archive IS 'Archive copies of extracts: the same statement with the proof of the ledger, sealed, with revocation evidence and a document time stamp.';
CREATE INDEX ix_extract_signed_leaf ON evidence.extract (signed_leaf) WHERE signed_leaf IS NOT NULL;
