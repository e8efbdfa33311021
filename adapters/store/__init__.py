"""The durable picture: one SQLite file, its snapshots in memory, its audit trail, its backups."""
