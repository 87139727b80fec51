"""Schema migrations (Alembic), each a numbered SQL file; forward only."""
