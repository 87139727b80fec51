-- Who looked at whose data. One row for each subject of a look: the parties of a section as it was shown, a record,
-- or the number that was asked for. The leaf says when and by whom; nothing here is ever changed or deleted.
CREATE TABLE evidence.look (
    look_id        bigint GENERATED ALWAYS AS IDENTITY,
    leaf_id        bigint NOT NULL,
    property_id    bigint,
    as_of          date,
    known_at       bigint,
    party_id       uuid,
    fin            text,
    voen           text,
    actor_role     text   NOT NULL,
    actor_name     text   NOT NULL,
    purpose        text,
    case_id        uuid,
    disclosed_from date,
    CONSTRAINT pk_look PRIMARY KEY (look_id),
    CONSTRAINT ck_look_subject CHECK (num_nonnulls(property_id, party_id, fin, voen) = 1),
    CONSTRAINT ck_look_moment CHECK (num_nonnulls(property_id, as_of, known_at) IN (0, 3))
);
CREATE INDEX ix_look_property ON evidence.look (property_id) WHERE property_id IS NOT NULL;
CREATE INDEX ix_look_party ON evidence.look (party_id) WHERE party_id IS NOT NULL;
CREATE INDEX ix_look_fin ON evidence.look (fin) WHERE fin IS NOT NULL;
CREATE INDEX ix_look_voen ON evidence.look (voen) WHERE voen IS NOT NULL;
COMMENT ON TABLE evidence.look IS
    'Looks at personal data, with the leaf of each. No declared keys: it is written by every read (DECISIONS 28). Shown to the person from disclosed_from on.';
