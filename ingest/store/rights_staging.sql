-- Temporary tables of one rights load: rows as read, and the verdict on each.
CREATE TEMP TABLE rights_row (
    row_number          bigint PRIMARY KEY,
    attributes          text   NOT NULL,
    readable            boolean NOT NULL,
    register_number     text,
    cadastral_number    text,
    building_number     text,
    unit_number         text,
    -- one parcel or one unit; no number holds a #
    object_key          text GENERATED ALWAYS AS (
        CASE WHEN unit_number IS NOT NULL THEN 'unit ' || building_number || ' #' || unit_number
             ELSE 'parcel ' || cadastral_number END) STORED,
    object_kind         text,
    registration_number text,
    registration_date   date,
    right_kind          text,
    holder_kind         text,
    holder_name         text,
    holder_fin          text,
    holder_voen         text,
    share_numerator     bigint,
    share_denominator   bigint,
    joint               boolean,
    restriction_kind    text,
    beneficiary_kind    text,
    beneficiary_name    text,
    beneficiary_fin     text,
    beneficiary_voen    text,
    until               date,
    rank                smallint,
    amount              numeric(16, 2),
    currency            text,
    basis_kind          text,
    basis_number        text,
    basis_date          date,
    book_number         text,
    sheet_number        text
) ON COMMIT DROP;

CREATE TEMP TABLE rights_verdict (
    row_number      bigint PRIMARY KEY,
    group_key       text    NOT NULL,
    accepted        boolean NOT NULL,
    opens_right     boolean NOT NULL,
    opens_restriction boolean NOT NULL,
    holder          text,
    beneficiary     text
) ON COMMIT DROP;
