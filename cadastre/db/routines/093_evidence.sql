-- Issued extracts hold names and personal numbers in the clear: like the parties (050), they and the journal of
-- requests open only to a transaction that has written down that it looks. Not forced on the owner: the narrow
-- functions below are his, and each gives or changes no more than it says.

ALTER TABLE evidence.extract ENABLE ROW LEVEL SECURITY;
ALTER TABLE evidence.extract_request ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS pl_extract_read_when_logged ON evidence.extract;
CREATE POLICY pl_extract_read_when_logged ON evidence.extract FOR SELECT USING ((SELECT party.access_is_logged()));
DROP POLICY IF EXISTS pl_extract_insert ON evidence.extract;
CREATE POLICY pl_extract_insert ON evidence.extract FOR INSERT WITH CHECK (true);
DROP POLICY IF EXISTS pl_extract_request_read_when_logged ON evidence.extract_request;
CREATE POLICY pl_extract_request_read_when_logged ON evidence.extract_request FOR SELECT
    USING ((SELECT party.access_is_logged()));
DROP POLICY IF EXISTS pl_extract_request_insert ON evidence.extract_request;
CREATE POLICY pl_extract_request_insert ON evidence.extract_request FOR INSERT WITH CHECK (true);

-- The sealed print follows the committed statement, under a leaf that names the digests of print and signature; false
-- when somebody else sealed it first. The signature is that of the statement; what has none yet gets the one given.
CREATE OR REPLACE FUNCTION evidence.attach_signature(signed uuid, signature text, printed bytea, at timestamptz)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    salt bytea := public.gen_random_bytes(16);
    made text;
    payload text;
    leaf bigint;
BEGIN
    SELECT coalesce(statement_jws, signature) INTO made
      FROM evidence.extract WHERE extract_id = signed AND signed_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    -- RFC 8785: keys in order, no spaces
    payload := format('{"extract_id":"%s","jws_sha256":"%s","pdf_sha256":"%s"}', signed,
        encode(sha256(convert_to(made, 'UTF8')), 'hex'), encode(sha256(printed), 'hex'));
    INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
    VALUES ('extract.signed', 'signer', payload, salt, sha256('\x00'::bytea || salt || convert_to(payload, 'UTF8')))
    RETURNING leaf_id INTO leaf;
    UPDATE evidence.extract SET jws = made, pdf = printed, signed_at = at, signed_leaf = leaf
     WHERE extract_id = signed;
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION evidence.list_unsigned(at_most integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT extract_id FROM evidence.extract WHERE signed_at IS NULL ORDER BY issued_at LIMIT at_most
$$;

-- What a statement that somebody shows was issued about, if its very bytes were: no look at a person.
CREATE OR REPLACE FUNCTION evidence.find_issued(shown uuid, digest bytea)
RETURNS TABLE (kind text, register_number text, property_id bigint, ledger_index bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.kind, e.register_number, e.property_id, e.ledger_index
      FROM evidence.extract e WHERE e.extract_id = shown AND e.statement_sha256 = digest
$$;

-- What the QR code of an extract opens: facts to compare with the paper, no party, no right, no restriction.
CREATE OR REPLACE FUNCTION evidence.find_public_summary(token text)
RETURNS TABLE (kind text, register_number text, property_id bigint, ledger_index bigint, issued_at timestamptz,
               statement_sha256 bytea, number text, synthetic boolean, parcels jsonb,
               section jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.kind, e.register_number, e.property_id, e.ledger_index, e.issued_at, e.statement_sha256,
           s.body ->> 'number', (s.body ->> 'synthetic')::boolean,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('cadastral_number', p.body -> 'cadastral_number',
                                                         'district', p.body -> 'district',
                                                         'documentary_area', p.body -> 'documentary_area',
                                                         'surveyed_area', p.body -> 'surveyed_area')
                                      ORDER BY p.place), '[]')
              FROM jsonb_array_elements(CASE jsonb_typeof(s.body -> 'parcels') WHEN 'array' THEN s.body -> 'parcels'
                                                                       ELSE '[]' END) WITH ORDINALITY AS p (body, place)),
           CASE WHEN jsonb_typeof(s.body -> 'property') = 'object' THEN
               jsonb_build_object('object_kind', s.body #> '{property,object_kind}',
                                  'unit', s.body #> '{property,unit}',
                                  'unit_areas', s.body #> '{property,unit_areas}') END
      FROM evidence.extract e
     CROSS JOIN LATERAL (SELECT convert_from(e.statement, 'UTF8')::jsonb) AS s (body)
     WHERE e.verify_token = token
$$;

REVOKE ALL ON FUNCTION evidence.attach_signature(uuid, text, bytea, timestamptz), evidence.list_unsigned(integer),
    evidence.find_issued(uuid, bytea), evidence.find_public_summary(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evidence.attach_signature(uuid, text, bytea, timestamptz), evidence.list_unsigned(integer)
    TO cadastre_write;
GRANT USAGE ON SCHEMA evidence TO cadastre_read;
GRANT EXECUTE ON FUNCTION evidence.find_issued(uuid, bytea), evidence.find_public_summary(text) TO cadastre_read;

-- Whether the register has moved on since is asked by the public: which entries bear on a property, and never
-- what they say or about whom.
GRANT SELECT (property_id, register_number, recorded_leaf, superseded_leaf) ON cadastre.property TO cadastre_read;
GRANT SELECT (property_id, parcel_id, building_id, unit_id, recorded_leaf, superseded_leaf)
    ON cadastre.property_object TO cadastre_read;
GRANT SELECT (property_id, recorded_leaf, superseded_leaf) ON cadastre.property_right, cadastre.restriction
    TO cadastre_read;
GRANT SELECT (benefits_property_id) ON cadastre.restriction TO cadastre_read;
GRANT SELECT (parcel_id, cadastral_number) ON cadastre.parcel TO cadastre_read;
GRANT SELECT (parcel_id, geom_wgs84, recorded_leaf, superseded_leaf) ON cadastre.parcel_version TO cadastre_read;
GRANT SELECT (building_id, parcel_id, recorded_leaf, superseded_leaf) ON cadastre.building TO cadastre_read;
GRANT SELECT (unit_id, building_id, recorded_leaf, superseded_leaf) ON cadastre.building_unit TO cadastre_read;
GRANT SELECT (street_id, parcel_id, building_id, recorded_leaf, superseded_leaf) ON address.entrance TO cadastre_read;
GRANT SELECT (street_id, recorded_leaf, superseded_leaf) ON address.street TO cadastre_read;
