-- Synthetic is for ever (migration 0002).
CREATE OR REPLACE FUNCTION cadastre.tg_deployment_one_way() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR OLD.synthetic AND NOT NEW.synthetic THEN
        RAISE EXCEPTION 'A database that has held synthetic data stays marked as synthetic.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_deployment_one_way';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER tg_deployment_one_way BEFORE UPDATE OR DELETE ON cadastre.deployment
    FOR EACH ROW EXECUTE FUNCTION cadastre.tg_deployment_one_way();

CREATE OR REPLACE FUNCTION publish.is_synthetic() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT synthetic FROM cadastre.deployment
$$;
