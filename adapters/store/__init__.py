"""The durable picture: one SQLite file, its snapshots in memory, its audit trail, its backups."""

from adapters.store.audit import AuditReport
from adapters.store.files import (
    StoreReport,
    backup,
    inspect,
    integrity,
    is_begun,
    restore,
    verify_audit,
)
from adapters.store.seed import seed
from adapters.store.sqlite import SqliteStore, open_store

__all__ = [
    "AuditReport",
    "SqliteStore",
    "StoreReport",
    "backup",
    "inspect",
    "integrity",
    "is_begun",
    "open_store",
    "restore",
    "seed",
    "verify_audit",
]
