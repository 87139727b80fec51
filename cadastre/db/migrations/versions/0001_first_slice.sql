-- First slice of the register. Vocabulary: ISO 19152 (LADM), INSPIRE CP/AD.
--
-- Bitemporal everywhere: valid_from/valid_to is the law's time; recorded_leaf /
-- superseded_leaf name the ledger leaf that entered or closed the row, and the
-- leaf's ledger_index is the register's recorded time (DECISIONS.md).
-- Nothing is deleted; the only permitted update closes an open end (NULL -> value).
--
-- load_id: rows written by a bulk load. The write role has no INSERT privilege on
-- that column, so only the owner's loader can skip the per-row checks (it has
-- checked the whole set before); everybody else always meets the triggers.

CREATE SCHEMA ledger;
CREATE SCHEMA cadastre;
CREATE SCHEMA party;
CREATE SCHEMA address;
CREATE SCHEMA evidence;
CREATE SCHEMA staging;
CREATE SCHEMA publish;

-- ---------------------------------------------------------------- ledger

CREATE TABLE ledger.leaf (
    leaf_id       bigint GENERATED ALWAYS AS IDENTITY,
    xid           xid8        NOT NULL DEFAULT pg_current_xact_id(),
    closing_number bigint,
    recorded_time timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind          text        NOT NULL,
    actor         text        NOT NULL,
    payload       text        NOT NULL,
    salt          bytea       NOT NULL,
    leaf_hash     bytea       NOT NULL,
    ledger_index  bigint,
    CONSTRAINT pk_leaf PRIMARY KEY (leaf_id),
    CONSTRAINT uq_leaf_ledger_index UNIQUE (ledger_index),
    CONSTRAINT ck_leaf_closed_before_numbered CHECK (ledger_index IS NULL OR closing_number IS NOT NULL),
    CONSTRAINT ck_leaf_kind CHECK (kind ~ '^[a-z]+(-[a-z]+)*(\.[a-z]+(-[a-z]+)*)+$'),
    CONSTRAINT ck_leaf_salt CHECK (octet_length(salt) = 16),
    CONSTRAINT ck_leaf_payload_is_object CHECK (jsonb_typeof(payload::jsonb) = 'object'),
    -- RFC 6962 leaf hash over salt and canonical payload
    CONSTRAINT ck_leaf_hash CHECK (leaf_hash = sha256('\x00'::bytea || salt || convert_to(payload, 'UTF8'))),
    CONSTRAINT ck_leaf_ledger_index CHECK (ledger_index >= 0)
);
CREATE INDEX ix_leaf_unsequenced ON ledger.leaf (xid, leaf_id) WHERE ledger_index IS NULL;
CREATE SEQUENCE ledger.closing_number;
COMMENT ON COLUMN ledger.leaf.closing_number IS
    'Drawn at commit, when the transaction holds all its locks: whoever waited for another draws the later number.';
COMMENT ON TABLE ledger.leaf IS
    'One row per register event, extract and access to personal data; append only. payload is RFC 8785 JSON without personal data.';

CREATE TABLE ledger.sequencer (
    only_row  boolean NOT NULL DEFAULT true,
    tree_size bigint  NOT NULL DEFAULT 0,
    CONSTRAINT pk_sequencer PRIMARY KEY (only_row),
    CONSTRAINT ck_sequencer_only_row CHECK (only_row),
    CONSTRAINT ck_sequencer_tree_size CHECK (tree_size >= 0)
);
-- The ledger begins with one leaf, so that every state of the register has an index to be named by.
INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash, closing_number, ledger_index)
SELECT 'register.founded', 'migration', payload, salt,
       sha256('\x00'::bytea || salt || convert_to(payload, 'UTF8')), nextval('ledger.closing_number'), 0
  FROM (SELECT '{"event":"register.founded"}' AS payload, public.gen_random_bytes(16) AS salt) AS founding;
INSERT INTO ledger.sequencer (tree_size) VALUES (1);

-- ---------------------------------------------------------------- dated tolerances

CREATE TABLE cadastre.tolerance (
    name       text             NOT NULL,
    valid_from date             NOT NULL,
    valid_to   date,
    value      double precision NOT NULL,
    unit       text             NOT NULL,
    source     text             NOT NULL,
    CONSTRAINT pk_tolerance PRIMARY KEY (name, valid_from),
    CONSTRAINT ck_tolerance_validity CHECK (valid_to > valid_from)
);
COMMENT ON TABLE cadastre.tolerance IS 'Copy of codelists/tolerances.toml, refreshed by every migration run, for the checks that live in the database.';

