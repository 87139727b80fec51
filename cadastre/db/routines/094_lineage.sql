-- What a parcel came of is public: numbers, days and areas, and nothing of cases or holders. (090 has revoked all.)
GRANT SELECT (from_version_id, to_version_id, manner, recorded_leaf) ON cadastre.parcel_lineage TO cadastre_read;
GRANT SELECT (version_id, valid_from, valid_to, surveyed_area_m2) ON cadastre.parcel_version TO cadastre_read;
