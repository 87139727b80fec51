-- The register at work: journal and cases, priority, documents, representation, lineage, events.
--
-- Schema registry holds what the office does; the register itself stays in schema cadastre.
-- Rows that decide anything are append only (NULL -> value in superseded_leaf / closed_leaf);
-- property_head and turnstile are contention rows: every writer UPDATEs them, so that at any
-- isolation level, and with levels mixed, the second of two writers waits and sees fresh rows
-- (READ COMMITTED) or loses with 40001 (REPEATABLE READ, SERIALIZABLE). A row that is only
-- locked, not changed, lets a stale snapshot through.

CREATE SCHEMA registry;

-- ---------------------------------------------------------------- contention rows

CREATE TABLE registry.property_head (
    property_id bigint NOT NULL,
    touched     bigint NOT NULL DEFAULT 1,
    version     bigint NOT NULL DEFAULT 0,
    CONSTRAINT pk_property_head PRIMARY KEY (property_id),
    CONSTRAINT fk_property_head_property FOREIGN KEY (property_id) REFERENCES cadastre.property,
    CONSTRAINT ck_property_head_counts CHECK (touched >= 1 AND version >= 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE registry.property_head IS
    'Contention row of a property, made at its first touch. version counts changes of what is registered (the ETag); touched also counts cases and priority notices.';

CREATE TABLE registry.turnstile (
    key    text   NOT NULL,
    passed bigint NOT NULL DEFAULT 0,
    CONSTRAINT pk_turnstile PRIMARY KEY (key)
) WITH (fillfactor = 50);
INSERT INTO registry.turnstile (key) VALUES ('registration_journal');
COMMENT ON TABLE registry.turnstile IS
    'Contention rows that are no property: the registration journal (its count is the last number), parties being linked.';

-- ---------------------------------------------------------------- copies of codelists that triggers read

CREATE TABLE registry.service (
    code            text    NOT NULL,
    valid_from      date    NOT NULL,
    valid_to        date,
    operation       text    NOT NULL,
    by_authority    boolean NOT NULL,
    overrides_block boolean NOT NULL,
    four_eyes       boolean NOT NULL,
    source          text    NOT NULL,
    CONSTRAINT pk_service PRIMARY KEY (code, valid_from),
    CONSTRAINT ck_service_validity CHECK (valid_to > valid_from),
    CONSTRAINT ck_service_code CHECK (code ~ '^[a-z][a-z_]*$' AND operation ~ '^[a-z][a-z_]*$')
);
COMMENT ON COLUMN registry.service.by_authority IS 'Court or bailiff act: never waits for a priority notice or an earlier case.';
COMMENT ON COLUMN registry.service.overrides_block IS 'May be entered although an arrest or prohibition stands (court transfer, forced auction, correction).';

CREATE TABLE registry.restriction_kind (
    code            text    NOT NULL,
    valid_from      date    NOT NULL,
    valid_to        date,
    blocks_disposal boolean NOT NULL,
    by_authority    boolean NOT NULL,
    CONSTRAINT pk_restriction_kind PRIMARY KEY (code, valid_from)
);

CREATE TABLE registry.case_transition (
    kind       text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    CONSTRAINT pk_case_transition PRIMARY KEY (kind, from_state)
);
INSERT INTO registry.case_transition (kind, from_state, to_state) VALUES
    ('receive', 'none', 'received'),
    ('return', 'received', 'returned'),
    ('accept', 'received', 'accepted'),
    ('assign', 'accepted', 'assigned'), ('assign', 'assigned', 'assigned'),
    ('prepare', 'assigned', 'prepared'), ('prepare', 'prepared', 'prepared'),
    ('send_back', 'prepared', 'assigned'),
    ('suspend', 'accepted', 'suspended'), ('suspend', 'assigned', 'suspended'), ('suspend', 'prepared', 'suspended'),
    ('resume', 'suspended', 'accepted'),
    ('register', 'accepted', 'registered'), ('register', 'prepared', 'registered'),
    ('refuse', 'accepted', 'refused'), ('refuse', 'prepared', 'refused'), ('refuse', 'suspended', 'refused'),
    ('withdraw', 'received', 'withdrawn'), ('withdraw', 'accepted', 'withdrawn'), ('withdraw', 'assigned', 'withdrawn'),
    ('withdraw', 'prepared', 'withdrawn'), ('withdraw', 'suspended', 'withdrawn');
COMMENT ON TABLE registry.case_transition IS 'The state machine of a case; its twin is cadastre/domain/case.py, held equal by a test.';

-- ---------------------------------------------------------------- journal, cases, steps

CREATE TABLE registry.registration_journal (
    journal_number bigint      NOT NULL,
    received_at    timestamptz NOT NULL,
    kind           text        NOT NULL,
    channel        text        NOT NULL,
    office_code    text        NOT NULL,
    actor          text        NOT NULL,
    recorded_leaf  bigint      NOT NULL,
    CONSTRAINT pk_registration_journal PRIMARY KEY (journal_number),
    CONSTRAINT fk_registration_journal_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_registration_journal_kind CHECK (kind IN ('application', 'priority_notice')),
    CONSTRAINT ck_registration_journal_channel CHECK (channel IN ('service_point', 'office', 'notary', 'bank', 'court', 'bailiff',
        'portal', 'internal')),
    CONSTRAINT ck_registration_journal_office_code CHECK (office_code ~ '^[0-9]{2}$')
);
COMMENT ON TABLE registry.registration_journal IS
    'Registration journal: one total order of everything that asks for an entry. Number and time are given by trigger under the turnstile, without gaps, in the order of commit. Requests for extracts have a journal and numbers of their own (evidence.extract_request).';
COMMENT ON TABLE evidence.extract_request IS
    'Journal of requests for extracts: who asked, in what capacity, on what basis, for what purpose. Its numbers (evidence.journal_number) are not those of registry.registration_journal, where entries are asked for.';

CREATE TABLE registry.case_file (
    case_id           uuid   NOT NULL,
    journal_number    bigint NOT NULL,
    service           text   NOT NULL,
    service_from      date   NOT NULL,
    tier              text   NOT NULL DEFAULT 'standard',
    applicant_subject text   NOT NULL,
    applicant_role    text   NOT NULL,
    capacity          text   NOT NULL,
    payload_sha256    bytea,
    due_on            date   NOT NULL,
    recorded_leaf     bigint NOT NULL,
    closed_leaf       bigint,
    CONSTRAINT pk_case_file PRIMARY KEY (case_id),
    CONSTRAINT uq_case_file_journal_number UNIQUE (journal_number),
    CONSTRAINT fk_case_file_journal FOREIGN KEY (journal_number) REFERENCES registry.registration_journal,
    CONSTRAINT fk_case_file_service FOREIGN KEY (service, service_from) REFERENCES registry.service,
    CONSTRAINT fk_case_file_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_case_file_tier CHECK (tier ~ '^[a-z0-9_]+$'),
    CONSTRAINT ck_case_file_payload CHECK (octet_length(payload_sha256) = 32)
);
CREATE INDEX ix_case_file_open ON registry.case_file (due_on) WHERE closed_leaf IS NULL;

CREATE TABLE registry.case_step (
    case_id       uuid          NOT NULL,
    step_number   integer       NOT NULL,
    kind          text          NOT NULL,
    state         text          NOT NULL,
    actor         text          NOT NULL,
    actor_role    text          NOT NULL,
    at            timestamptz   NOT NULL,
    duration_s    numeric(14, 3) NOT NULL,
    fee           numeric(12, 2) NOT NULL DEFAULT 0,
    currency      text          NOT NULL DEFAULT 'AZN',
    assignee      text,
    ground        text,
    due_on        date,
    notify_by     timestamptz,
    report_sha256 bytea,
    recorded_leaf bigint        NOT NULL,
    CONSTRAINT pk_case_step PRIMARY KEY (case_id, step_number),
    CONSTRAINT fk_case_step_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_case_step_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_case_step_number CHECK (step_number >= 1),
    CONSTRAINT ck_case_step_duration CHECK (duration_s >= 0 AND fee >= 0 AND currency ~ '^[A-Z]{3}$'),
    CONSTRAINT ck_case_step_ground CHECK ((kind NOT IN ('refuse', 'suspend', 'return') OR ground IS NOT NULL)
        AND ground ~ '[^[:space:]]'),
    CONSTRAINT ck_case_step_assignee CHECK ((kind = 'assign') = (assignee IS NOT NULL)),
    CONSTRAINT ck_case_step_suspension CHECK (kind <> 'suspend' OR due_on IS NOT NULL AND notify_by IS NOT NULL),
    CONSTRAINT ck_case_step_report CHECK (octet_length(report_sha256) = 32
        AND (kind NOT IN ('prepare', 'register') OR report_sha256 IS NOT NULL))
);
COMMENT ON TABLE registry.case_step IS
    'Every step of a case with its duration and fee; the newest is its state. state, at and duration_s are given by trigger; two steps at once meet on the primary key.';

CREATE TABLE registry.case_property (
    case_id       uuid   NOT NULL,
    property_id   bigint NOT NULL,
    place         bigint NOT NULL,
    notice_id     uuid,
    version_seen  bigint,
    recorded_leaf bigint NOT NULL,
    CONSTRAINT pk_case_property PRIMARY KEY (case_id, property_id),
    CONSTRAINT fk_case_property_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_case_property_property FOREIGN KEY (property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_case_property_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf
);
CREATE UNIQUE INDEX uq_case_property_notice ON registry.case_property (notice_id) WHERE notice_id IS NOT NULL;
CREATE INDEX ix_case_property_property ON registry.case_property (property_id, place);
COMMENT ON COLUMN registry.case_property.place IS
    'Place in the order of the property: the journal number of the case, or of the priority notice it rests on. Given by trigger.';
COMMENT ON COLUMN registry.case_property.version_seen IS 'The If-Match that the applicant relied on, checked under the contention row.';

CREATE TABLE registry.case_party (
    case_id       uuid   NOT NULL,
    party_id      uuid   NOT NULL,
    role          text   NOT NULL,
    recorded_leaf bigint NOT NULL,
    CONSTRAINT pk_case_party PRIMARY KEY (case_id, party_id, role),
    CONSTRAINT fk_case_party_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_case_party_party FOREIGN KEY (party_id) REFERENCES party.party,
    CONSTRAINT fk_case_party_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_case_party_role CHECK (role IN ('disposer', 'acquirer', 'mortgagor', 'mortgagee', 'lessor', 'lessee',
        'debtor', 'creditor', 'authority', 'applicant', 'agent', 'consenting', 'holder'))
);
CREATE INDEX ix_case_party_party ON registry.case_party (party_id);

CREATE TABLE registry.registration (
    registration_number text   NOT NULL,
    case_id             uuid   NOT NULL,
    registered_on       date   NOT NULL,
    recorded_leaf       bigint NOT NULL,
    CONSTRAINT pk_registration PRIMARY KEY (registration_number),
    CONSTRAINT fk_registration_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_registration_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_registration_number CHECK (registration_number ~ '^[0-9]{10}$')
);
CREATE INDEX ix_registration_case ON registry.registration (case_id);
CREATE SEQUENCE registry.registration_serial;
COMMENT ON TABLE registry.registration IS 'Registration numbers given by this register: office, year, serial; one per act.';

-- ---------------------------------------------------------------- priority notices

CREATE TABLE registry.priority_notice (
    version_id     bigint GENERATED BY DEFAULT AS IDENTITY,
    notice_id      uuid        NOT NULL,
    property_id    bigint      NOT NULL,
    journal_number bigint      NOT NULL,
    queue_number   integer     NOT NULL,
    holder_subject text        NOT NULL,
    for_party_id   uuid,
    service        text        NOT NULL,
    state          text        NOT NULL DEFAULT 'held',
    renewals       smallint    NOT NULL DEFAULT 0,
    term           interval    NOT NULL,
    taken_at       timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    recorded_leaf  bigint      NOT NULL,
    superseded_leaf bigint,
    CONSTRAINT pk_priority_notice PRIMARY KEY (version_id),
    CONSTRAINT fk_priority_notice_property FOREIGN KEY (property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_priority_notice_journal FOREIGN KEY (journal_number) REFERENCES registry.registration_journal,
    CONSTRAINT fk_priority_notice_party FOREIGN KEY (for_party_id) REFERENCES party.party,
    CONSTRAINT fk_priority_notice_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_priority_notice_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_priority_notice_state CHECK (state IN ('held', 'used', 'released')),
    CONSTRAINT ck_priority_notice_term CHECK (term > interval '0' AND term <= interval '90 days'),
    CONSTRAINT ck_priority_notice_times CHECK (expires_at > taken_at AND renewals >= 0 AND queue_number >= 1)
);
CREATE UNIQUE INDEX uq_priority_notice_current ON registry.priority_notice (notice_id) WHERE superseded_leaf IS NULL;
CREATE UNIQUE INDEX uq_priority_notice_queue ON registry.priority_notice (property_id, queue_number)
    WHERE superseded_leaf IS NULL;
CREATE UNIQUE INDEX uq_priority_notice_journal ON registry.priority_notice (journal_number) WHERE superseded_leaf IS NULL;
COMMENT ON TABLE registry.priority_notice IS
    'Reserved places before the register: who has the lowest living place of a property holds the priority. A renewal or an end is a new version. Queue number and times are given by trigger.';

-- ---------------------------------------------------------------- documents

CREATE TABLE party.document_content (
    sha256     bytea  NOT NULL,
    media_type text   NOT NULL,
    content    bytea  NOT NULL,
    CONSTRAINT pk_document_content PRIMARY KEY (sha256),
    CONSTRAINT ck_document_content_digest CHECK (sha256 = sha256(content)),
    CONSTRAINT ck_document_content_size CHECK (octet_length(content) BETWEEN 1 AND 33554432),
    CONSTRAINT ck_document_content_media_type CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg',
        'image/tiff', 'application/json', 'application/jose'))
);
ALTER TABLE party.document_content ALTER COLUMN content SET STORAGE EXTERNAL;
COMMENT ON TABLE party.document_content IS 'Scans and signed payloads, named by their digest, kept for ever. Personal data (row-level security).';

CREATE TABLE registry.document (
    document_id   uuid        NOT NULL,
    sha256        bytea       NOT NULL,
    kind          text        NOT NULL,
    file_name     text        NOT NULL,
    pages         integer,
    uploaded_by   text        NOT NULL,
    received_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_leaf bigint      NOT NULL,
    CONSTRAINT pk_document PRIMARY KEY (document_id),
    CONSTRAINT fk_document_content FOREIGN KEY (sha256) REFERENCES party.document_content,
    CONSTRAINT fk_document_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_document_kind CHECK (kind ~ '^[a-z][a-z_]*$'),
    CONSTRAINT ck_document_file_name CHECK (length(file_name) BETWEEN 1 AND 200 AND file_name !~ '[[:cntrl:]/\\]'),
    CONSTRAINT ck_document_pages CHECK (pages BETWEEN 1 AND 10000)
);
CREATE INDEX ix_document_sha256 ON registry.document (sha256);

CREATE TABLE registry.case_document (
    case_id       uuid   NOT NULL,
    document_id   uuid   NOT NULL,
    role          text   NOT NULL,
    recorded_leaf bigint NOT NULL,
    CONSTRAINT pk_case_document PRIMARY KEY (case_id, document_id),
    CONSTRAINT fk_case_document_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_case_document_document FOREIGN KEY (document_id) REFERENCES registry.document,
    CONSTRAINT fk_case_document_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_case_document_role CHECK (role ~ '^[a-z][a-z_]*$')
);

ALTER TABLE cadastre.administrative_source
    ADD COLUMN series text,
    ADD COLUMN document_id uuid,
    ADD COLUMN case_id uuid,
    ADD CONSTRAINT fk_administrative_source_document FOREIGN KEY (document_id) REFERENCES registry.document,
    ADD CONSTRAINT fk_administrative_source_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    ADD CONSTRAINT ck_administrative_source_series CHECK (series ~ '[^[:space:]]' AND series !~ '[[:cntrl:]]'
        AND length(series) <= 20);

-- ---------------------------------------------------------------- rights and restrictions, deepened

ALTER TABLE party.party
    DROP CONSTRAINT ck_party_kind,
    ADD CONSTRAINT ck_party_kind CHECK (kind IN ('natural', 'legal', 'state', 'municipality', 'foreign_natural',
        'foreign_legal', 'foreign_state', 'estate')),
    DROP CONSTRAINT ck_party_numbers_fit_kind,
    ADD CONSTRAINT ck_party_numbers_fit_kind CHECK ((fin IS NULL OR kind IN ('natural', 'foreign_natural'))
        AND (voen IS NULL OR kind NOT IN ('state', 'estate'))),
    ADD COLUMN born_on date,
    ADD COLUMN foreign_number text,
    ADD CONSTRAINT ck_party_foreign_number CHECK (foreign_number IS NULL
        OR kind IN ('foreign_natural', 'foreign_legal') AND length(foreign_number) BETWEEN 1 AND 60
           AND foreign_number !~ '[[:cntrl:]]');
COMMENT ON COLUMN party.party.foreign_number IS 'Number abroad, of a party without FIN or VOEN.';

ALTER TABLE cadastre.property_right
    DROP CONSTRAINT ck_property_right_kind,
    ADD CONSTRAINT ck_property_right_kind CHECK (kind IN ('ownership', 'future_ownership', 'permanent_use',
        'temporary_use', 'lease', 'usufruct', 'trust_management', 'superficies')),
    DROP CONSTRAINT ck_property_right_share,
    ADD CONSTRAINT ck_property_right_share CHECK (
        CASE WHEN joint OR (kind NOT IN ('ownership', 'future_ownership')
                            AND num_nonnulls(share_numerator, share_denominator) = 0)
             THEN share_numerator IS NULL AND share_denominator IS NULL
             ELSE share_numerator IS NOT NULL AND share_denominator IS NOT NULL
                  AND share_numerator > 0 AND share_numerator <= share_denominator END),
    ADD COLUMN case_id uuid,
    ADD COLUMN continues_right_id bigint,
    ADD COLUMN until date,
    ADD COLUMN rent numeric(14, 2),
    ADD COLUMN rent_currency text,
    ADD COLUMN rent_period text,
    ADD COLUMN dispose_by date,
    ADD COLUMN part_geom geometry(Polygon),
    ADD CONSTRAINT fk_property_right_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    ADD CONSTRAINT fk_property_right_continues FOREIGN KEY (continues_right_id) REFERENCES cadastre.property_right,
    ADD CONSTRAINT ck_property_right_continues_earlier CHECK (continues_right_id < right_id),
    ADD CONSTRAINT ck_property_right_until CHECK (until IS NULL
        OR kind NOT IN ('ownership', 'future_ownership') AND until >= valid_from),
    ADD CONSTRAINT ck_property_right_rent CHECK (num_nonnulls(rent, rent_currency, rent_period) IN (0, 3)
        AND (rent IS NULL OR kind IN ('lease', 'temporary_use', 'superficies'))
        AND rent >= 0 AND rent_currency ~ '^[A-Z]{3}$' AND rent_period IN ('day', 'month', 'year', 'term')),
    ADD CONSTRAINT ck_property_right_part CHECK (part_geom IS NULL OR kind NOT IN ('ownership', 'future_ownership')
        AND ST_SRID(part_geom) IN (32638, 32639) AND ST_IsValid(part_geom) AND ST_NDims(part_geom) = 2);
CREATE INDEX ix_property_right_continues ON cadastre.property_right (continues_right_id)
    WHERE continues_right_id IS NOT NULL;
CREATE INDEX ix_property_right_case ON cadastre.property_right (case_id) WHERE case_id IS NOT NULL;
COMMENT ON COLUMN cadastre.property_right.continues_right_id IS
    'The row that this one restates (with an end, or carried to a successor property): same holder, no greater share.';
COMMENT ON COLUMN cadastre.property_right.until IS 'Agreed term of a lease or the like; its end of validity is registered when it comes.';
COMMENT ON COLUMN cadastre.property_right.dispose_by IS 'Last day for a foreign heir to dispose of land (Land Code, art. 48(3)).';

ALTER TABLE cadastre.restriction
    ADD COLUMN case_id uuid,
    ADD COLUMN continues_restriction_id bigint,
    ADD COLUMN burdened_party_id uuid,
    ADD COLUMN benefits_property_id bigint,
    ADD COLUMN interest_rate numeric(7, 4),
    ADD COLUMN note_number text,
    ADD COLUMN note_dated date,
    ADD COLUMN authority text,
    ADD COLUMN confirm_by timestamptz,
    ADD COLUMN confirms_restriction_id bigint,
    ADD COLUMN part_geom geometry(Polygon),
    ADD CONSTRAINT fk_restriction_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    ADD CONSTRAINT fk_restriction_continues FOREIGN KEY (continues_restriction_id) REFERENCES cadastre.restriction,
    ADD CONSTRAINT fk_restriction_confirms FOREIGN KEY (confirms_restriction_id) REFERENCES cadastre.restriction,
    ADD CONSTRAINT fk_restriction_burdened FOREIGN KEY (burdened_party_id) REFERENCES party.party,
    ADD CONSTRAINT fk_restriction_benefits FOREIGN KEY (benefits_property_id) REFERENCES cadastre.property,
    ADD CONSTRAINT ck_restriction_continues_earlier CHECK (continues_restriction_id < restriction_id),
    ADD CONSTRAINT ck_restriction_benefits_other CHECK (benefits_property_id <> property_id),
    ADD CONSTRAINT ck_restriction_interest_rate CHECK (interest_rate IS NULL
        OR interest_rate BETWEEN 0 AND 999 AND kind IN ('mortgage', 'pledge')),
    ADD CONSTRAINT ck_restriction_note CHECK (note_number IS NULL
        OR kind = 'mortgage' AND note_dated IS NOT NULL AND length(note_number) <= 60),
    ADD CONSTRAINT ck_restriction_part CHECK (part_geom IS NULL
        OR ST_SRID(part_geom) IN (32638, 32639) AND ST_IsValid(part_geom) AND ST_NDims(part_geom) = 2);
CREATE INDEX ix_restriction_continues ON cadastre.restriction (continues_restriction_id)
    WHERE continues_restriction_id IS NOT NULL;
CREATE INDEX ix_restriction_case ON cadastre.restriction (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX ix_restriction_benefits ON cadastre.restriction (benefits_property_id) WHERE benefits_property_id IS NOT NULL;
CREATE INDEX ix_restriction_unconfirmed ON cadastre.restriction (confirm_by)
    WHERE confirm_by IS NOT NULL AND superseded_leaf IS NULL AND valid_to IS NULL;
COMMENT ON COLUMN cadastre.restriction.burdened_party_id IS 'Only this holder''s right is burdened; NULL: the whole property.';
COMMENT ON COLUMN cadastre.restriction.confirm_by IS 'Urgent act of a bailiff: when the court must have been told (24 hours).';

-- ---------------------------------------------------------------- lineage, closure, flags

CREATE TABLE cadastre.property_closure (
    closure_id    bigint GENERATED BY DEFAULT AS IDENTITY,
    property_id   bigint NOT NULL,
    closed_on     date   NOT NULL,
    reason        text   NOT NULL,
    case_id       uuid   NOT NULL,
    recorded_leaf bigint NOT NULL,
    superseded_leaf bigint,
    CONSTRAINT pk_property_closure PRIMARY KEY (closure_id),
    CONSTRAINT fk_property_closure_property FOREIGN KEY (property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_property_closure_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_property_closure_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_property_closure_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_property_closure_reason CHECK (reason IN ('division', 'merger', 'partial_transfer', 'demolition',
        'cancellation', 'renumbering', 'completion'))
);
CREATE UNIQUE INDEX uq_property_closure_current ON cadastre.property_closure (property_id) WHERE superseded_leaf IS NULL;

CREATE TABLE cadastre.property_lineage (
    from_property_id bigint NOT NULL,
    to_property_id   bigint NOT NULL,
    manner           text   NOT NULL,
    case_id          uuid   NOT NULL,
    recorded_leaf    bigint NOT NULL,
    CONSTRAINT pk_property_lineage PRIMARY KEY (from_property_id, to_property_id),
    CONSTRAINT fk_property_lineage_from FOREIGN KEY (from_property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_property_lineage_to FOREIGN KEY (to_property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_property_lineage_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_property_lineage_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_property_lineage_forward CHECK (from_property_id < to_property_id),
    CONSTRAINT ck_property_lineage_manner CHECK (manner IN ('division', 'merger', 'partial_transfer', 'renumbering',
        'completion'))
);
CREATE INDEX ix_property_lineage_to ON cadastre.property_lineage (to_property_id);

CREATE TABLE cadastre.parcel_lineage (
    from_version_id bigint NOT NULL,
    to_version_id   bigint NOT NULL,
    manner          text   NOT NULL,
    case_id         uuid   NOT NULL,
    recorded_leaf   bigint NOT NULL,
    CONSTRAINT pk_parcel_lineage PRIMARY KEY (from_version_id, to_version_id),
    CONSTRAINT fk_parcel_lineage_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_parcel_lineage_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_parcel_lineage_forward CHECK (from_version_id < to_version_id),
    CONSTRAINT ck_parcel_lineage_manner CHECK (manner IN ('division', 'merger', 'boundary_change', 'partial_transfer',
        'correction'))
);
CREATE INDEX ix_parcel_lineage_to ON cadastre.parcel_lineage (to_version_id);
CREATE INDEX ix_parcel_lineage_case ON cadastre.parcel_lineage (case_id);
-- versions of the past only: a load, which enters current ones, keeps nothing in order here
CREATE INDEX ix_parcel_version_past ON cadastre.parcel_version (parcel_id)
    WHERE superseded_leaf IS NOT NULL OR valid_to IS NOT NULL;
-- both versions are looked up by ck_parcel_lineage_now: a foreign key would keep the key of parcel_version
-- in place during a first load, which builds it at its end
COMMENT ON TABLE cadastre.parcel_lineage IS
    'Which version came of which; ids grow, so that no cycle can be written. Division, merger, boundary change and partial transfer keep the total area (ck_parcel_lineage_area_balance).';

CREATE TABLE registry.investigation (
    investigation_id bigint GENERATED BY DEFAULT AS IDENTITY,
    property_id     bigint,
    parcel_id       bigint,
    attribute       text   NOT NULL,
    reason          text   NOT NULL,
    case_id         uuid,
    valid_from      date   NOT NULL,
    valid_to        date,
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    CONSTRAINT pk_investigation PRIMARY KEY (investigation_id),
    CONSTRAINT fk_investigation_property FOREIGN KEY (property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_investigation_parcel FOREIGN KEY (parcel_id) REFERENCES cadastre.parcel,
    CONSTRAINT fk_investigation_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_investigation_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_investigation_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_investigation_one_subject CHECK (num_nonnulls(property_id, parcel_id) = 1),
    CONSTRAINT ck_investigation_attribute CHECK (attribute ~ '^[a-z][a-z_0-9]*$'),
    CONSTRAINT ck_investigation_validity CHECK (valid_to >= valid_from)
);
CREATE INDEX ix_investigation_property ON registry.investigation (property_id);
CREATE INDEX ix_investigation_parcel ON registry.investigation (parcel_id);
CREATE UNIQUE INDEX uq_investigation_current ON registry.investigation
    (COALESCE(property_id, 0), COALESCE(parcel_id, 0), attribute) WHERE superseded_leaf IS NULL AND valid_to IS NULL;

CREATE TABLE registry.building_stage (
    stage_id        bigint GENERATED BY DEFAULT AS IDENTITY,
    building_id     bigint NOT NULL,
    stage           text   NOT NULL,
    valid_from      date   NOT NULL,
    source_id       bigint,
    case_id         uuid,
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    CONSTRAINT pk_building_stage PRIMARY KEY (stage_id),
    CONSTRAINT fk_building_stage_building FOREIGN KEY (building_id) REFERENCES cadastre.building,
    CONSTRAINT fk_building_stage_source FOREIGN KEY (source_id) REFERENCES cadastre.administrative_source,
    CONSTRAINT fk_building_stage_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_building_stage_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_building_stage_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_building_stage CHECK (stage IN ('planned', 'under_construction', 'completed', 'demolished'))
);
CREATE UNIQUE INDEX uq_building_stage_current ON registry.building_stage (building_id) WHERE superseded_leaf IS NULL;
COMMENT ON TABLE registry.building_stage IS 'A building without a row is completed.';

CREATE TABLE registry.paper_extract (
    paper_id        bigint GENERATED BY DEFAULT AS IDENTITY,
    series          text   NOT NULL,
    number          text   NOT NULL,
    property_id     bigint NOT NULL,
    issued_on       date,
    state           text   NOT NULL DEFAULT 'in_use',
    document_id     uuid,
    case_id         uuid,
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    CONSTRAINT pk_paper_extract PRIMARY KEY (paper_id),
    CONSTRAINT fk_paper_extract_property FOREIGN KEY (property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_paper_extract_document FOREIGN KEY (document_id) REFERENCES registry.document,
    CONSTRAINT fk_paper_extract_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_paper_extract_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_paper_extract_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_paper_extract_number CHECK (series ~ '^[A-Z]{2}$' AND number ~ '^[0-9]{7}$'),
    CONSTRAINT ck_paper_extract_state CHECK (state IN ('in_use', 'converted', 'void'))
);
CREATE UNIQUE INDEX uq_paper_extract_current ON registry.paper_extract (series, number) WHERE superseded_leaf IS NULL;
CREATE INDEX ix_paper_extract_property ON registry.paper_extract (property_id);
COMMENT ON TABLE registry.paper_extract IS
    'Paper extracts (kupca) that are known to exist and what became of them. cadastre.property.paper_series and paper_number only repeat what the section itself names as its paper.';

-- ---------------------------------------------------------------- parties: sameness, representation, consent

CREATE TABLE registry.party_link (
    link_id         bigint GENERATED BY DEFAULT AS IDENTITY,
    from_party_id   uuid   NOT NULL,
    to_party_id     uuid   NOT NULL,
    manner          text   NOT NULL,
    evidence        text   NOT NULL,
    source_id       bigint,
    proposed_by     text   NOT NULL,
    decided_by      text   NOT NULL,
    case_id         uuid,
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    CONSTRAINT pk_party_link PRIMARY KEY (link_id),
    CONSTRAINT fk_party_link_from FOREIGN KEY (from_party_id) REFERENCES party.party,
    CONSTRAINT fk_party_link_to FOREIGN KEY (to_party_id) REFERENCES party.party,
    CONSTRAINT fk_party_link_source FOREIGN KEY (source_id) REFERENCES cadastre.administrative_source,
    CONSTRAINT fk_party_link_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_party_link_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_party_link_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_party_link_other CHECK (from_party_id <> to_party_id),
    CONSTRAINT ck_party_link_manner CHECK (manner IN ('same', 'renamed', 'succeeded')),
    CONSTRAINT ck_party_link_evidence CHECK (evidence IN ('fin_document', 'voen_document', 'court_decision',
        'identity_document', 'register_book', 'succession_document')),
    CONSTRAINT ck_party_link_four_eyes CHECK (proposed_by <> decided_by)
);
CREATE UNIQUE INDEX uq_party_link_current ON registry.party_link (from_party_id) WHERE superseded_leaf IS NULL;
CREATE INDEX ix_party_link_to ON registry.party_link (to_party_id) WHERE superseded_leaf IS NULL;
COMMENT ON TABLE registry.party_link IS
    'A party record that stands for another one: merged, renamed, succeeded. Records and their printed spelling stay; without a cycle (ck_party_link_no_cycle).';

CREATE TABLE registry.representation (
    representation_id bigint GENERATED BY DEFAULT AS IDENTITY,
    kind              text   NOT NULL,
    principal_party_id uuid  NOT NULL,
    agent_party_id    uuid   NOT NULL,
    operations        text[] NOT NULL DEFAULT '{}',
    property_id       bigint,
    permission_source_id bigint,
    source_id         bigint NOT NULL,
    valid_from        date   NOT NULL,
    valid_to          date,
    end_reason        text,
    recorded_leaf     bigint NOT NULL,
    superseded_leaf   bigint,
    CONSTRAINT pk_representation PRIMARY KEY (representation_id),
    CONSTRAINT fk_representation_principal FOREIGN KEY (principal_party_id) REFERENCES party.party,
    CONSTRAINT fk_representation_agent FOREIGN KEY (agent_party_id) REFERENCES party.party,
    CONSTRAINT fk_representation_property FOREIGN KEY (property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_representation_source FOREIGN KEY (source_id) REFERENCES cadastre.administrative_source,
    CONSTRAINT fk_representation_permission FOREIGN KEY (permission_source_id) REFERENCES cadastre.administrative_source,
    CONSTRAINT fk_representation_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_representation_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_representation_kind CHECK (kind IN ('power_of_attorney', 'guardian', 'company_signatory',
        'estate_administrator', 'universal_successor')),
    CONSTRAINT ck_representation_other CHECK (principal_party_id <> agent_party_id),
    CONSTRAINT ck_representation_validity CHECK (valid_to >= valid_from),
    CONSTRAINT ck_representation_end CHECK (end_reason IN ('expired', 'revoked', 'died', 'replaced'))
);
CREATE INDEX ix_representation_principal ON registry.representation (principal_party_id);
CREATE INDEX ix_representation_agent ON registry.representation (agent_party_id);
COMMENT ON COLUMN registry.representation.operations IS 'Operations in scope; empty: all.';

CREATE TABLE registry.consent (
    consent_id      bigint GENERATED BY DEFAULT AS IDENTITY,
    case_id         uuid   NOT NULL,
    kind            text   NOT NULL,
    party_id        uuid,
    source_id       bigint NOT NULL,
    given_on        date   NOT NULL,
    until           date,
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    CONSTRAINT pk_consent PRIMARY KEY (consent_id),
    CONSTRAINT fk_consent_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_consent_party FOREIGN KEY (party_id) REFERENCES party.party,
    CONSTRAINT fk_consent_source FOREIGN KEY (source_id) REFERENCES cadastre.administrative_source,
    CONSTRAINT fk_consent_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_consent_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_consent_kind CHECK (kind IN ('spouse', 'co_owner', 'mortgagee', 'guardianship_authority')),
    CONSTRAINT ck_consent_until CHECK (until >= given_on)
);
CREATE INDEX ix_consent_case ON registry.consent (case_id);

CREATE TABLE registry.competence (
    competence_id   bigint GENERATED BY DEFAULT AS IDENTITY,
    kind            text   NOT NULL,
    subject         text   NOT NULL,
    district_code   text   NOT NULL,
    valid_from      date   NOT NULL,
    valid_to        date,
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    CONSTRAINT pk_competence PRIMARY KEY (competence_id),
    CONSTRAINT fk_competence_district FOREIGN KEY (district_code) REFERENCES cadastre.district,
    CONSTRAINT fk_competence_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_competence_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_competence_kind CHECK (kind IN ('office', 'notary', 'registrar')),
    CONSTRAINT ck_competence_validity CHECK (valid_to >= valid_from)
);
CREATE UNIQUE INDEX uq_competence_current ON registry.competence (kind, subject, district_code, valid_from)
    WHERE superseded_leaf IS NULL;
COMMENT ON TABLE registry.competence IS 'Who may act for which territory; an office without a row acts for the districts of its office code.';

-- ---------------------------------------------------------------- events, deliveries, repeated requests

CREATE TABLE registry.event (
    event_id      bigint GENERATED BY DEFAULT AS IDENTITY,
    kind          text   NOT NULL,
    audience      text   NOT NULL,
    property_id   bigint,
    case_id       uuid,
    payload       jsonb  NOT NULL,
    recorded_leaf bigint NOT NULL,
    CONSTRAINT pk_event PRIMARY KEY (event_id),
    CONSTRAINT fk_event_property FOREIGN KEY (property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_event_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_event_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_event_kind CHECK (kind ~ '^[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)*$'),
    CONSTRAINT ck_event_payload CHECK (jsonb_typeof(payload) = 'object')
);
CREATE INDEX ix_event_audience ON registry.event (audience, recorded_leaf, event_id);
COMMENT ON TABLE registry.event IS
    'News for one audience (an account, or role:court), ordered by the ledger index of its leaf; written in the transaction that it tells of. No personal data.';

CREATE TABLE registry.subscription (
    subscription_id    uuid    NOT NULL,
    subject            text    NOT NULL,
    audience           text    NOT NULL,
    webhook_url        text,
    acknowledged_index bigint  NOT NULL DEFAULT 0,
    active             boolean NOT NULL DEFAULT true,
    CONSTRAINT pk_subscription PRIMARY KEY (subscription_id),
    CONSTRAINT uq_subscription_subject UNIQUE (subject, audience),
    CONSTRAINT ck_subscription_webhook CHECK (webhook_url ~ '^https?://[^[:space:]]+$' AND length(webhook_url) <= 500),
    CONSTRAINT ck_subscription_index CHECK (acknowledged_index >= 0)
);

CREATE TABLE registry.delivery (
    subscription_id uuid        NOT NULL,
    event_id        bigint      NOT NULL,
    attempts        integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_status     integer,
    delivered_at    timestamptz,
    CONSTRAINT pk_delivery PRIMARY KEY (subscription_id, event_id),
    CONSTRAINT fk_delivery_subscription FOREIGN KEY (subscription_id) REFERENCES registry.subscription,
    CONSTRAINT fk_delivery_event FOREIGN KEY (event_id) REFERENCES registry.event,
    CONSTRAINT ck_delivery_attempts CHECK (attempts >= 0)
);
CREATE INDEX ix_delivery_due ON registry.delivery (next_attempt_at) WHERE delivered_at IS NULL;

CREATE TABLE registry.idempotency (
    subject     text        NOT NULL,
    key         text        NOT NULL,
    route       text        NOT NULL,
    body_sha256 bytea       NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    status      smallint,
    response    text,
    location    text,
    CONSTRAINT pk_idempotency PRIMARY KEY (subject, key),
    CONSTRAINT ck_idempotency_key CHECK (length(key) BETWEEN 8 AND 200 AND key !~ '[[:cntrl:]]'),
    CONSTRAINT ck_idempotency_body CHECK (octet_length(body_sha256) = 32),
    CONSTRAINT ck_idempotency_answered_whole CHECK (num_nonnulls(status, response) IN (0, 2))
);
COMMENT ON TABLE registry.idempotency IS
    'Inserted first in the transaction of a request, filled with its answer last: a repetition waits for it and gets the same answer.';

-- worklists
CREATE VIEW registry.parcel_without_title AS
SELECT p.parcel_id, p.cadastral_number, p.district_code
  FROM cadastre.parcel_version v JOIN cadastre.parcel p USING (parcel_id)
 WHERE v.superseded_leaf IS NULL AND v.valid_to IS NULL
   AND NOT EXISTS (SELECT FROM cadastre.property_object o WHERE o.parcel_id = v.parcel_id
                      AND o.superseded_leaf IS NULL AND o.valid_to IS NULL);
CREATE VIEW registry.parcel_without_geometry AS
SELECT p.parcel_id, p.cadastral_number, p.district_code
  FROM cadastre.parcel_version v JOIN cadastre.parcel p USING (parcel_id)
 WHERE v.superseded_leaf IS NULL AND v.valid_to IS NULL AND v.geom IS NULL;
