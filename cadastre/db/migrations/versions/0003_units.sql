-- Units (flats, non-residential premises, garages, parking places) arrive in files of their own.
ALTER TABLE staging.load_run
    DROP CONSTRAINT ck_load_run_kind,
    ADD CONSTRAINT ck_load_run_kind CHECK (kind IN ('districts', 'zones', 'parcels', 'buildings', 'units',
        'streets', 'entrances', 'rights'));

-- Every kind that codelists/object_kinds.toml marks is_unit.
ALTER TABLE cadastre.building_unit
    DROP CONSTRAINT ck_building_unit_kind,
    ADD CONSTRAINT ck_building_unit_kind CHECK (kind IN ('flat', 'non_residential', 'garage', 'parking_place')),
    ADD CONSTRAINT ck_building_unit_number CHECK (unit_number ~ '^[^[:space:]]' AND unit_number !~ '[[:cntrl:]]'
        AND length(unit_number) <= 20),
    ADD CONSTRAINT ck_building_unit_entrance CHECK (entrance_number BETWEEN 1 AND 100),
    ADD CONSTRAINT ck_building_unit_floor CHECK (floor BETWEEN -10 AND 200),
    ADD CONSTRAINT ck_building_unit_rooms CHECK (room_count BETWEEN 0 AND 1000);
COMMENT ON COLUMN cadastre.building_unit.entrance_number IS
    'Which entrance (giriş, blok) of its building leads to the unit, counted from 1.';

ALTER TABLE address.entrance
    ADD COLUMN building_entrance smallint,
    ADD CONSTRAINT ck_entrance_building_entrance CHECK (building_entrance BETWEEN 1 AND 100);
COMMENT ON COLUMN address.entrance.building_entrance IS
    'Which entrance of its building this is, counted from 1: the address of a unit is that of its own entrance.';
