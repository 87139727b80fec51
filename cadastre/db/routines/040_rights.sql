-- Ownership shares sum to exactly 1, judged at commit by rational arithmetic. Writers of one property meet on
-- its head (042), so that the judge sees what a rival has committed, or this transaction is the one that loses.

-- Ownership, and the claim to a unit of an unfinished building, are each whole or nobody's.
CREATE OR REPLACE FUNCTION cadastre.check_ownership_shares(checked_property bigint) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kinds text[];
    joint_holders bigint;
    share_holders bigint;
    common numeric := 1;
    total numeric := 0;
    s record;
BEGIN
    SELECT count(*) FILTER (WHERE joint), count(*) FILTER (WHERE NOT joint), array_agg(DISTINCT kind)
      INTO joint_holders, share_holders, kinds
      FROM cadastre.property_right
     WHERE property_id = checked_property AND kind IN ('ownership', 'future_ownership')
       AND superseded_leaf IS NULL AND valid_to IS NULL;
    IF cardinality(kinds) > 1 THEN
        RAISE EXCEPTION 'A claim to an unfinished unit does not stand beside ownership.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_property_right_future_alone';
    END IF;
    IF joint_holders + share_holders = 0 OR share_holders = 0 AND joint_holders > 1 THEN
        RETURN;
    END IF;
    IF joint_holders > 0 THEN
        RAISE EXCEPTION 'Joint ownership has at least two holders and no shares beside it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_property_right_joint_alone';
    END IF;
    FOR s IN SELECT share_numerator AS n, share_denominator AS d FROM cadastre.property_right
              WHERE property_id = checked_property AND kind IN ('ownership', 'future_ownership')
                AND superseded_leaf IS NULL AND valid_to IS NULL
    LOOP
        total := total * div(lcm(common, s.d::numeric), common) + s.n * div(lcm(common, s.d::numeric), s.d);
        common := lcm(common, s.d::numeric);
    END LOOP;
    IF total <> common THEN
        RAISE EXCEPTION 'Ownership shares sum to %/%, not to 1.', total, common
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_property_right_shares_sum_to_one',
                  DETAIL = total || '/' || common;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION cadastre.tg_property_right_shares() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM cadastre.check_ownership_shares(NEW.property_id);
    RETURN NULL;
END $$;

-- A row with an end is not in force: entered or closed, it changes no sum (ck_no_future_end).
DROP TRIGGER IF EXISTS tg_property_right_shares ON cadastre.property_right;
CREATE CONSTRAINT TRIGGER tg_property_right_shares AFTER INSERT OR UPDATE ON cadastre.property_right
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind IN ('ownership', 'future_ownership') AND NEW.valid_to IS NULL)
    EXECUTE FUNCTION cadastre.tg_property_right_shares();

-- Until 0006 writers only locked the row of the property, which a stale snapshot survives.
DROP TRIGGER IF EXISTS tg_property_right_lock ON cadastre.property_right;
DROP FUNCTION IF EXISTS cadastre.tg_property_right_lock();

CREATE OR REPLACE FUNCTION cadastre.mint_register_number(office text) RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT office || lpad(nextval('cadastre.register_number_serial')::text, 10, '0')
$$;
