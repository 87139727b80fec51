-- The closed door: nothing of a section is entered or ended but by a case that the same transaction registers, on a
-- basis document of that case. A load brings its own licence (load_id, which only the owner may write). Judged
-- deferred, as entries are (046): whatever order a decision writes in, at commit it is whole.

CREATE INDEX IF NOT EXISTS ix_case_step_registered ON registry.case_step (recorded_leaf) WHERE kind = 'register';

-- Whether this transaction registers a case about the property. The leaf is that of the row in question, and as a
-- rule that of the deciding step too; else the steps of the property's cases are asked one by one.
CREATE OR REPLACE FUNCTION registry.require_decision(about_property bigint, leaf bigint, entry text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM registry.case_step t JOIN registry.case_property p USING (case_id)
                WHERE t.recorded_leaf = leaf AND t.kind = 'register' AND p.property_id = about_property) THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM registry.case_property p JOIN registry.case_step t USING (case_id)
                    WHERE p.property_id = about_property AND t.kind = 'register'
                      AND ledger.is_leaf_of_this_transaction(t.recorded_leaf)) THEN
        RAISE EXCEPTION 'No case about this property is registered here and now (%).', entry
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_entry_has_case';
    END IF;
END $$;

-- A right or restriction names its case (which 046 judges) ...
CREATE OR REPLACE FUNCTION registry.tg_entry_without_case() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'An entry of % names no case.', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_entry_has_case';
END $$;

-- ... and a document that was handed in with that case; one that goes on may keep what its former row rests on.
CREATE OR REPLACE FUNCTION registry.require_basis(source bigint, entry_case uuid, former_source bigint, goes_on boolean)
RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF goes_on AND source IS NOT DISTINCT FROM former_source
       OR EXISTS (SELECT FROM cadastre.administrative_source a
                   WHERE a.source_id = source AND a.case_id = entry_case AND a.document_id IS NOT NULL) THEN
        RETURN;
    END IF;
    RAISE EXCEPTION 'The entry rests on no document that was handed in with its case.'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_entry_has_source';
END $$;

CREATE OR REPLACE FUNCTION registry.tg_property_right_basis() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.require_basis(NEW.source_id, NEW.case_id, former.source_id, former.right_id IS NOT NULL)
       FROM (SELECT) AS one LEFT JOIN cadastre.property_right former ON former.right_id = NEW.continues_right_id;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION registry.tg_restriction_basis() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.require_basis(NEW.source_id, NEW.case_id, former.source_id, former.restriction_id IS NOT NULL)
       FROM (SELECT) AS one LEFT JOIN cadastre.restriction former ON former.restriction_id = NEW.continues_restriction_id;
    RETURN NULL;
END $$;

-- Sections and what belongs to them carry no case of their own: one about the section is registered with them.
CREATE OR REPLACE FUNCTION registry.tg_section_entered() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.require_decision(NEW.property_id, NEW.recorded_leaf, TG_TABLE_NAME);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION registry.tg_section_entry_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.require_decision(NEW.property_id, NEW.superseded_leaf, TG_TABLE_NAME);
    RETURN NULL;
END $$;

-- Ground that belongs to no section is a fact of the cadastre (surveys enter it); once in a section it is changed
-- only by a case about that section.
CREATE OR REPLACE FUNCTION registry.tg_ground_of_section() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    section bigint;
BEGIN
    SELECT o.property_id INTO section FROM cadastre.property_object o
     WHERE o.parcel_id = NEW.parcel_id AND o.superseded_leaf IS NULL AND o.valid_to IS NULL;
    IF FOUND THEN
        PERFORM registry.require_decision(section, coalesce(NEW.superseded_leaf, NEW.recorded_leaf), TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('property_right', 'without_case', 'INSERT', 'tg_entry_without_case', 'NEW.load_id IS NULL AND NEW.case_id IS NULL'),
        ('restriction', 'without_case', 'INSERT', 'tg_entry_without_case', 'NEW.load_id IS NULL AND NEW.case_id IS NULL'),
        ('property_right', 'basis', 'INSERT', 'tg_property_right_basis', 'NEW.load_id IS NULL AND NEW.case_id IS NOT NULL'),
        ('restriction', 'basis', 'INSERT', 'tg_restriction_basis', 'NEW.load_id IS NULL AND NEW.case_id IS NOT NULL'),
        ('property', 'entered', 'INSERT', 'tg_section_entered', 'NEW.load_id IS NULL'),
        ('property_object', 'entered', 'INSERT', 'tg_section_entered', 'NEW.load_id IS NULL'),
        ('parcel_version', 'of_section', 'INSERT', 'tg_ground_of_section', 'NEW.load_id IS NULL'),
        ('property', 'closed', 'UPDATE', 'tg_section_entry_closed', 'true'),
        ('property_object', 'closed', 'UPDATE', 'tg_section_entry_closed', 'true'),
        ('property_right', 'closed', 'UPDATE', 'tg_section_entry_closed', 'true'),
        ('restriction', 'closed', 'UPDATE', 'tg_section_entry_closed', 'true'),
        ('parcel_version', 'closed', 'UPDATE', 'tg_ground_of_section', 'true'))
        AS door (relation, manner, event, routine, condition)
    LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS tg_%s_%s ON cadastre.%I', t.relation, t.manner, t.relation);
        EXECUTE format('CREATE CONSTRAINT TRIGGER tg_%s_%s AFTER %s ON cadastre.%I DEFERRABLE INITIALLY DEFERRED
                        FOR EACH ROW WHEN (%s) EXECUTE FUNCTION registry.%I()',
            t.relation, t.manner, t.event, t.relation, t.condition, t.routine);
    END LOOP;
END $$;