-- ---------------------------------------------------------------- staging

CREATE TABLE staging.load_run (
    load_id              bigint GENERATED ALWAYS AS IDENTITY,
    kind                 text        NOT NULL,
    file_name            text        NOT NULL,
    file_sha256          bytea       NOT NULL,
    layer                text,
    district_code        text,
    source_srid          integer,
    operation_code       text,
    operation_accuracy_m real,
    mapping              jsonb       NOT NULL DEFAULT '{}',
    rows_read            bigint      NOT NULL,
    rows_accepted        bigint      NOT NULL,
    rows_rejected        bigint      NOT NULL,
    started_at           timestamptz NOT NULL,
    finished_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor                text        NOT NULL,
    leaf_id              bigint      NOT NULL,
    CONSTRAINT pk_load_run PRIMARY KEY (load_id),
    CONSTRAINT fk_load_run_leaf FOREIGN KEY (leaf_id) REFERENCES ledger.leaf,
    CONSTRAINT ck_load_run_kind CHECK (kind IN ('districts', 'zones', 'parcels', 'buildings', 'streets', 'entrances', 'rights')),
    CONSTRAINT ck_load_run_nothing_lost CHECK (rows_read = rows_accepted + rows_rejected
        AND rows_accepted >= 0 AND rows_rejected >= 0),
    CONSTRAINT ck_load_run_sha256 CHECK (octet_length(file_sha256) = 32)
);

CREATE TABLE staging.rejected_row (
    load_id    bigint NOT NULL,
    row_number bigint NOT NULL,
    attributes jsonb  NOT NULL,
    geom_wkb   bytea,
    CONSTRAINT pk_rejected_row PRIMARY KEY (load_id, row_number),
    CONSTRAINT fk_rejected_row_load FOREIGN KEY (load_id) REFERENCES staging.load_run
);
COMMENT ON TABLE staging.rejected_row IS 'Source rows kept as they came: attributes and the geometry bytes as read, in the source CRS.';

CREATE TABLE staging.finding (
    finding_id  bigint GENERATED ALWAYS AS IDENTITY,
    load_id     bigint NOT NULL,
    row_number  bigint,
    rule        text   NOT NULL,
    severity    text   NOT NULL,
    subject     text,
    measured    double precision,
    limit_value double precision,
    unit        text,
    detail      jsonb  NOT NULL DEFAULT '{}',
    where_wgs84 geometry(Geometry, 4326),
    CONSTRAINT pk_finding PRIMARY KEY (finding_id),
    CONSTRAINT fk_finding_load FOREIGN KEY (load_id) REFERENCES staging.load_run,
    CONSTRAINT ck_finding_severity CHECK (severity IN ('error', 'warning', 'info'))
);
CREATE INDEX ix_finding_load ON staging.finding (load_id, row_number);

-- ---------------------------------------------------------------- territory

CREATE TABLE cadastre.district (
    code        text    NOT NULL,
    name_az     text    NOT NULL,
    name_en     text    NOT NULL,
    name_ru     text    NOT NULL,
    kind        text    NOT NULL,
    parent_code text,
    iso_code    text,
    legal_srid  integer NOT NULL,
    office_code text    NOT NULL,
    valid_from  date    NOT NULL,
    valid_to    date,
    CONSTRAINT pk_district PRIMARY KEY (code),
    CONSTRAINT fk_district_parent FOREIGN KEY (parent_code) REFERENCES cadastre.district,
    CONSTRAINT ck_district_code CHECK (code ~ '^[A-Z]{2,3}(-[A-Z]{3})?$'),
    CONSTRAINT ck_district_legal_srid CHECK (legal_srid IN (32638, 32639)),
    CONSTRAINT ck_district_office_code CHECK (office_code ~ '^[0-9]{2}$'),
    CONSTRAINT ck_district_validity CHECK (valid_to > valid_from)
);
COMMENT ON TABLE cadastre.district IS 'Administrative units with dated codes (codelists/districts.toml). legal_srid: the UTM zone of its legal geometries.';

