-- News of the office, written by the transaction that it tells of, for whoever acts on it: the applicant of a
-- case, whoever waits before the same property. Numbers and codes only, no personal data.

CREATE OR REPLACE FUNCTION registry.tell(
    of_kind text, to_audience text, about_property bigint, about_case uuid, told jsonb, leaf bigint)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO registry.event (kind, audience, property_id, case_id, payload, recorded_leaf)
    VALUES (of_kind, to_audience, about_property, about_case, jsonb_strip_nulls(told), leaf)
$$;

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
                    WHERE c.property_id = mine.property_id AND c.case_id <> NEW.case_id AND f.closed_leaf IS NULL)
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
