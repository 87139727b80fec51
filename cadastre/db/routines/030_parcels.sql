-- No two registered parcels overlap, whoever writes (DECISIONS.md).

CREATE OR REPLACE FUNCTION cadastre.tolerance_at(tolerance_name text, on_date date DEFAULT ledger.today())
RETURNS double precision LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT value FROM cadastre.tolerance
     WHERE name = tolerance_name AND valid_from <= on_date AND (valid_to IS NULL OR valid_to > on_date)
$$;

-- Keys of the 0.005 degree cells that the box of a lon/lat geometry touches.
CREATE OR REPLACE FUNCTION cadastre.parcel_cells(g public.geometry) RETURNS SETOF bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT x * 100000 + y
      FROM generate_series(floor(ST_XMin(g) / 0.005)::bigint, floor(ST_XMax(g) / 0.005)::bigint) AS x,
           generate_series(floor(ST_YMin(g) / 0.005)::bigint, floor(ST_YMax(g) / 0.005)::bigint) AS y
$$;

-- Every writer of parcel geometry passes here with the cells it touches, in order.
CREATE OR REPLACE FUNCTION cadastre.touch_cells(cells bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO cadastre.parcel_cell AS c (cell, touched)
    SELECT DISTINCT k, 1 FROM unnest(cells) AS k ORDER BY k
    ON CONFLICT (cell) DO UPDATE SET touched = c.touched + 1
$$;

-- Both geometries in one UTM zone; wider than the tolerance = the intersection of the
-- interiors, eroded by half of it, is not empty.
CREATE OR REPLACE FUNCTION cadastre.overlap_is_wider(a public.geometry, b public.geometry, width_m double precision)
RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT ST_Intersects(a, b) AND NOT ST_IsEmpty(ST_Buffer(ST_Intersection(a, b), -width_m / 2))
$$;

CREATE OR REPLACE FUNCTION cadastre.in_zone_of(g public.geometry, srid integer) RETURNS public.geometry
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN ST_SRID(g) = srid THEN g ELSE ST_Transform(ST_Segmentize(g, 10), srid) END
$$;

CREATE OR REPLACE FUNCTION cadastre.tg_parcel_version_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    zone integer;
    tolerance double precision := cadastre.tolerance_at('overlap_width_m');
    rival text;
BEGIN
    SELECT d.legal_srid INTO zone
      FROM cadastre.parcel p JOIN cadastre.district d ON d.code = p.district_code
     WHERE p.parcel_id = NEW.parcel_id;
    IF zone IS NULL THEN
        RAISE EXCEPTION 'There is no parcel %.', NEW.parcel_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'fk_parcel_version_parcel';
    END IF;
    PERFORM registry.touch_property_of_parcel(NEW.parcel_id);
    IF NEW.geom IS NULL OR NEW.valid_to IS NOT NULL OR NEW.superseded_leaf IS NOT NULL THEN
        RETURN NULL;
    END IF;
    IF tolerance IS NULL THEN
        RAISE EXCEPTION 'No tolerance overlap_width_m is in force.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_tolerance_in_force';
    END IF;
    IF ST_SRID(NEW.geom) <> zone THEN
        RAISE EXCEPTION 'The legal zone of the district is EPSG:%, not EPSG:%.', zone, ST_SRID(NEW.geom)
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_parcel_version_district_zone';
    END IF;
    PERFORM cadastre.touch_cells(ARRAY(SELECT cadastre.parcel_cells(NEW.geom_wgs84)));
    SELECT p.cadastral_number INTO rival
      FROM cadastre.parcel_version v JOIN cadastre.parcel p USING (parcel_id)
     WHERE v.superseded_leaf IS NULL AND v.valid_to IS NULL AND v.version_id <> NEW.version_id
       AND v.geom_wgs84 && NEW.geom_wgs84
       AND cadastre.overlap_is_wider(NEW.geom, cadastre.in_zone_of(v.geom, zone), tolerance)
     LIMIT 1;
    IF rival IS NOT NULL THEN
        RAISE EXCEPTION 'The parcel overlaps registered parcel %.', rival
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'ex_parcel_version_overlap', DETAIL = rival;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS tg_parcel_version_check ON cadastre.parcel_version;
CREATE CONSTRAINT TRIGGER tg_parcel_version_check AFTER INSERT ON cadastre.parcel_version
    DEFERRABLE INITIALLY IMMEDIATE
    FOR EACH ROW WHEN (NEW.load_id IS NULL) EXECUTE FUNCTION cadastre.tg_parcel_version_check();

-- The foreign key of parcel.district_code, tested once a statement; districts are never deleted.
CREATE OR REPLACE FUNCTION cadastre.tg_parcel_district() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    unknown text;
BEGIN
    SELECT district_code INTO unknown
      FROM (SELECT DISTINCT district_code FROM entered) AS named
     WHERE NOT EXISTS (SELECT FROM cadastre.district d WHERE d.code = named.district_code)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'There is no district %.', unknown
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'fk_parcel_district';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tg_parcel_district AFTER INSERT ON cadastre.parcel
    REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION cadastre.tg_parcel_district();
CREATE OR REPLACE TRIGGER tg_district_no_delete BEFORE DELETE ON cadastre.district
    FOR EACH ROW EXECUTE FUNCTION ledger.tg_append_only();

-- Start of a bulk load: other writers wait, readers go on. Called by the owner's loader
-- before it reads the neighbours it checks against.
CREATE OR REPLACE PROCEDURE cadastre.begin_bulk_load()
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE cadastre.parcel_version IN SHARE ROW EXCLUSIVE MODE;
END $$;

CREATE OR REPLACE FUNCTION cadastre.mint_cadastral_number(district text) RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT district || '-' || lpad(nextval('cadastre.cadastral_number_serial')::text, 8, '0')
$$;