CREATE TABLE cadastre.district_boundary (
    boundary_id     bigint GENERATED ALWAYS AS IDENTITY,
    district_code   text   NOT NULL,
    valid_from      date   NOT NULL,
    valid_to        date,
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    load_id         bigint,
    geom_wgs84      geometry(MultiPolygon, 4326) NOT NULL,
    CONSTRAINT pk_district_boundary PRIMARY KEY (boundary_id),
    CONSTRAINT fk_district_boundary_district FOREIGN KEY (district_code) REFERENCES cadastre.district,
    CONSTRAINT fk_district_boundary_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_district_boundary_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_district_boundary_load FOREIGN KEY (load_id) REFERENCES staging.load_run,
    CONSTRAINT ck_district_boundary_valid CHECK (ST_IsValid(geom_wgs84) AND NOT ST_IsEmpty(geom_wgs84))
);
CREATE UNIQUE INDEX uq_district_boundary_current ON cadastre.district_boundary (district_code)
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;
CREATE INDEX ix_district_boundary_geom ON cadastre.district_boundary USING gist (geom_wgs84);

CREATE TABLE cadastre.cadastral_zone (
    zone_id         bigint GENERATED ALWAYS AS IDENTITY,
    district_code   text   NOT NULL,
    zone_code       text   NOT NULL,
    name_az         text   NOT NULL,
    valid_from      date   NOT NULL,
    valid_to        date,
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    load_id         bigint,
    geom_wgs84      geometry(MultiPolygon, 4326) NOT NULL,
    CONSTRAINT pk_cadastral_zone PRIMARY KEY (zone_id),
    CONSTRAINT fk_cadastral_zone_district FOREIGN KEY (district_code) REFERENCES cadastre.district,
    CONSTRAINT fk_cadastral_zone_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_cadastral_zone_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_cadastral_zone_load FOREIGN KEY (load_id) REFERENCES staging.load_run,
    CONSTRAINT ck_cadastral_zone_code CHECK (zone_code ~ '^[0-9A-Z]{1,10}$'),
    CONSTRAINT ck_cadastral_zone_valid CHECK (ST_IsValid(geom_wgs84) AND NOT ST_IsEmpty(geom_wgs84))
);
CREATE UNIQUE INDEX uq_cadastral_zone_current ON cadastre.cadastral_zone (district_code, zone_code)
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;
CREATE INDEX ix_cadastral_zone_geom ON cadastre.cadastral_zone USING gist (geom_wgs84);

-- ---------------------------------------------------------------- parcels

CREATE SEQUENCE cadastre.cadastral_number_serial;

CREATE TABLE cadastre.parcel (
    parcel_id        bigint GENERATED BY DEFAULT AS IDENTITY,
    cadastral_number text   NOT NULL,
    district_code    text   NOT NULL,
    CONSTRAINT pk_parcel PRIMARY KEY (parcel_id),
    CONSTRAINT uq_parcel_cadastral_number UNIQUE (cadastral_number),
    -- not one counted pattern: {0,58} costs ten times as much per row
    CONSTRAINT ck_parcel_cadastral_number CHECK (length(cadastral_number) BETWEEN 1 AND 60
        AND cadastral_number !~ '^[[:space:]]|[[:cntrl:]]|[[:space:]]$'),
    CONSTRAINT ck_parcel_number_is_no_register_number CHECK (cadastral_number !~ '^[0-9]{12}(-[0-9]{5})?$')
);
-- district_code: tg_parcel_district, once a statement (a foreign key costs a trigger call a row)
COMMENT ON TABLE cadastre.parcel IS 'Identity of a parcel (LA_SpatialUnit.suID); what is known of it stands in parcel_version.';

