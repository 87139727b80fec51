-- News of the office, written by the transaction that it tells of, for whoever acts on it: the applicant of a
-- case, whoever waits before the same property. Numbers and codes only, no personal data.

CREATE OR REPLACE FUNCTION registry.tell(
    of_kind text, to_audience text, about_property bigint, about_case uuid, told jsonb, leaf bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO registry.event (kind, audience, property_id, case_id, payload, recorded_leaf)
    VALUES (of_kind, to_audience, about_property, about_case, jsonb_strip_nulls(told), leaf);
END $$;

-- What becomes of a case is told to its applicant; that a property has changed, to all who wait before it.
-- Distribution and preparation are the office's own affair, the receipt is the answer to the application.
CREATE OR REPLACE FUNCTION registry.tg_case_step_tell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    filed registry.case_file;
    told jsonb;
    other record;
BEGIN
    SELECT * INTO STRICT filed FROM registry.case_file WHERE case_id = NEW.case_id;
    told := jsonb_build_object(
        'case', NEW.case_id, 'journal_number', filed.journal_number, 'service', filed.service, 'step', NEW.step_number,
        'register_numbers', (SELECT coalesce(jsonb_agg(p.register_number ORDER BY p.register_number), '[]')
                               FROM registry.case_property c JOIN cadastre.property p USING (property_id)
                              WHERE c.case_id = NEW.case_id));
    PERFORM registry.tell('case.' || NEW.state, filed.applicant_subject, NULL, NEW.case_id, told, NEW.recorded_leaf);
    IF NEW.kind = 'register' THEN
        FOR other IN
            SELECT DISTINCT waiting.audience, mine.property_id, p.register_number
              FROM registry.case_property mine
              JOIN cadastre.property p ON p.property_id = mine.property_id
             CROSS JOIN LATERAL (
                   SELECT n.holder_subject AS audience FROM registry.priority_notice n
                    WHERE n.property_id = mine.property_id AND n.superseded_leaf IS NULL AND n.state = 'held'
                      AND n.expires_at > clock_timestamp()
                   UNION
                   SELECT f.applicant_subject FROM registry.case_property c JOIN registry.case_file f USING (case_id)
                    WHERE c.property_id = mine.property_id AND c.case_id <> NEW.case_id AND f.closed_leaf IS NULL
                   UNION
                   SELECT w.subject FROM registry.property_watch w
                    WHERE w.property_id = mine.property_id AND w.superseded_leaf IS NULL
                      AND (w.parties IS NULL
                           OR EXISTS (SELECT FROM cadastre.restriction r
                                       WHERE r.property_id = w.property_id AND r.beneficiary_party_id = ANY (w.parties)
                                         AND (r.superseded_leaf IS NULL AND r.valid_to IS NULL
                                              OR r.superseded_leaf = NEW.recorded_leaf))
                           OR EXISTS (SELECT FROM cadastre.property_right r
                                       WHERE r.property_id = w.property_id AND r.party_id = ANY (w.parties)
                                         AND (r.superseded_leaf IS NULL AND r.valid_to IS NULL
                                              OR r.superseded_leaf = NEW.recorded_leaf))))
                   AS waiting
             WHERE mine.case_id = NEW.case_id AND waiting.audience <> filed.applicant_subject
             ORDER BY mine.property_id, waiting.audience
        LOOP
            PERFORM registry.tell('property.changed', other.audience, other.property_id, NULL,
                jsonb_build_object('register_number', other.register_number, 'service', filed.service,
                                   'journal_number', filed.journal_number), NEW.recorded_leaf);
        END LOOP;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tg_case_step_tell AFTER INSERT ON registry.case_step
    FOR EACH ROW WHEN (NEW.kind IN ('return', 'suspend', 'resume', 'register', 'refuse', 'withdraw'))
    EXECUTE FUNCTION registry.tg_case_step_tell();

-- When the first place before a property is used or given up, the next one is told that it holds the priority.
CREATE OR REPLACE FUNCTION registry.tg_priority_notice_tell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    heir registry.priority_notice;
BEGIN
    SELECT * INTO heir FROM registry.priority_notice
     WHERE property_id = NEW.property_id AND superseded_leaf IS NULL AND state = 'held'
       AND expires_at > clock_timestamp()
     ORDER BY queue_number LIMIT 1;
    IF FOUND AND heir.queue_number > NEW.queue_number THEN
        PERFORM registry.tell('priority.holds', heir.holder_subject, heir.property_id, NULL,
            jsonb_build_object('notice', heir.notice_id, 'journal_number', heir.journal_number,
                'queue_number', heir.queue_number, 'register_number',
                (SELECT register_number FROM cadastre.property WHERE property_id = heir.property_id)),
            NEW.recorded_leaf);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tg_priority_notice_tell AFTER INSERT ON registry.priority_notice
    FOR EACH ROW WHEN (NEW.state <> 'held') EXECUTE FUNCTION registry.tg_priority_notice_tell();

-- A notice that ran out is told to who held it, and to who is next; once, for the turnstile keeps the moment up
-- to which that was done. The heads are taken first: a renewal on its way is waited for.
CREATE INDEX IF NOT EXISTS ix_priority_notice_expiry ON registry.priority_notice (expires_at)
    WHERE superseded_leaf IS NULL AND state = 'held';

CREATE OR REPLACE FUNCTION registry.list_lapsed(until timestamptz, OUT since timestamptz, OUT properties bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT w.since, ARRAY(
        SELECT DISTINCT n.property_id FROM registry.priority_notice n
         WHERE n.superseded_leaf IS NULL AND n.state = 'held'
           AND n.expires_at > w.since AND n.expires_at <= list_lapsed.until ORDER BY 1)
      FROM (SELECT to_timestamp(coalesce(
               (SELECT passed FROM registry.turnstile WHERE key = 'notices_lapsed'), 0) / 1e6) AS since) AS w
$$;

CREATE OR REPLACE FUNCTION registry.tell_lapsed(leaf bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    lapsed record;
    notice record;
    heir registry.priority_notice;
    until timestamptz := clock_timestamp();
    told integer := 0;
BEGIN
    INSERT INTO registry.turnstile (key, passed) VALUES ('notices_lapsed', 0) ON CONFLICT DO NOTHING;
    PERFORM FROM registry.turnstile WHERE key = 'notices_lapsed' FOR UPDATE;
    SELECT * INTO lapsed FROM registry.list_lapsed(until);
    PERFORM registry.touch_properties(lapsed.properties, false);
    FOR notice IN
        SELECT n.*, p.register_number FROM registry.priority_notice n JOIN cadastre.property p USING (property_id)
         WHERE n.property_id = ANY (lapsed.properties) AND n.superseded_leaf IS NULL AND n.state = 'held'
           AND n.expires_at > lapsed.since AND n.expires_at <= until
         ORDER BY n.property_id, n.queue_number
    LOOP
        PERFORM registry.tell('priority.expired', notice.holder_subject, notice.property_id, NULL,
            jsonb_build_object('notice', notice.notice_id, 'journal_number', notice.journal_number,
                               'register_number', notice.register_number), leaf);
        SELECT * INTO heir FROM registry.priority_notice
         WHERE property_id = notice.property_id AND superseded_leaf IS NULL AND state = 'held' AND expires_at > until
         ORDER BY queue_number LIMIT 1;
        IF FOUND AND heir.queue_number > notice.queue_number THEN
            PERFORM registry.tell('priority.holds', heir.holder_subject, heir.property_id, NULL,
                jsonb_build_object('notice', heir.notice_id, 'journal_number', heir.journal_number,
                    'queue_number', heir.queue_number, 'register_number', notice.register_number), leaf);
        END IF;
        told := told + 1;
    END LOOP;
    UPDATE registry.turnstile SET passed = ceil(extract(epoch FROM until) * 1e6)::bigint WHERE key = 'notices_lapsed';
    RETURN told;
END $$;
