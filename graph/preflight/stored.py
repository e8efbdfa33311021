"""Checks of what is stored: the file itself, the terms in it, the queue, gaps in the data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from graph.preflight.findings import Check, Finding, World, block, ok, warn
from graph.wiring.outside import inspect_store, stored_snapshot
from negotiation.errors import NegotiationError
from negotiation.ladder import ladder_faults
from negotiation.picture import Pictures
from negotiation.rates import rate_faults
from negotiation.records import NotificationStatus, Snapshot
from negotiation.rules.validity import rule_faults
from negotiation.terms import LadderTerm, RateTerm, Term
from resolvers.errors import Unavailable
from resolvers.ports import NOTIFICATIONS
from resolvers.usage_import import unmapped

if TYPE_CHECKING:
    from graph.wiring.outside import StoreReport

FREE_BYTES = 256 * 1024 * 1024
OLD_IN_QUEUE = timedelta(hours=1)
MOST_SHOWN = 3
NO_STORE = "There is no store yet; the first start makes it."


async def store_file(world: World) -> Finding:
    return judged(inspect_store(world.settings), world.settings.database_path)


def judged(report: StoreReport, path: Path) -> Finding:
    if not report.writable:
        return block(
            f"{path}: {' '.join(report.problems)}",
            "The gateway refuses to start: no change could be kept.",
            "Give the gateway's user write access to the folder, or set DATA_DIR to another.",
        )
    if report.problems:
        return block(
            f"{path}: {' '.join(report.problems)}",
            "The gateway refuses to start; it never overwrites a store.",
            "Restore a backup (`twilio-negotiation restore`), or start the version that wrote it.",
        )
    if report.free_bytes < FREE_BYTES:
        return block(
            f"Only {report.free_bytes // 2**20} MB are free for {path}.",
            "Commits are refused when the disk is full.",
            "Free space, or move DATA_DIR.",
        )
    if report.revision is None:
        return ok(NO_STORE)
    return ok(f"{path}: revision {report.revision}, whole.")


async def stored_terms(world: World) -> Finding:
    try:
        snapshot = await stored_snapshot(world.settings)
    except Unavailable as error:
        return block(error.message, "What is stored cannot be read.", "See P12.")
    if snapshot is None:
        return ok(NO_STORE)
    if faults := list(_faults(snapshot)):
        return block(
            " ".join(faults[:MOST_SHOWN]),
            "Their cost cannot be computed; screens would show an error in their place.",
            "Propose corrected offers, and reject these.",
        )
    if faults := list(_rule_faults(snapshot)):
        return warn(
            " ".join(faults[:MOST_SHOWN]),
            "Nobody is told what these rules watch; everything else goes on.",
            "Change each in the dashboard, or switch it off.",
        )
    return ok(
        f"{len(snapshot.offers)} offers and the contract in force can be computed, "
        f"{len(snapshot.rules)} rules judged."
    )


def _faults(snapshot: Snapshot) -> Iterator[str]:
    for negotiation in snapshot.negotiations.values():
        floor, target = negotiation.floor_margin, negotiation.target_margin
        if not 0 <= floor <= target <= negotiation.ceiling_margin < 1:
            yield f"{negotiation.id}: margins are not in order."
        yield from _term_faults(negotiation.id, negotiation.terms)
    for offer in snapshot.offers.values():
        yield from _term_faults(offer.id, offer.terms)


def _rule_faults(snapshot: Snapshot) -> Iterator[str]:
    """Of rules that are switched on: saved by another version, or written into Supabase by hand."""
    for rule in snapshot.rules.values():
        if rule.enabled:
            yield from (
                f"Rule {rule.name!r}, {each.field}: {each.message}" for each in rule_faults(rule)
            )


def _term_faults(owner: str, terms: tuple[Term, ...]) -> Iterator[str]:
    for index, term in enumerate(terms):
        found: tuple[NegotiationError, ...] = ()
        if isinstance(term, LadderTerm):
            found = ladder_faults(term, f"terms.{index}")
        elif isinstance(term, RateTerm):
            found = rate_faults(term, f"terms.{index}")
        yield from (f"{owner}, {fault.field}: {fault.message}" for fault in found)


async def queue(world: World) -> Finding:
    try:
        snapshot = await stored_snapshot(world.settings)
    except Unavailable as error:
        return warn(error.message, "Whether messages wait is unknown.", "See P12.")
    rows = list(snapshot.notifications.values()) if snapshot else []
    old = [
        row
        for row in rows
        if row.status in {NotificationStatus.QUEUED, NotificationStatus.SENDING}
        and world.now - row.waits_since > OLD_IN_QUEUE
    ]
    failed = [row for row in rows if row.status is NotificationStatus.FAILED]
    doubtful = [row for row in rows if row.status is NotificationStatus.UNCONFIRMED]
    if snapshot is not None and (held := snapshot.pauses.get(NOTIFICATIONS)) is not None:
        return warn(
            f"{held.by} has paused sending since {held.since:%Y-%m-%d %H:%M} UTC: {held.reason}",
            "Nothing is sent.",
            "Resume it on the Notifications screen, or with `twilio-negotiation queue resume`.",
        )
    if not (old or failed or doubtful):
        return ok(f"Of {len(rows)} in the queue and its history none is stuck.")
    return warn(
        f"{len(old)} wait for more than an hour, {len(failed)} failed, {len(doubtful)} unconfirmed.",
        "Stakeholders were not told.",
        "Look at them on the Notifications screen: retry or cancel each.",
    )


async def gaps(world: World) -> Finding:
    try:
        snapshot = await stored_snapshot(world.settings)
    except Unavailable as error:
        return warn(error.message, "Whether days are missing is unknown.", "See P12.")
    if snapshot is None:
        return ok(NO_STORE)
    faults = list(_gaps(snapshot, world))
    if not faults:
        return ok("No missing usage days, no category without a mapping, no SKU without a family.")
    return warn(
        " ".join(faults),
        "Figures leave the missing days out and say so; they are never taken as zero.",
        "Import what is missing; decide what the categories count as (`setUsageMapping`).",
    )


def _gaps(snapshot: Snapshot, world: World) -> Iterator[str]:
    current = snapshot.negotiations.get(snapshot.current_negotiation_id or "")
    if current is not None:
        missing = Pictures().of(snapshot, current, world.now.date()).trailing.missing
        if missing:
            yield f"{len(missing)} of the last 90 days have no usage, the first is {missing[0]}."
    if names := unmapped(snapshot):
        yield f"{len(names)} of Twilio's categories have usage and no mapping: {', '.join(names[:MOST_SHOWN])}."
    homeless = [sku.key for sku in snapshot.skus.values() if not sku.family]
    if homeless:
        yield f"{len(homeless)} SKUs have no family: {', '.join(homeless[:MOST_SHOWN])}."
    bare = [invoice.number for invoice in snapshot.invoices.values() if not invoice.lines]
    if bare:
        yield f"{len(bare)} invoices have no lines and cannot be re-rated: {', '.join(bare[:MOST_SHOWN])}."


CHECKS = (
    Check("P06", "Negotiation payload invalid", stored_terms),
    Check("P12", "Store damaged, newer, read-only or out of space", store_file),
    Check("P13", "Queue stuck", queue),
    Check("P17", "Data gaps", gaps),
)
