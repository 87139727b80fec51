-- Temporary table of one load of units: rows as read, and what the register knows beside them.
CREATE TEMP TABLE unit_row (
    row_number       bigint PRIMARY KEY,
    rejected         boolean NOT NULL,
    attributes       text    NOT NULL,
    building_number  text,
    unit_number      text,
    kind             text,
    entrance_number  smallint,
    floor            smallint,
    room_count       smallint,
    total_area_m2    numeric(10, 2),
    living_area_m2   numeric(10, 2),
    auxiliary_area_m2 numeric(10, 2),
    cadastral_number text,
    building_id      bigint,
    building_floors  smallint,
    stands_on        text
) ON COMMIT DROP;
