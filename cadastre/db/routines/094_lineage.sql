-- What a parcel came of is public: numbers, days and areas, and nothing of cases or holders. (090 has revoked all.)
GRANT SELECT (from_version_id, to_version_id, manner, recorded_leaf) ON cadastre.parcel_lineage TO cadastre_read;
GRANT SELECT (version_id, valid_from, valid_to, surveyed_area_m2) ON cadastre.parcel_version TO cadastre_read;
-- Whether an extract is still of today is asked by the public (093): leaves of what it says, and nothing it says.
GRANT SELECT (property_id, recorded_leaf, superseded_leaf) ON cadastre.property_closure TO cadastre_read;
GRANT SELECT (from_property_id, to_property_id, recorded_leaf) ON cadastre.property_lineage TO cadastre_read;
GRANT SELECT (building_id, parcel_id, recorded_leaf, superseded_leaf) ON cadastre.building_site TO cadastre_read;
GRANT USAGE ON SCHEMA registry TO cadastre_read;
GRANT SELECT (property_id, parcel_id, recorded_leaf, superseded_leaf) ON registry.investigation TO cadastre_read;
GRANT SELECT (property_id, recorded_leaf, superseded_leaf) ON registry.paper_extract TO cadastre_read;
-- What is current and what is past is sought apart (store/standing.py).
GRANT SELECT (valid_to) ON cadastre.property_object TO cadastre_read;
-- What of a parcel is public now (060) was public then.
GRANT SELECT (version_id, parcel_id, valid_from, valid_to, recorded_leaf, superseded_leaf, geom, geom_wgs84,
              surveyed_area_m2, documentary_area_m2, land_category, ownership_form, purpose, quality_group,
              address_text, accuracy_m, source_srid, operation_code) ON cadastre.parcel_version TO cadastre_read;
GRANT SELECT (district_code) ON cadastre.parcel TO cadastre_read;

CREATE INDEX IF NOT EXISTS ix_parcel_version_past_geom ON cadastre.parcel_version USING gist (geom_wgs84)
    WHERE superseded_leaf IS NOT NULL OR valid_to IS NOT NULL;

-- Whether anybody's right was registered on the parcel at a moment: a public fact, without saying whose.
CREATE OR REPLACE FUNCTION publish.parcel_had_property(checked_parcel bigint, as_of date, known_at bigint)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM cadastre.property_object o
          JOIN cadastre.property_right r USING (property_id)
         WHERE o.parcel_id = checked_parcel
           AND ((o.superseded_leaf IS NULL AND o.valid_to IS NULL)
                OR (o.superseded_leaf IS NOT NULL OR o.valid_to IS NOT NULL))
           AND ledger.is_known(o.recorded_leaf, o.superseded_leaf, known_at)
           AND ledger.is_in_force(o.valid_from, o.valid_to, as_of)
           AND ledger.is_known(r.recorded_leaf, r.superseded_leaf, known_at)
           AND ledger.is_in_force(r.valid_from, r.valid_to, as_of))
$$;
REVOKE ALL ON FUNCTION publish.parcel_had_property(bigint, date, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION publish.parcel_had_property(bigint, date, bigint) TO cadastre_read, cadastre_write;
