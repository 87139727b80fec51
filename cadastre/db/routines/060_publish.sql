-- What the public may see; tiles and search read nothing else. Owned by cadastre_owner and
-- deliberately not security_invoker: the readers have no privilege on the base tables.

DROP VIEW IF EXISTS publish.district, publish.parcel, publish.building, publish.street, publish.entrance;

CREATE VIEW publish.district AS
SELECT d.code, d.name_az, d.name_en, d.name_ru, d.kind, d.parent_code, b.geom_wgs84
  FROM cadastre.district d
  JOIN cadastre.district_boundary b ON b.district_code = d.code
 WHERE b.superseded_leaf IS NULL AND b.valid_to IS NULL;

CREATE VIEW publish.parcel AS
SELECT v.parcel_id, p.cadastral_number, p.district_code, v.land_category, v.ownership_form, v.purpose,
       v.quality_group, v.surveyed_area_m2, v.documentary_area_m2, v.accuracy_m, v.source_srid,
       v.operation_code, v.valid_from, v.recorded_leaf, v.version_id, v.address_text, v.geom, v.geom_wgs84
  FROM cadastre.parcel_version v JOIN cadastre.parcel p USING (parcel_id)
 WHERE v.superseded_leaf IS NULL AND v.valid_to IS NULL;

CREATE VIEW publish.building AS
SELECT b.building_id, b.building_number,
       CASE WHEN s.site_id IS NULL THEN b.parcel_id ELSE s.parcel_id END AS parcel_id,
       b.kind, b.floors, b.footprint_area_m2, b.geom_wgs84
  FROM cadastre.building b
  LEFT JOIN cadastre.building_site s ON s.building_id = b.building_id
                                    AND s.superseded_leaf IS NULL AND s.valid_to IS NULL
 WHERE b.superseded_leaf IS NULL AND b.valid_to IS NULL;

CREATE VIEW publish.street AS
SELECT street_id, district_code, kind, name_az, geom_wgs84
  FROM address.street WHERE superseded_leaf IS NULL AND valid_to IS NULL;

CREATE VIEW publish.entrance AS
SELECT e.entrance_id, e.street_id, s.name_az AS street_name, s.kind AS street_kind, e.number,
       e.parcel_id, e.building_id, e.geom_wgs84
  FROM address.entrance e JOIN address.street s USING (street_id)
 WHERE e.superseded_leaf IS NULL AND e.valid_to IS NULL;

-- Whether anybody's right is registered on the parcel: a public fact, without saying whose.
CREATE OR REPLACE FUNCTION publish.parcel_has_property(checked_parcel bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM cadastre.property_object o
          JOIN cadastre.property_right r USING (property_id)
         WHERE o.parcel_id = checked_parcel
           AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
           AND r.superseded_leaf IS NULL AND (r.valid_to IS NULL OR r.valid_to > ledger.today()))
$$;
