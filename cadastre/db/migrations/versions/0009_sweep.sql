-- The nightly sweep judges every section by the rules of the register. Its findings are about what is registered
-- and change nothing of it: they are seen again each night, and closed when they are gone.

CREATE TABLE staging.sweep_run (
    run_id        bigint GENERATED ALWAYS AS IDENTITY,
    night         date,
    district_code text,
    started_at    timestamptz NOT NULL,
    touched_at    timestamptz NOT NULL,
    finished_at   timestamptz,
    reached       bigint      NOT NULL DEFAULT 0,
    sections      bigint      NOT NULL DEFAULT 0,
    found         bigint      NOT NULL DEFAULT 0,
    opened        bigint      NOT NULL DEFAULT 0,
    closed        bigint      NOT NULL DEFAULT 0,
    CONSTRAINT pk_sweep_run PRIMARY KEY (run_id),
    CONSTRAINT uq_sweep_run_night UNIQUE (night),
    CONSTRAINT fk_sweep_run_district FOREIGN KEY (district_code) REFERENCES cadastre.district,
    CONSTRAINT ck_sweep_run_counts CHECK (least(reached, sections, found, opened, closed) >= 0),
    CONSTRAINT ck_sweep_run_times CHECK (touched_at >= started_at AND finished_at >= started_at)
);
COMMENT ON COLUMN staging.sweep_run.night IS 'Day of a nightly run: one a night, whatever worker takes it; NULL for one that somebody asked for.';
COMMENT ON COLUMN staging.sweep_run.reached IS 'Last property judged: whoever takes the run over goes on from there.';

CREATE TABLE staging.sweep_finding (
    finding_id  bigint GENERATED ALWAYS AS IDENTITY,
    property_id bigint      NOT NULL,
    rule        text        NOT NULL,
    severity    text        NOT NULL,
    decided     boolean     NOT NULL,
    subject     text,
    mark        text        NOT NULL,
    measured    double precision,
    limit_value double precision,
    unit        text,
    detail      jsonb       NOT NULL,
    first_seen  timestamptz NOT NULL,
    last_seen   timestamptz NOT NULL,
    closed_at   timestamptz,
    first_run   bigint      NOT NULL,
    last_run    bigint      NOT NULL,
    CONSTRAINT pk_sweep_finding PRIMARY KEY (finding_id),
    CONSTRAINT fk_sweep_finding_property FOREIGN KEY (property_id) REFERENCES cadastre.property,
    CONSTRAINT fk_sweep_finding_first_run FOREIGN KEY (first_run) REFERENCES staging.sweep_run,
    CONSTRAINT fk_sweep_finding_last_run FOREIGN KEY (last_run) REFERENCES staging.sweep_run,
    CONSTRAINT ck_sweep_finding_severity CHECK (severity IN ('error', 'warning', 'info')),
    CONSTRAINT ck_sweep_finding_seen CHECK (last_seen >= first_seen AND closed_at >= last_seen)
);
CREATE UNIQUE INDEX uq_sweep_finding_open ON staging.sweep_finding (property_id, mark) WHERE closed_at IS NULL;
CREATE INDEX ix_sweep_finding_open ON staging.sweep_finding (finding_id) WHERE closed_at IS NULL;
COMMENT ON COLUMN staging.sweep_finding.mark IS
    'Tells a finding from others of its section: digest of rule, subject and what stays the same from night to night.';
COMMENT ON COLUMN staging.sweep_finding.subject IS
    'Register or registration number, or the id of a party record: never a name or a personal number.';