CREATE TABLE cadastre.parcel_version (
    version_id          bigint GENERATED BY DEFAULT AS IDENTITY,
    parcel_id           bigint   NOT NULL,
    valid_from          date     NOT NULL,
    valid_to            date,
    recorded_leaf       bigint   NOT NULL,
    superseded_leaf     bigint,
    load_id             bigint,
    geom                geometry(Polygon),
    geom_wgs84          geometry(Polygon, 4326) GENERATED ALWAYS AS (ST_Transform(geom, 4326)) STORED,
    surveyed_area_m2    numeric(14, 2),
    documentary_area_m2 numeric(14, 2),
    land_category       smallint,
    ownership_form      text,
    purpose             text,
    quality_group       smallint,
    address_text        text,
    source_number       text,
    source_date         date,
    accuracy_m          real,
    source_srid         integer,
    operation_code      text,
    operation_accuracy_m real,
    CONSTRAINT pk_parcel_version PRIMARY KEY (version_id),
    CONSTRAINT ck_parcel_version_validity CHECK (valid_to >= valid_from),
    CONSTRAINT ck_parcel_version_legal_srid CHECK (ST_SRID(geom) IN (32638, 32639)),
    -- ST_IsValid of a loaded set was decided before, by the newer GEOS of the loader
    CONSTRAINT ck_parcel_version_geom_valid CHECK (load_id IS NOT NULL OR ST_IsValid(geom)),
    CONSTRAINT ck_parcel_version_geom_flat CHECK (ST_NDims(geom) = 2 AND NOT ST_IsEmpty(geom)),
    CONSTRAINT ck_parcel_version_surveyed_area CHECK ((geom IS NULL) = (surveyed_area_m2 IS NULL) AND surveyed_area_m2 >= 1),
    CONSTRAINT ck_parcel_version_documentary_area CHECK (documentary_area_m2 > 0),
    CONSTRAINT ck_parcel_version_land_category CHECK (land_category BETWEEN 1 AND 7),
    CONSTRAINT ck_parcel_version_ownership_form CHECK (ownership_form IN ('dovlet', 'belediyye', 'xususi')),
    CONSTRAINT ck_parcel_version_quality_group CHECK (quality_group BETWEEN 1 AND 5),
    CONSTRAINT ck_parcel_version_accuracy CHECK (accuracy_m > 0)
);
CREATE UNIQUE INDEX uq_parcel_version_current ON cadastre.parcel_version (parcel_id)
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;
CREATE INDEX ix_parcel_version_geom ON cadastre.parcel_version USING gist (geom_wgs84)
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;
COMMENT ON COLUMN cadastre.parcel_version.geom IS 'Legal geometry: one polygon in the UTM zone of its district, coordinates to the mm.';
COMMENT ON COLUMN cadastre.parcel_version.surveyed_area_m2 IS 'Ellipsoidal (WGS 84) area of geom, m2.';
COMMENT ON COLUMN cadastre.parcel_version.documentary_area_m2 IS 'Area by the title document, m2.';
-- parcel_id and recorded_leaf carry no per-row foreign key (two million trigger calls a
-- million rows); tg_parcel_version_check makes the same test for every row that is not
-- part of a load, the loader makes it for its set, and neither target can be deleted.

CREATE TABLE cadastre.parcel_cell (
    cell    bigint NOT NULL,
    touched bigint NOT NULL DEFAULT 0,
    CONSTRAINT pk_parcel_cell PRIMARY KEY (cell)
);
COMMENT ON TABLE cadastre.parcel_cell IS
    'Contention rows of a 0.005 degree grid: every writer of parcel geometry UPDATEs the cells it touches, in order, so that at any isolation level two writers of one place meet.';

-- ---------------------------------------------------------------- buildings

CREATE TABLE cadastre.building (
    building_id     bigint GENERATED BY DEFAULT AS IDENTITY,
    building_number text   NOT NULL,
    parcel_id       bigint,
    kind            text   NOT NULL,
    floors          smallint,
    valid_from      date   NOT NULL,
    valid_to        date,
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    load_id         bigint,
    geom            geometry(Polygon),
    geom_wgs84      geometry(Polygon, 4326) GENERATED ALWAYS AS (ST_Transform(geom, 4326)) STORED,
    footprint_area_m2 numeric(14, 2),
    CONSTRAINT pk_building PRIMARY KEY (building_id),
    CONSTRAINT fk_building_parcel FOREIGN KEY (parcel_id) REFERENCES cadastre.parcel,
    CONSTRAINT fk_building_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_building_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_building_load FOREIGN KEY (load_id) REFERENCES staging.load_run,
    CONSTRAINT ck_building_validity CHECK (valid_to >= valid_from),
    CONSTRAINT ck_building_floors CHECK (floors BETWEEN 1 AND 200),
    CONSTRAINT ck_building_legal_srid CHECK (ST_SRID(geom) IN (32638, 32639)),
    CONSTRAINT ck_building_geom_valid CHECK (ST_IsValid(geom) AND ST_NDims(geom) = 2 AND NOT ST_IsEmpty(geom))
);
CREATE UNIQUE INDEX uq_building_current ON cadastre.building (building_number)
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;
CREATE INDEX ix_building_parcel ON cadastre.building (parcel_id);
CREATE INDEX ix_building_geom ON cadastre.building USING gist (geom_wgs84)
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;

