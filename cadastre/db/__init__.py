"""Database access: the embedded cluster, settings, migrations and the unit of work."""
