-- Fields that the form of an extract names (Law 713-IIQ, decree of 18.08.2020) and the register could not hold.
ALTER TABLE cadastre.administrative_source
    ADD COLUMN issuer text,
    ADD CONSTRAINT ck_administrative_source_issuer
        CHECK (issuer ~ '[^[:space:]]' AND issuer !~ '[[:cntrl:]]' AND length(issuer) <= 200);
COMMENT ON COLUMN cadastre.administrative_source.issuer IS 'Who issued the document: a notary office, a court.';

ALTER TABLE cadastre.property
    ADD COLUMN former_address    text,
    ADD COLUMN paper_series      text,
    ADD COLUMN paper_number      text,
    ADD COLUMN divisible         boolean,
    ADD COLUMN total_area_m2     numeric(10, 2),
    ADD COLUMN living_area_m2    numeric(10, 2),
    ADD COLUMN auxiliary_area_m2 numeric(10, 2),
    ADD COLUMN room_count        smallint,
    ADD CONSTRAINT ck_property_former_address CHECK (former_address ~ '[^[:space:]]'
        AND former_address !~ '[[:cntrl:]]' AND length(former_address) <= 300),
    ADD CONSTRAINT ck_property_paper CHECK (num_nonnulls(paper_series, paper_number) IN (0, 2)
        AND paper_series ~ '^[^[:space:][:cntrl:]]{1,4}$' AND paper_number ~ '^[0-9]{1,10}$'),
    ADD CONSTRAINT ck_property_areas CHECK (total_area_m2 > 0 AND living_area_m2 BETWEEN 0 AND total_area_m2
        AND auxiliary_area_m2 BETWEEN 0 AND total_area_m2),
    ADD CONSTRAINT ck_property_rooms CHECK (room_count BETWEEN 0 AND 1000);
COMMENT ON COLUMN cadastre.property.total_area_m2 IS
    'Area of the house or unit by its title document, m2 (the land has its own); measured areas stand in building_unit.';
COMMENT ON COLUMN cadastre.property.paper_series IS 'Series and number of the paper extract (kupça) on which the section rests.';

ALTER TABLE cadastre.building_unit
    ADD COLUMN auxiliary_area_m2 numeric(10, 2),
    ADD CONSTRAINT ck_building_unit_auxiliary CHECK (auxiliary_area_m2 BETWEEN 0 AND total_area_m2);

-- A lease, a usufruct, a servitude may burden a part; and only ownership is held in shares of one whole.
ALTER TABLE cadastre.property_right
    ADD COLUMN scope text,
    ADD CONSTRAINT ck_property_right_scope
        CHECK (scope ~ '[^[:space:]]' AND scope !~ '[[:cntrl:]]' AND length(scope) <= 300),
    DROP CONSTRAINT ck_property_right_share,
    ADD CONSTRAINT ck_property_right_share CHECK (
        CASE WHEN joint OR (kind <> 'ownership' AND num_nonnulls(share_numerator, share_denominator) = 0)
             THEN share_numerator IS NULL AND share_denominator IS NULL
             ELSE share_numerator IS NOT NULL AND share_denominator IS NOT NULL
                  AND share_numerator > 0 AND share_numerator <= share_denominator END);
ALTER TABLE cadastre.restriction
    ADD COLUMN scope text,
    ADD CONSTRAINT ck_restriction_scope
        CHECK (scope ~ '[^[:space:]]' AND scope !~ '[[:cntrl:]]' AND length(scope) <= 300);

-- The application journal is numbered, and so are the documents. A number is drawn for good: a transaction that
-- is undone leaves a gap, never a number that is given twice.
CREATE SEQUENCE evidence.journal_number;
ALTER TABLE evidence.extract_request
    ADD COLUMN journal_number bigint NOT NULL DEFAULT nextval('evidence.journal_number'),
    ADD COLUMN acting_for text,
    ADD CONSTRAINT uq_extract_request_journal_number UNIQUE (journal_number),
    ADD CONSTRAINT ck_extract_request_acting_for
        CHECK (acting_for ~ '[^[:space:]]' AND acting_for !~ '[[:cntrl:]]' AND length(acting_for) <= 300);
ALTER SEQUENCE evidence.journal_number OWNED BY evidence.extract_request.journal_number;
COMMENT ON COLUMN evidence.extract_request.acting_for IS
    'Whom the applicant acts for: the disposer, the heir in whose matter a notary asks. Personal data.';

CREATE SEQUENCE evidence.document_number;
ALTER TABLE evidence.extract
    ADD COLUMN document_number bigint NOT NULL DEFAULT nextval('evidence.document_number'),
    ADD CONSTRAINT uq_extract_document_number UNIQUE (document_number);
ALTER SEQUENCE evidence.document_number OWNED BY evidence.extract.document_number;
COMMENT ON COLUMN evidence.extract.document_number IS 'Short number for reading out; printed with the series EX and seven digits.';