CREATE TABLE cadastre.building_unit (
    unit_id         bigint GENERATED BY DEFAULT AS IDENTITY,
    building_id     bigint NOT NULL,
    kind            text   NOT NULL,
    unit_number     text   NOT NULL,
    entrance_number smallint,
    floor           smallint,
    room_count      smallint,
    total_area_m2   numeric(10, 2),
    living_area_m2  numeric(10, 2),
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    load_id         bigint,
    CONSTRAINT pk_building_unit PRIMARY KEY (unit_id),
    CONSTRAINT fk_building_unit_building FOREIGN KEY (building_id) REFERENCES cadastre.building,
    CONSTRAINT fk_building_unit_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_building_unit_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_building_unit_load FOREIGN KEY (load_id) REFERENCES staging.load_run,
    CONSTRAINT ck_building_unit_kind CHECK (kind IN ('flat', 'non_residential')),
    CONSTRAINT ck_building_unit_areas CHECK (total_area_m2 > 0 AND living_area_m2 >= 0 AND living_area_m2 <= total_area_m2)
);
CREATE UNIQUE INDEX uq_building_unit_current ON cadastre.building_unit (building_id, unit_number)
    WHERE superseded_leaf IS NULL;

-- ---------------------------------------------------------------- parties (personal data)

CREATE TABLE party.party (
    party_id      uuid   NOT NULL DEFAULT gen_random_uuid(),
    kind          text   NOT NULL,
    name          text   NOT NULL,
    fin           text,
    voen          text,
    recorded_leaf bigint NOT NULL,
    load_id       bigint,
    CONSTRAINT pk_party PRIMARY KEY (party_id),
    CONSTRAINT fk_party_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_party_kind CHECK (kind IN ('natural', 'legal', 'state', 'municipality', 'foreign_natural', 'foreign_legal')),
    CONSTRAINT ck_party_name CHECK (name ~ '[^[:space:]]' AND name !~ '[[:cntrl:]]' AND length(name) <= 300),
    CONSTRAINT ck_party_fin CHECK (fin ~ '^[0-9A-Z]{7}$'),
    CONSTRAINT ck_party_voen CHECK (voen ~ '^[0-9]{10}$'),
    CONSTRAINT ck_party_numbers_fit_kind CHECK (
        (fin IS NULL OR kind IN ('natural', 'foreign_natural'))
        AND (voen IS NULL OR kind <> 'state'))
);
CREATE UNIQUE INDEX uq_party_fin ON party.party (fin) WHERE fin IS NOT NULL;
CREATE UNIQUE INDEX uq_party_voen ON party.party (voen) WHERE voen IS NOT NULL;
COMMENT ON TABLE party.party IS
    'Personal data. Row-level security: readable only in a transaction that has written its access leaf (party.access_is_logged()).';

-- ---------------------------------------------------------------- properties and rights

CREATE SEQUENCE cadastre.register_number_serial;

CREATE TABLE cadastre.administrative_source (
    source_id     bigint GENERATED BY DEFAULT AS IDENTITY,
    kind          text   NOT NULL,
    number        text,
    dated         date,
    recorded_leaf bigint NOT NULL,
    load_id       bigint,
    CONSTRAINT pk_administrative_source PRIMARY KEY (source_id),
    CONSTRAINT fk_administrative_source_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_administrative_source_load FOREIGN KEY (load_id) REFERENCES staging.load_run,
    CONSTRAINT ck_administrative_source_kind CHECK (kind ~ '^[a-z][a-z_]*$')
);

CREATE TABLE cadastre.property (
    property_id     bigint GENERATED BY DEFAULT AS IDENTITY,
    register_number text   NOT NULL,
    object_kind     text   NOT NULL,
    district_code   text   NOT NULL,
    opened_on       date   NOT NULL,
    book_number     text,
    sheet_number    text,
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    load_id         bigint,
    CONSTRAINT pk_property PRIMARY KEY (property_id),
    CONSTRAINT uq_property_register_number UNIQUE (register_number),
    CONSTRAINT fk_property_district FOREIGN KEY (district_code) REFERENCES cadastre.district,
    CONSTRAINT fk_property_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_property_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_property_register_number CHECK (register_number ~ '^[0-9]{12}(-[0-9]{5})?$'),
    CONSTRAINT ck_property_object_kind CHECK (object_kind ~ '^[a-z][a-z_]*$')
);
COMMENT ON TABLE cadastre.property IS 'LA_BAUnit: one section (bolme) of the register, numbered by its register number.';

