"""The schema as the catalog tells it: one line per column, constraint, index, trigger, policy, grant, routine."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from tests.database import TestCluster, test_settings

GOLDEN = Path(__file__).parents[2] / "golden" / "schema.txt"

_QUERY = text("""
WITH ns AS (
    SELECT oid, nspname FROM pg_namespace
     WHERE nspname IN ('ledger', 'cadastre', 'party', 'address', 'evidence', 'staging', 'publish', 'registry')
), rel AS (
    SELECT c.*, n.nspname || '.' || c.relname AS name FROM pg_class c JOIN ns n ON n.oid = c.relnamespace
)
SELECT 'column ' || r.name || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
       || CASE WHEN a.attidentity <> '' THEN ' IDENTITY ' || a.attidentity::text ELSE '' END
       || COALESCE(CASE WHEN a.attgenerated <> '' THEN ' GENERATED ' ELSE ' DEFAULT ' END
                   || pg_get_expr(d.adbin, d.adrelid), '')
  FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum WHERE r.relkind IN ('r', 'v')
UNION ALL SELECT 'security ' || name || ' enabled=' || relrowsecurity::text || ' forced=' || relforcerowsecurity::text
  FROM rel WHERE relkind = 'r'
UNION ALL SELECT 'view ' || name || ' ' || md5(pg_get_viewdef(oid)) FROM rel WHERE relkind = 'v'
UNION ALL SELECT 'constraint ' || r.name || ' ' || c.conname || ' ' || pg_get_constraintdef(c.oid)
  FROM rel r JOIN pg_constraint c ON c.conrelid = r.oid WHERE c.contype <> 't'
UNION ALL SELECT 'index ' || pg_get_indexdef(i.indexrelid) FROM rel r JOIN pg_index i ON i.indrelid = r.oid
UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM rel r JOIN pg_trigger t ON t.tgrelid = r.oid
 WHERE NOT t.tgisinternal
UNION ALL SELECT 'policy ' || r.name || ' ' || p.polname || ' ' || p.polcmd::text || ' '
       || COALESCE(pg_get_expr(p.polqual, p.polrelid), '-') || ' ' || COALESCE(pg_get_expr(p.polwithcheck, p.polrelid), '-')
  FROM rel r JOIN pg_policy p ON p.polrelid = r.oid
UNION ALL SELECT 'grant ' || n.nspname || ' ' || acl::text FROM pg_namespace x JOIN ns n USING (oid), unnest(x.nspacl) acl
UNION ALL SELECT 'grant ' || name || ' ' || acl::text FROM rel, unnest(relacl) acl WHERE relkind IN ('r', 'v', 'S')
UNION ALL SELECT 'grant ' || r.name || '.' || a.attname || ' ' || acl::text
  FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid, unnest(a.attacl) acl
UNION ALL SELECT 'routine ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ') '
       || md5(pg_get_functiondef(p.oid)) || ' ' || COALESCE(p.proacl::text, 'public')
  FROM pg_proc p JOIN ns n ON n.oid = p.pronamespace
""")


def dump(connection: Connection) -> list[str]:
    """Every line that describes the schema, sorted, each on one line."""
    return sorted(" ".join(line.split()) for line in connection.execute(_QUERY).scalars())


def bless() -> None:
    """Write the golden file from a freshly migrated database."""
    cluster = TestCluster(test_settings())
    cluster.prepare_template()
    copy = cluster.create_copy()
    engine = create_engine(copy.superuser_url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            GOLDEN.parent.mkdir(exist_ok=True)
            GOLDEN.write_text("\n".join(dump(connection)) + "\n", encoding="utf-8")
    finally:
        engine.dispose()
        cluster.drop_copy(copy)


if __name__ == "__main__":
    bless()
