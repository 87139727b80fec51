-- References on parts of what is registered, archival extracts, certificates of existence. What is about a person has
-- no section; its number is kept masked here, whole only beside the look (evidence.look).
ALTER TABLE evidence.extract_request
    DROP CONSTRAINT ck_extract_request_kind,
    ADD CONSTRAINT ck_extract_request_kind CHECK (kind IN ('extract', 'certificate', 'plan', 'reference-description',
        'reference-rights', 'reference-encumbrances', 'archive', 'existence'));
ALTER TABLE evidence.extract
    DROP CONSTRAINT ck_extract_kind,
    ADD CONSTRAINT ck_extract_kind CHECK (kind IN ('extract', 'certificate', 'plan', 'reference-description',
        'reference-rights', 'reference-encumbrances', 'archive', 'existence', 'not-in-register')),
    DROP CONSTRAINT ck_extract_property,
    ADD CONSTRAINT ck_extract_property CHECK ((property_id IS NULL) <= (kind IN ('not-in-register', 'existence')));