CREATE TABLE cadastre.property_object (
    property_object_id bigint GENERATED BY DEFAULT AS IDENTITY,
    property_id     bigint NOT NULL,
    parcel_id       bigint,
    building_id     bigint,
    unit_id         bigint,
    valid_from      date   NOT NULL,
    valid_to        date,
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    load_id         bigint,
    CONSTRAINT pk_property_object PRIMARY KEY (property_object_id),
    CONSTRAINT fk_property_object_property FOREIGN KEY (property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_property_object_parcel FOREIGN KEY (parcel_id) REFERENCES cadastre.parcel,
    CONSTRAINT fk_property_object_building FOREIGN KEY (building_id) REFERENCES cadastre.building,
    CONSTRAINT fk_property_object_unit FOREIGN KEY (unit_id) REFERENCES cadastre.building_unit,
    CONSTRAINT fk_property_object_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_property_object_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_property_object_one_target CHECK (num_nonnulls(parcel_id, building_id, unit_id) = 1),
    CONSTRAINT ck_property_object_validity CHECK (valid_to >= valid_from)
);
CREATE INDEX ix_property_object_property ON cadastre.property_object (property_id);
CREATE UNIQUE INDEX uq_property_object_parcel ON cadastre.property_object (parcel_id)
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;
CREATE UNIQUE INDEX uq_property_object_building ON cadastre.property_object (building_id)
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;
CREATE UNIQUE INDEX uq_property_object_unit ON cadastre.property_object (unit_id)
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;

CREATE TABLE cadastre.property_right (
    right_id            bigint GENERATED BY DEFAULT AS IDENTITY,
    property_id         bigint NOT NULL,
    kind                text   NOT NULL,
    party_id            uuid   NOT NULL,
    share_numerator     bigint,
    share_denominator   bigint,
    joint               boolean NOT NULL DEFAULT false,
    registration_number text   NOT NULL,
    registration_date   date   NOT NULL,
    source_id           bigint,
    valid_from          date   NOT NULL,
    valid_to            date,
    recorded_leaf       bigint NOT NULL,
    superseded_leaf     bigint,
    load_id             bigint,
    CONSTRAINT pk_property_right PRIMARY KEY (right_id),
    CONSTRAINT fk_property_right_property FOREIGN KEY (property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_property_right_party FOREIGN KEY (party_id) REFERENCES party.party,
    CONSTRAINT fk_property_right_source FOREIGN KEY (source_id) REFERENCES cadastre.administrative_source,
    CONSTRAINT fk_property_right_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_property_right_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_property_right_kind CHECK (kind IN ('ownership', 'permanent_use', 'temporary_use', 'lease',
        'usufruct', 'trust_management', 'superficies')),
    CONSTRAINT ck_property_right_share CHECK (
        CASE WHEN joint THEN share_numerator IS NULL AND share_denominator IS NULL
             ELSE share_numerator IS NOT NULL AND share_denominator IS NOT NULL
                  AND share_numerator > 0 AND share_numerator <= share_denominator END),
    CONSTRAINT ck_property_right_registration_number CHECK (registration_number ~ '^[0-9]{10}$'),
    CONSTRAINT ck_property_right_validity CHECK (valid_to >= valid_from)
);
CREATE INDEX ix_property_right_property ON cadastre.property_right (property_id);
CREATE INDEX ix_property_right_party ON cadastre.property_right (party_id);
CREATE UNIQUE INDEX uq_property_right_holder ON cadastre.property_right (property_id, kind, party_id)
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;
COMMENT ON TABLE cadastre.property_right IS 'LA_Right of one holder. Current ownership shares of a property sum to exactly 1, or all are joint (ex: tg_property_right_shares).';

CREATE TABLE cadastre.restriction (
    restriction_id      bigint GENERATED BY DEFAULT AS IDENTITY,
    property_id         bigint NOT NULL,
    kind                text   NOT NULL,
    beneficiary_party_id uuid,
    registration_number text   NOT NULL,
    registration_date   date   NOT NULL,
    source_id           bigint,
    amount              numeric(16, 2),
    currency            text,
    rank                smallint,
    until               date,
    valid_from          date   NOT NULL,
    valid_to            date,
    recorded_leaf       bigint NOT NULL,
    superseded_leaf     bigint,
    load_id             bigint,
    CONSTRAINT pk_restriction PRIMARY KEY (restriction_id),
    CONSTRAINT fk_restriction_property FOREIGN KEY (property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_restriction_beneficiary FOREIGN KEY (beneficiary_party_id) REFERENCES party.party,
    CONSTRAINT fk_restriction_source FOREIGN KEY (source_id) REFERENCES cadastre.administrative_source,
    CONSTRAINT fk_restriction_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_restriction_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_restriction_kind CHECK (kind ~ '^[a-z][a-z_]*$'),
    CONSTRAINT ck_restriction_money CHECK ((amount IS NULL) = (currency IS NULL) AND amount >= 0 AND currency ~ '^[A-Z]{3}$'),
    CONSTRAINT ck_restriction_rank CHECK (rank BETWEEN 1 AND 99),
    CONSTRAINT ck_restriction_registration_number CHECK (registration_number ~ '^[0-9]{10}$'),
    CONSTRAINT ck_restriction_validity CHECK (valid_to >= valid_from)
);
CREATE INDEX ix_restriction_property ON cadastre.restriction (property_id);
CREATE INDEX ix_restriction_beneficiary ON cadastre.restriction (beneficiary_party_id);
CREATE UNIQUE INDEX uq_restriction_mortgage_rank ON cadastre.restriction (property_id, rank)
    WHERE kind = 'mortgage' AND superseded_leaf IS NULL AND valid_to IS NULL;

-- ---------------------------------------------------------------- addresses (thin)

CREATE TABLE address.street (
    street_id       uuid   NOT NULL DEFAULT gen_random_uuid(),
    district_code   text   NOT NULL,
    kind            text   NOT NULL,
    name_az         text   NOT NULL,
    valid_from      date   NOT NULL,
    valid_to        date,
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    load_id         bigint,
    geom            geometry(LineString),
    geom_wgs84      geometry(LineString, 4326) GENERATED ALWAYS AS (ST_Transform(geom, 4326)) STORED,
    CONSTRAINT pk_street PRIMARY KEY (street_id),
    CONSTRAINT fk_street_district FOREIGN KEY (district_code) REFERENCES cadastre.district,
    CONSTRAINT fk_street_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_street_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_street_load FOREIGN KEY (load_id) REFERENCES staging.load_run,
    CONSTRAINT ck_street_name CHECK (name_az ~ '[^[:space:]]' AND name_az !~ '[[:cntrl:]]' AND length(name_az) <= 120),
    CONSTRAINT ck_street_kind CHECK (kind IN ('kuce', 'prospekt', 'donge', 'dalan', 'kecid', 'bulvar', 'sose', 'meydan', 'xiyaban', 'yol', 'sahe', 'massiv', 'mikrorayon', 'mehelle')),
    CONSTRAINT ck_street_legal_srid CHECK (ST_SRID(geom) IN (32638, 32639)),
    CONSTRAINT ck_street_geom CHECK (ST_NDims(geom) = 2 AND NOT ST_IsEmpty(geom) AND ST_Length(geom) > 0)
);
CREATE INDEX ix_street_geom ON address.street USING gist (geom_wgs84);
CREATE UNIQUE INDEX uq_street_current ON address.street (district_code, name_az, kind)
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;
COMMENT ON COLUMN address.street.geom IS 'Directed centre line, start to end, in the UTM zone of the district.';

CREATE TABLE address.entrance (
    entrance_id     uuid   NOT NULL DEFAULT gen_random_uuid(),
    street_id       uuid   NOT NULL,
    number          text   NOT NULL,
    parcel_id       bigint,
    building_id     bigint,
    valid_from      date   NOT NULL,
    valid_to        date,
    recorded_leaf   bigint NOT NULL,
    superseded_leaf bigint,
    load_id         bigint,
    geom            geometry(Point) NOT NULL,
    geom_wgs84      geometry(Point, 4326) GENERATED ALWAYS AS (ST_Transform(geom, 4326)) STORED,
    CONSTRAINT pk_entrance PRIMARY KEY (entrance_id),
    CONSTRAINT fk_entrance_street FOREIGN KEY (street_id) REFERENCES address.street,
    CONSTRAINT fk_entrance_parcel FOREIGN KEY (parcel_id) REFERENCES cadastre.parcel,
    CONSTRAINT fk_entrance_building FOREIGN KEY (building_id) REFERENCES cadastre.building,
    CONSTRAINT fk_entrance_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_entrance_superseded FOREIGN KEY (superseded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT fk_entrance_load FOREIGN KEY (load_id) REFERENCES staging.load_run,
    CONSTRAINT ck_entrance_number CHECK (number ~ '^[0-9]' AND number !~ '[[:cntrl:]]' AND length(number) <= 20),
    CONSTRAINT ck_entrance_legal_srid CHECK (ST_SRID(geom) IN (32638, 32639)),
    CONSTRAINT ck_entrance_geom CHECK (ST_NDims(geom) = 2 AND NOT ST_IsEmpty(geom))
);
CREATE INDEX ix_entrance_geom ON address.entrance USING gist (geom_wgs84);
CREATE INDEX ix_entrance_parcel ON address.entrance (parcel_id);
CREATE INDEX ix_entrance_building ON address.entrance (building_id);
CREATE UNIQUE INDEX uq_entrance_current ON address.entrance (street_id, number)
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;

-- ---------------------------------------------------------------- evidence

CREATE TABLE evidence.extract_request (
    request_id      uuid        NOT NULL,
    requester       text        NOT NULL,
    requester_role  text        NOT NULL,
    requester_name  text,
    capacity        text        NOT NULL,
    basis           text        NOT NULL,
    purpose         text        NOT NULL,
    register_number text        NOT NULL,
    kind            text        NOT NULL,
    as_of           date,
    known_at        bigint,
    requested_at    timestamptz NOT NULL,
    leaf_id         bigint      NOT NULL,
    CONSTRAINT pk_extract_request PRIMARY KEY (request_id),
    CONSTRAINT fk_extract_request_leaf FOREIGN KEY (leaf_id) REFERENCES ledger.leaf,
    CONSTRAINT ck_extract_request_kind CHECK (kind IN ('extract', 'certificate', 'plan')),
    CONSTRAINT ck_extract_request_basis CHECK (basis ~ '[^[:space:]]' AND purpose ~ '[^[:space:]]')
);
COMMENT ON TABLE evidence.extract_request IS 'Application journal (erize jurnali): who asked, in what capacity, on what basis, for what purpose.';

CREATE TABLE evidence.extract (
    extract_id       uuid        NOT NULL,
    request_id       uuid        NOT NULL,
    property_id      bigint,
    kind             text        NOT NULL,
    register_number  text        NOT NULL,
    verify_token     text        NOT NULL,
    issued_at        timestamptz NOT NULL,
    valid_time       date        NOT NULL,
    ledger_index     bigint      NOT NULL,
    statement        bytea       NOT NULL,
    statement_sha256 bytea       NOT NULL,
    leaf_id          bigint      NOT NULL,
    jws              text,
    pdf              bytea,
    signed_at        timestamptz,
    CONSTRAINT pk_extract PRIMARY KEY (extract_id),
    CONSTRAINT uq_extract_request UNIQUE (request_id),
    CONSTRAINT uq_extract_verify_token UNIQUE (verify_token),
    CONSTRAINT fk_extract_request FOREIGN KEY (request_id) REFERENCES evidence.extract_request,
    CONSTRAINT fk_extract_property FOREIGN KEY (property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_extract_leaf FOREIGN KEY (leaf_id) REFERENCES ledger.leaf,
    CONSTRAINT ck_extract_kind CHECK (kind IN ('extract', 'certificate', 'plan', 'not-in-register')),
    CONSTRAINT ck_extract_property CHECK ((property_id IS NULL) <= (kind = 'not-in-register')),
    CONSTRAINT ck_extract_token CHECK (verify_token ~ '^[0-9a-f]{32}$'),
    CONSTRAINT ck_extract_digest CHECK (statement_sha256 = sha256(statement)),
    CONSTRAINT ck_extract_signed_whole CHECK (num_nonnulls(jws, pdf, signed_at) IN (0, 3))
);
CREATE INDEX ix_extract_unsigned ON evidence.extract (issued_at) WHERE signed_at IS NULL;
CREATE INDEX ix_extract_register_number ON evidence.extract (register_number);
COMMENT ON TABLE evidence.extract IS 'Issued statements. Bytes, digest and leaf are committed first; signature and PDF follow (NULL -> value), by whoever survives.';
