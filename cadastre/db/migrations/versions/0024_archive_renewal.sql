-- Renewals of archive copies: revisions that are appended, each under a leaf of its own, and until when what holds.
CREATE TABLE evidence.archive_guard (
    guard_id           integer     NOT NULL GENERATED ALWAYS AS IDENTITY,
    certificate_sha256 bytea       NOT NULL,
    subject            text        NOT NULL,
    ends_at            timestamptz NOT NULL,
    algorithms         text[]      NOT NULL,
    CONSTRAINT pk_archive_guard PRIMARY KEY (guard_id),
    CONSTRAINT uq_archive_guard_content UNIQUE (certificate_sha256, ends_at, algorithms),
    CONSTRAINT ck_archive_guard_digest CHECK (octet_length(certificate_sha256) = 32)
);
COMMENT ON TABLE evidence.archive_guard IS 'What protects archive copies: certificates of time-stamp services with the end of their chains and the algorithms that these rest on; read from the time stamps, a few rows in decades.';

CREATE TABLE evidence.archive_renewal (
    extract_id uuid        NOT NULL,
    revision   integer     NOT NULL,
    added      bytea       NOT NULL,
    renewed_at timestamptz NOT NULL,
    leaf_id    bigint      NOT NULL,
    CONSTRAINT pk_archive_renewal PRIMARY KEY (extract_id, revision),
    CONSTRAINT fk_archive_renewal_archive FOREIGN KEY (extract_id) REFERENCES evidence.extract_archive,
    CONSTRAINT fk_archive_renewal_leaf FOREIGN KEY (leaf_id) REFERENCES ledger.leaf,
    CONSTRAINT ck_archive_renewal_revision CHECK (revision > 0)
);
COMMENT ON TABLE evidence.archive_renewal IS 'Revisions appended to archive copies before the last time stamp runs out; the copy is the first one and these in order.';

CREATE TABLE evidence.archive_term (
    extract_id      uuid    NOT NULL,
    revision        integer NOT NULL,
    guard_id        integer NOT NULL,
    recorded_leaf   bigint  NOT NULL,
    superseded_leaf bigint,
    CONSTRAINT pk_archive_term PRIMARY KEY (extract_id, revision),
    CONSTRAINT fk_archive_term_archive FOREIGN KEY (extract_id) REFERENCES evidence.extract_archive,
    CONSTRAINT fk_archive_term_guard FOREIGN KEY (guard_id) REFERENCES evidence.archive_guard,
    CONSTRAINT fk_archive_term_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_archive_term_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf
);
COMMENT ON TABLE evidence.archive_term IS 'What guards an archive copy since which revision, until the next.';
CREATE INDEX ix_archive_term_guard ON evidence.archive_term (guard_id, extract_id) WHERE superseded_leaf IS NULL;
