"""The tables of the store's file, and how a file gets them: created once, migrated step by step, never overwritten.

`changes` and `usage` only grow: triggers refuse any UPDATE or DELETE. A row of usage without a quantity says that what
came before it is gone. Amounts, rates and quantities are decimal text, kept exactly.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from adapters.store.ledger import TABLES as LEDGER

APPLICATION_ID: Final = 0x4E65676F  # "Nego"

_MARGINS = "floor_margin TEXT NOT NULL, target_margin TEXT NOT NULL, ceiling_margin TEXT NOT NULL"


def _append_only(table: str) -> tuple[str, ...]:
    return tuple(
        f"""CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
        BEGIN SELECT RAISE(ABORT, '{table} only grows: a line written stays as it is'); END"""
        for verb in ("update", "delete")
    )


MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """CREATE TABLE workspace (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            store_id TEXT NOT NULL,
            created_at TEXT NOT NULL,
            revision INTEGER NOT NULL,
            head TEXT NOT NULL,
            as_of TEXT NOT NULL,
            provenance TEXT NOT NULL,
            current_negotiation_id TEXT,
            demo_anchor TEXT
        ) STRICT""",
        """CREATE TABLE changes (
            revision INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            area TEXT NOT NULL,
            entity_id TEXT NOT NULL,
            action TEXT NOT NULL,
            actor TEXT NOT NULL,
            cause TEXT NOT NULL,
            at TEXT NOT NULL,
            before_hash TEXT,
            after_hash TEXT,
            hash TEXT NOT NULL,
            PRIMARY KEY (revision, sequence)
        ) STRICT, WITHOUT ROWID""",
        *_append_only("changes"),
        """CREATE TABLE usage (
            day TEXT NOT NULL,
            sku TEXT NOT NULL,
            committed INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            quantity TEXT,
            billed TEXT,
            source TEXT NOT NULL,
            PRIMARY KEY (day, sku, committed, revision)
        ) STRICT, WITHOUT ROWID""",
        *_append_only("usage"),
        """CREATE TABLE usage_days (
            day TEXT PRIMARY KEY,
            committed INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE skus (
            key TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            family TEXT NOT NULL,
            unit TEXT NOT NULL,
            list_rate TEXT NOT NULL,
            contract_rate TEXT,
            locked INTEGER NOT NULL,
            pass_through INTEGER NOT NULL,
            synthetic INTEGER NOT NULL
        ) STRICT""",
        f"""CREATE TABLE negotiations (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            vendor TEXT NOT NULL,
            buyer TEXT NOT NULL,
            currency TEXT NOT NULL,
            status TEXT NOT NULL,
            version INTEGER NOT NULL,
            {_MARGINS},
            terms TEXT NOT NULL,
            provenance TEXT NOT NULL,
            as_of TEXT
        ) STRICT""",
        """CREATE TABLE streams (
            id TEXT PRIMARY KEY,
            negotiation_id TEXT NOT NULL,
            name TEXT NOT NULL,
            side TEXT NOT NULL,
            unit TEXT NOT NULL,
            family TEXT,
            volume TEXT,
            unit_price TEXT,
            list_unit_price TEXT,
            cost_share TEXT,
            provenance TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE offers (
            id TEXT PRIMARY KEY,
            negotiation_id TEXT NOT NULL,
            round INTEGER NOT NULL,
            party TEXT NOT NULL,
            status TEXT NOT NULL,
            title TEXT NOT NULL,
            terms TEXT NOT NULL,
            valid_until TEXT,
            created_at TEXT NOT NULL,
            hash TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE milestones (
            id TEXT PRIMARY KEY,
            negotiation_id TEXT NOT NULL,
            name TEXT NOT NULL,
            owner_role TEXT NOT NULL,
            due_on TEXT NOT NULL,
            status TEXT NOT NULL,
            decided_by TEXT,
            decided_at TEXT,
            note TEXT
        ) STRICT""",
        """CREATE TABLE invoices (
            id TEXT PRIMARY KEY,
            number TEXT NOT NULL UNIQUE,
            period_start TEXT NOT NULL,
            period_end TEXT NOT NULL,
            amount TEXT NOT NULL,
            currency TEXT NOT NULL,
            status TEXT NOT NULL,
            issued_on TEXT,
            lines TEXT NOT NULL,
            disputed_amount TEXT,
            dispute_reason TEXT,
            provenance TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE notifications (
            id TEXT PRIMARY KEY,
            idempotency_key TEXT NOT NULL UNIQUE,
            channel TEXT NOT NULL,
            "to" TEXT NOT NULL,
            body TEXT NOT NULL,
            status TEXT NOT NULL,
            queued_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            next_attempt_at TEXT,
            lease_owner TEXT,
            lease_until TEXT,
            provider_id TEXT,
            error_code TEXT,
            error_message TEXT,
            requested_by TEXT NOT NULL
        ) STRICT""",
    ),
    (
        """CREATE TABLE positions (
            negotiation_id TEXT PRIMARY KEY,
            batna_cost TEXT,
            batna_note TEXT,
            downstream_revenue TEXT,
            other_costs TEXT,
            own_margin TEXT,
            vendor_cost_low TEXT NOT NULL,
            vendor_cost_high TEXT NOT NULL,
            vendor_margin TEXT,
            planned_rounds INTEGER NOT NULL,
            opening TEXT NOT NULL,
            patience TEXT NOT NULL,
            shortfall_limit TEXT NOT NULL
        ) STRICT""",
    ),
    LEDGER,
    (
        """CREATE TABLE usage_mappings (
            category TEXT PRIMARY KEY,
            rule TEXT NOT NULL,
            sku TEXT NOT NULL,
            family TEXT NOT NULL,
            unit TEXT NOT NULL,
            parent TEXT,
            note TEXT,
            decided_by TEXT,
            decided_at TEXT
        ) STRICT""",
        """CREATE TABLE price_links (
            sku TEXT PRIMARY KEY,
            service TEXT NOT NULL,
            country TEXT NOT NULL,
            direction TEXT NOT NULL,
            number_type TEXT,
            carrier TEXT,
            prefix TEXT,
            low TEXT,
            high TEXT,
            currency TEXT,
            problem TEXT,
            read_at TEXT,
            decided_by TEXT,
            decided_at TEXT
        ) STRICT""",
        """CREATE TABLE import_runs (
            id TEXT PRIMARY KEY,
            state TEXT NOT NULL,
            requested_by TEXT NOT NULL,
            started_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            first_day TEXT NOT NULL,
            last_day TEXT NOT NULL,
            next_day TEXT NOT NULL,
            pricing INTEGER NOT NULL,
            dry_run INTEGER NOT NULL,
            finished_at TEXT,
            rows_read INTEGER NOT NULL,
            rows_written INTEGER NOT NULL,
            rows_restated INTEGER NOT NULL,
            rows_unchanged INTEGER NOT NULL,
            prices_read INTEGER NOT NULL,
            prices_total INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            next_attempt_at TEXT,
            lease_owner TEXT,
            lease_until TEXT,
            error_code TEXT,
            error_message TEXT,
            warnings TEXT NOT NULL
        ) STRICT""",
    ),
    (
        "ALTER TABLE notifications ADD COLUMN priority TEXT NOT NULL DEFAULT 'NORMAL'",
        "ALTER TABLE notifications ADD COLUMN expires_at TEXT",
        "ALTER TABLE notifications ADD COLUMN history TEXT NOT NULL DEFAULT '[]'",
        """CREATE TABLE pauses (
            id TEXT PRIMARY KEY,
            reason TEXT NOT NULL,
            by TEXT NOT NULL,
            since TEXT NOT NULL
        ) STRICT""",
    ),
    (
        """CREATE TABLE rules (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            kind TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            enabled INTEGER NOT NULL,
            negotiation_id TEXT,
            days INTEGER,
            threshold TEXT,
            tier TEXT,
            recipients TEXT NOT NULL,
            channel TEXT NOT NULL,
            template TEXT,
            quiet_hours TEXT,
            passes_quiet_hours INTEGER NOT NULL,
            daily_cap INTEGER NOT NULL,
            cooldown_hours INTEGER NOT NULL,
            repeats INTEGER NOT NULL,
            priority TEXT NOT NULL,
            version INTEGER NOT NULL,
            updated_by TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE rule_states (
            rule_id TEXT NOT NULL,
            subject TEXT NOT NULL,
            holds INTEGER NOT NULL,
            since TEXT NOT NULL,
            told INTEGER NOT NULL,
            fired INTEGER NOT NULL,
            fired_at TEXT,
            id TEXT PRIMARY KEY
        ) STRICT""",
        """CREATE TABLE rule_firings (
            id TEXT PRIMARY KEY,
            rule_id TEXT NOT NULL,
            rule_name TEXT NOT NULL,
            rule_version INTEGER NOT NULL,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            at TEXT NOT NULL,
            body TEXT NOT NULL,
            facts TEXT NOT NULL,
            notification_ids TEXT NOT NULL,
            held_back TEXT NOT NULL,
            send_at TEXT,
            test INTEGER NOT NULL
        ) STRICT""",
    ),
    (
        """CREATE TABLE conflicts (
            id TEXT PRIMARY KEY,
            area TEXT NOT NULL,
            entity_id TEXT NOT NULL,
            at TEXT NOT NULL,
            actor TEXT NOT NULL,
            ours TEXT,
            theirs TEXT,
            resolved_at TEXT,
            resolved_by TEXT,
            kept TEXT
        ) STRICT""",
    ),
    (
        """CREATE TABLE opt_outs (
            id TEXT PRIMARY KEY,
            number TEXT NOT NULL,
            since TEXT NOT NULL,
            keyword TEXT NOT NULL,
            lifted_at TEXT,
            texts TEXT NOT NULL
        ) STRICT""",
    ),
)
"""One tuple of statements per version of the file; `user_version` counts those it has."""

SCHEMA_VERSION: Final = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """How many migrations the file has."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def refusal(connection: sqlite3.Connection) -> str | None:
    """Why this file must be left alone, and what to do; None for ours, of a version we know, and for a new one.

    Safe to race: another process may make or migrate the file meanwhile, so all is read of one instant.
    """
    connection.execute("BEGIN")
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = version_of(connection)
        new = (application, version) == (0, 0) and not connection.execute(
            "SELECT count(*) FROM sqlite_schema"
        ).fetchone()[0]
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    if application != APPLICATION_ID and not new:
        return "it is the database of another program. Choose another data directory"
    return _newer(version)


def _newer(version: int) -> str | None:
    if version <= SCHEMA_VERSION:
        return None
    return (
        f"it was written by a newer version of this program (file version {version}, this program knows up to "
        f"{SCHEMA_VERSION}). Start that version, or restore a backup made with this one"
    )


def migrate(
    connection: sqlite3.Connection, *, store_id: str, created_at: str, head: str
) -> str | None:
    """Bring the file to `SCHEMA_VERSION`, in one transaction; a new file gets its identity. Safe to race.

    Why it must be left alone after all, where a newer version of the program was faster; else None.
    """
    if version_of(connection) == SCHEMA_VERSION:
        return None
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = version_of(connection)
        if reason := _newer(version):
            connection.execute("ROLLBACK")
            return reason
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        if version == 0:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(
                "INSERT INTO workspace VALUES (1, ?, ?, 0, ?, ?, 'LIVE', NULL, NULL)",
                (store_id, created_at, head, created_at),
            )
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return None
