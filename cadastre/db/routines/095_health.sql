-- Whoever serves must be able to tell whether the schema is the one he was made for.
GRANT SELECT ON public.schema_version TO cadastre_write, cadastre_read;
