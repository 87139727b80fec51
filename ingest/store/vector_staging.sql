-- Temporary tables of one load of streets, entrances or buildings.
CREATE TEMP TABLE loaded_source (
    load_id    bigint,
    row_number bigint,
    attributes jsonb,
    geom_wkb   bytea
) ON COMMIT DROP;

CREATE TEMP TABLE loaded_row (
    row_number       bigint PRIMARY KEY,
    rejected         boolean NOT NULL,
    name             text,
    name_key         text,
    kind             text,
    number           text,
    cadastral_number text,
    building_number  text,
    floors           smallint,
    building_entrance smallint,
    area_m2          numeric(14, 2),
    geom             geometry,
    geom_wgs84       geometry GENERATED ALWAYS AS (ST_Transform(geom, 4326)) STORED,
    street_id        uuid,
    parcel_id        bigint,
    building_id      bigint
) ON COMMIT DROP;
