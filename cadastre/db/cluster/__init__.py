"""The embedded PostgreSQL cluster: where it lies, its binaries, its server process, its first roles."""
