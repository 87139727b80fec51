-- What has no section yet is named by its own number: a case takes its place before the object.

CREATE TABLE registry.case_object (
    case_id       uuid   NOT NULL,
    object_kind   text   NOT NULL,
    object_number text   NOT NULL,
    district_code text   NOT NULL,
    place         bigint NOT NULL,
    recorded_leaf bigint NOT NULL,
    CONSTRAINT pk_case_object PRIMARY KEY (case_id, object_kind, object_number),
    CONSTRAINT fk_case_object_case FOREIGN KEY (case_id) REFERENCES registry.case_file,
    CONSTRAINT fk_case_object_district FOREIGN KEY (district_code) REFERENCES cadastre.district,
    CONSTRAINT fk_case_object_recorded FOREIGN KEY (recorded_leaf) REFERENCES ledger.leaf,
    CONSTRAINT ck_case_object_kind CHECK (object_kind IN ('parcel', 'building', 'unit')),
    CONSTRAINT ck_case_object_number CHECK (length(object_number) BETWEEN 1 AND 120
        AND object_number !~ '[[:cntrl:]]')
);
CREATE INDEX ix_case_object_object ON registry.case_object (object_kind, object_number, place);
COMMENT ON TABLE registry.case_object IS
    'Objects without a section that a case is about, by cadastral number, building number, or number of the building, " / " and number of the unit. Only a case that names an object opens a section for it.';
COMMENT ON COLUMN registry.case_object.place IS
    'Place in the order of the object: the journal number of the case. Given by trigger.';
COMMENT ON TABLE registry.turnstile IS
    'Contention rows that are no property: the registration journal (its count is the last number), parties being linked, objects without a section (kind:number), buildings whose stage changes, paper extracts.';
