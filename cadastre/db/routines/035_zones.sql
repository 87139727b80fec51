-- No two current zones of one district overlap by more than zone_nesting_m, whoever writes.
-- Loaded zones were compared by the loader, as a set and under a lock on the table; all others
-- are compared here, one by one.

-- Every writer of zones passes here, one at a time: -1 is the key of no cell of the map. A
-- SERIALIZABLE writer whose snapshot is older than another's commit loses with 40001.
CREATE OR REPLACE FUNCTION cadastre.pass_zone_gate() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$ SELECT cadastre.touch_cells(ARRAY[-1]::bigint[]) $$;

CREATE OR REPLACE FUNCTION cadastre.tg_cadastral_zone_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    zone integer;
    tolerance double precision := cadastre.tolerance_at('zone_nesting_m');
    rival text;
BEGIN
    IF NEW.valid_to IS NOT NULL OR NEW.superseded_leaf IS NOT NULL THEN
        RETURN NULL;
    END IF;
    IF tolerance IS NULL THEN
        RAISE EXCEPTION 'No tolerance zone_nesting_m is in force.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_tolerance_in_force';
    END IF;
    PERFORM cadastre.pass_zone_gate();
    SELECT d.legal_srid INTO zone FROM cadastre.district d WHERE d.code = NEW.district_code;
    SELECT z.zone_code INTO rival
      FROM cadastre.cadastral_zone z
     WHERE z.district_code = NEW.district_code AND z.zone_id <> NEW.zone_id
       AND z.superseded_leaf IS NULL AND z.valid_to IS NULL AND z.geom_wgs84 && NEW.geom_wgs84
       AND cadastre.overlap_is_wider(ST_Transform(ST_Segmentize(NEW.geom_wgs84, 0.001), zone),
                                     ST_Transform(ST_Segmentize(z.geom_wgs84, 0.001), zone), tolerance)
     LIMIT 1;
    IF rival IS NOT NULL THEN
        RAISE EXCEPTION 'The zone overlaps registered zone %.', rival
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'ex_cadastral_zone_overlap', DETAIL = rival;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS tg_cadastral_zone_check ON cadastre.cadastral_zone;
CREATE CONSTRAINT TRIGGER tg_cadastral_zone_check AFTER INSERT ON cadastre.cadastral_zone
    DEFERRABLE INITIALLY IMMEDIATE
    FOR EACH ROW WHEN (NEW.load_id IS NULL) EXECUTE FUNCTION cadastre.tg_cadastral_zone_check();
