-- Grants of schema registry, in the manner of 090: what a trigger gives, nobody may insert.
REVOKE ALL ON ALL TABLES IN SCHEMA registry FROM PUBLIC, cadastre_write, cadastre_read, cadastre_tiles;
REVOKE ALL ON ALL ROUTINES IN SCHEMA registry FROM PUBLIC;
GRANT USAGE ON SCHEMA registry TO cadastre_write;
GRANT SELECT ON ALL TABLES IN SCHEMA registry TO cadastre_write;
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN
        SELECT c.relname, string_agg(quote_ident(a.attname), ', ') AS columns,
               EXISTS (SELECT FROM pg_attribute s WHERE s.attrelid = c.oid AND s.attname = 'superseded_leaf') AS closable
          FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE n.nspname = 'registry' AND c.relkind = 'r'
           AND c.relname NOT IN ('property_head', 'turnstile', 'service', 'restriction_kind', 'case_transition')
           AND a.attname NOT IN ('superseded_leaf', 'closed_leaf')
           AND (c.relname, a.attname) NOT IN (('registration_journal', 'journal_number'),
                ('registration_journal', 'received_at'),
                ('case_step', 'state'), ('case_step', 'at'), ('case_step', 'duration_s'), ('case_property', 'place'),
                ('case_object', 'place'),
                ('priority_notice', 'queue_number'), ('priority_notice', 'taken_at'), ('priority_notice', 'expires_at'),
                ('priority_notice', 'renewals'), ('document', 'received_at'), ('idempotency', 'made_at'))
         GROUP BY c.oid, c.relname
    LOOP
        EXECUTE format('GRANT INSERT (%s) ON registry.%I TO cadastre_write', t.columns, t.relname);
        IF t.closable THEN
            EXECUTE format('GRANT UPDATE (superseded_leaf) ON registry.%I TO cadastre_write', t.relname);
        END IF;
    END LOOP;
END $$;
GRANT UPDATE (status, response, location) ON registry.idempotency TO cadastre_write;
GRANT UPDATE (webhook_url, acknowledged_index, active) ON registry.subscription TO cadastre_write;
GRANT UPDATE (attempts, next_attempt_at, last_status, delivered_at) ON registry.delivery TO cadastre_write;
GRANT USAGE ON SEQUENCE registry.registration_serial TO cadastre_write;
GRANT EXECUTE ON FUNCTION registry.enter_properties(bigint[]), registry.enter_objects(text[]),
    registry.list_object_keys(uuid), registry.property_version(bigint),
    registry.priority_holder(bigint, timestamptz), registry.mint_registration_number(text),
    registry.resolve_party(uuid), registry.later_number(uuid, text, bigint),
    registry.find_block(bigint, uuid, boolean),
    registry.list_lapsed(timestamptz), registry.tell_lapsed(bigint) TO cadastre_write;
