-- Whoever writes about a property UPDATEs its head: at any isolation level two writers of one property meet.

-- Takes the heads in order of their ids, whatever order the caller names them in.
CREATE OR REPLACE FUNCTION registry.touch_properties(properties bigint[], contents boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF cardinality(properties) = 1 THEN -- most often there is one, and it has its head
        UPDATE registry.property_head AS h SET touched = h.touched + 1, version = h.version + contents::integer
         WHERE h.property_id = properties[1];
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    INSERT INTO registry.property_head AS h (property_id, version)
    SELECT DISTINCT p, contents::integer FROM unnest(properties) AS p WHERE p IS NOT NULL ORDER BY p
    ON CONFLICT (property_id) DO UPDATE SET touched = h.touched + 1, version = h.version + contents::integer;
END $$;

-- For whoever changes nothing that is registered: a head that this transaction has UPDATEd already is met no second time.
CREATE OR REPLACE FUNCTION registry.hold_properties(properties bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    others bigint[] := ARRAY(
        SELECT p FROM unnest(properties) AS p
         WHERE NOT EXISTS (SELECT FROM registry.property_head h
                            WHERE h.property_id = p AND h.xmin = pg_current_xact_id_if_assigned()::xid));
BEGIN
    IF cardinality(others) > 0 THEN
        PERFORM registry.touch_properties(others, false);
    END IF;
END $$;

-- First statement of every transaction that decides about properties: from here on nobody else does.
CREATE OR REPLACE FUNCTION registry.enter_properties(properties bigint[])
RETURNS TABLE (property_id bigint, version bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.touch_properties(properties, false);
    RETURN QUERY SELECT h.property_id, h.version FROM registry.property_head h
                  WHERE h.property_id = ANY (properties) ORDER BY h.property_id;
END $$;

CREATE OR REPLACE FUNCTION registry.property_version(checked_property bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT h.version FROM registry.property_head h WHERE h.property_id = checked_property), 0);
END $$;

CREATE OR REPLACE FUNCTION registry.tg_touch_property() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.touch_properties(ARRAY[NEW.property_id], true);
    RETURN NULL;
END $$;

-- A parcel's new version is a change of the property that it belongs to.
CREATE OR REPLACE FUNCTION registry.touch_property_of_parcel(changed_parcel bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT registry.touch_properties(ARRAY(
        SELECT o.property_id FROM cadastre.property_object o
         WHERE o.parcel_id = changed_parcel AND o.superseded_leaf IS NULL AND o.valid_to IS NULL), true)
$$;

CREATE OR REPLACE FUNCTION registry.tg_touch_property_of_parcel() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.touch_property_of_parcel(NEW.parcel_id);
    RETURN NULL;
END $$;

-- Loaded rows (load_id) are checked as a set under table locks and cost no trigger call. New versions of
-- parcels are touched by tg_parcel_version_check, which fires for the others anyway.
CREATE OR REPLACE TRIGGER tg_parcel_version_touch_update AFTER UPDATE ON cadastre.parcel_version
    FOR EACH ROW EXECUTE FUNCTION registry.tg_touch_property_of_parcel();
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('cadastre', 'property_right', true), ('cadastre', 'restriction', true), ('cadastre', 'property_object', true),
        ('cadastre', 'property_closure', false), ('registry', 'paper_extract', false))
        AS named (schema, name, loadable)
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_touch_insert AFTER INSERT ON %I.%I
                        FOR EACH ROW %s EXECUTE FUNCTION registry.tg_touch_property()',
            t.name, t.schema, t.name, CASE WHEN t.loadable THEN 'WHEN (NEW.load_id IS NULL)' ELSE '' END);
        EXECUTE format('CREATE OR REPLACE TRIGGER tg_%s_touch_update AFTER UPDATE ON %I.%I
                        FOR EACH ROW EXECUTE FUNCTION registry.tg_touch_property()', t.name, t.schema, t.name);
    END LOOP;
END $$;
