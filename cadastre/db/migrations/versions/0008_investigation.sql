-- A flag concerns a section, one entry of it (by registration number, so that it stays when the entry is restated),
-- a parcel, or a party wherever it stands.
ALTER TABLE registry.investigation
    ADD COLUMN registration_number text,
    ADD COLUMN party_id uuid,
    ADD CONSTRAINT fk_investigation_party FOREIGN KEY (party_id) REFERENCES party.party,
    DROP CONSTRAINT ck_investigation_one_subject,
    ADD CONSTRAINT ck_investigation_one_subject CHECK (num_nonnulls(property_id, parcel_id, party_id) = 1),
    ADD CONSTRAINT ck_investigation_entry CHECK (registration_number IS NULL
        OR property_id IS NOT NULL AND registration_number ~ '^[0-9]{10}$'),
    ADD CONSTRAINT ck_investigation_reason CHECK (reason ~ '[^[:space:]]' AND length(reason) <= 2000);
CREATE INDEX ix_investigation_party ON registry.investigation (party_id) WHERE party_id IS NOT NULL;
DROP INDEX registry.uq_investigation_current;
CREATE UNIQUE INDEX uq_investigation_current ON registry.investigation
    (COALESCE(property_id, 0), COALESCE(parcel_id, 0), COALESCE(registration_number, ''),
     COALESCE(party_id, '00000000-0000-0000-0000-000000000000'::uuid), attribute)
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;
