"""Settings that every start writes: durable, loopback only, sized to the machine's memory."""

from __future__ import annotations

import os

from cadastre.db.cluster.layout import ClusterState, Layout
from cadastre.db.places import server_account

SERVER_SETTINGS = """\
# Written at every start by cadastre.db.cluster.server; changes here are lost.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{run_dir}'
password_encryption = scram-sha-256
fsync = on
full_page_writes = on
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
jit = off
max_connections = 100
shared_buffers = {shared_mb}MB
effective_cache_size = {cache_mb}MB
work_mem = 32MB
maintenance_work_mem = 512MB
wal_buffers = 16MB
max_wal_size = 4GB
min_wal_size = 512MB
wal_compression = lz4
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
random_page_cost = 1.1
max_worker_processes = 8
max_parallel_workers = 2
max_parallel_workers_per_gather = 2
dynamic_shared_memory_type = posix
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
idle_in_transaction_session_timeout = '30min'
"""

HBA = """\
# Written by cadastre.db.cluster.server: passwords everywhere, nobody from outside this machine.
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
local replication all scram-sha-256
"""


def write_settings(layout: Layout, state: ClusterState) -> None:
    """Write ``cadastre.conf`` and ``pg_hba.conf`` into the data directory, owned by the server account."""
    main = layout.data_dir / "postgresql.conf"
    include = "include_if_exists = 'cadastre.conf'"
    text = main.read_text()
    if include not in text:
        main.write_text(f"{text.rstrip()}\n\n{include}\n")
    memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    settings = SERVER_SETTINGS.format(
        port=state.port,
        run_dir=layout.run_dir,
        shared_mb=min(max(memory_mb // 12, 128), 2048),
        cache_mb=max(memory_mb // 2, 256),
    )
    for name, content in (("cadastre.conf", settings), ("pg_hba.conf", HBA)):
        (layout.data_dir / name).write_text(content)
        account = server_account()
        if account is not None:
            os.chown(layout.data_dir / name, account.pw_uid, account.pw_gid)


__all__ = ["write_settings"]
