-- What a parcel came of is public: numbers, days and areas, and nothing of cases or holders. (090 has revoked all.)
GRANT SELECT (from_version_id, to_version_id, manner, recorded_leaf) ON cadastre.parcel_lineage TO cadastre_read;
GRANT SELECT (version_id, valid_from, valid_to, surveyed_area_m2) ON cadastre.parcel_version TO cadastre_read;
-- Whether an extract is still of today is asked by the public (093): leaves of what it says, and nothing it says.
GRANT SELECT (property_id, recorded_leaf, superseded_leaf) ON cadastre.property_closure TO cadastre_read;
GRANT SELECT (from_property_id, to_property_id, recorded_leaf) ON cadastre.property_lineage TO cadastre_read;
GRANT SELECT (building_id, parcel_id, recorded_leaf, superseded_leaf) ON cadastre.building_site TO cadastre_read;
GRANT USAGE ON SCHEMA registry TO cadastre_read;
GRANT SELECT (property_id, parcel_id, recorded_leaf, superseded_leaf) ON registry.investigation TO cadastre_read;
-- What is current and what is past is sought apart (store/standing.py).
GRANT SELECT (valid_to) ON cadastre.property_object TO cadastre_read;
