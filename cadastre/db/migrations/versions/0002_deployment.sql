-- Whether this database has ever held synthetic sample data. Once it has, every page, extract
-- and answer of it says so, for ever: nobody can mistake a sample for the register.
CREATE TABLE cadastre.deployment (
    only_row  boolean NOT NULL DEFAULT true,
    synthetic boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_deployment PRIMARY KEY (only_row),
    CONSTRAINT ck_deployment_only_row CHECK (only_row)
);
INSERT INTO cadastre.deployment DEFAULT VALUES;
