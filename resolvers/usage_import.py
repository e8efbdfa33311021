"""The import from the vendor as people see it: asking for one, its state and what comes next, its mappings.

The work itself is `resolvers.importer`'s.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from negotiation.importing.mapping import missing_mappings
from negotiation.imports import ImportRun, ImportState, UsageMappingRule
from negotiation.records import Provenance, Snapshot
from negotiation.trace import Notice
from resolvers.errors import BadUserInput, FieldError
from resolvers.ports import Actor, ComponentHealth, Delete, Put, Services, Status, Store, Write
from resolvers.provider import UsageProvider

FIRST_SPAN: Final = timedelta(days=396)
"""How far back a first run reads: the envelope's year, and the month before it to compare the first one with."""
RESTATED: Final = timedelta(days=14)
"""Twilio restates usage for some days; every run reads so many of the days before it again."""
LONGEST_SPAN: Final = 1_100
RUNS_KEPT: Final = 20
SCHEDULE: Final = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`since` None: what is not in yet, and the days that may have been restated. `pricing`: list prices too."""

    since: date | None = None
    pricing: bool = True
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`run`: the one that was asked for, or the one that is under way already."""

    snapshot: Snapshot
    run: ImportRun | None
    refusals: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatus:
    """`current`: asked for or under way; `last`: the last that ended; `runs`: all that are kept, newest first.

    `unmapped`: categories with usage that nobody has decided about. `daily_at`: the UTC hour of the daily run; None: only
    when asked for.
    """

    configured: bool
    message: str
    daily_at: int | None
    next_run_at: datetime | None
    unmapped: int
    current: ImportRun | None
    last: ImportRun | None
    runs: tuple[ImportRun, ...]


async def sync(services: Services, actor: Actor, wanted: Wanted) -> Outcome:
    """Ask for an import; it runs in the background. One that waits for its next try goes on at once. Raises BadUserInput."""
    today = services.clock.today()
    if wanted.since is not None:
        _check_since(wanted.since, today)
    missing = services.provider.missing
    if missing is not None:
        notice = Notice("NOT_CONFIGURED", missing, None)
        return Outcome(snapshot=services.store.snapshot(), run=None, refusals=(notice,))
    own_id = uuid.uuid4().hex

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        nonlocal own_id
        waiting = under_way(snapshot)
        if waiting is not None and waiting.next_attempt_at is not None:
            own_id = waiting.id
            return [Put(replace(waiting, next_attempt_at=None, attempts=0))]
        if waiting is not None:
            return ()
        return asked_for(snapshot, own_id, actor.id, wanted, services.clock.now())

    snapshot = await services.store.commit(decide, actor=actor.id, cause="syncTwilio")
    run = snapshot.import_runs.get(own_id)
    if run is not None:
        services.wake_import()
        return Outcome(snapshot=snapshot, run=run, refusals=())
    return Outcome(
        snapshot=snapshot,
        run=under_way(snapshot),
        refusals=(Notice("ALREADY_RUNNING", "An import is under way already.", None),),
    )


def asked_for(
    snapshot: Snapshot, own_id: str, requested_by: str, wanted: Wanted, now: datetime
) -> list[Write]:
    """The writes that queue a run: it, the mappings that the store lacks, and old runs that make room."""
    last = now.date() - timedelta(days=1)
    first = first_day(snapshot, now.date()) if wanted.since is None else wanted.since
    run = ImportRun(
        id=own_id,
        state=ImportState.QUEUED,
        requested_by=requested_by,
        started_at=now,
        updated_at=now,
        first_day=first,
        last_day=last,
        next_day=first,
        pricing=wanted.pricing,
        dry_run=wanted.dry_run,
    )
    writes: list[Write] = [Put(each) for each in missing_mappings(snapshot.usage_mappings)]
    writes += [Delete("import_runs", each.id) for each in newest_first(snapshot)[RUNS_KEPT - 1 :]]
    return [*writes, Put(run)]


def first_day(snapshot: Snapshot, today: date) -> date:
    """Where a run begins that was not told: behind the last good one, and what may have been restated; or at the very
    first day, when there was none or a mapping was decided since.
    """
    done = next((run for run in newest_first(snapshot) if _counts(run)), None)
    earliest = today - FIRST_SPAN
    if done is None:
        return earliest
    decided = (each.decided_at for each in snapshot.usage_mappings.values() if each.decided_at)
    if any(at > done.started_at for at in decided):
        return min(done.first_day, earliest)
    return min(done.next_day, today) - RESTATED


def under_way(snapshot: Snapshot) -> ImportRun | None:
    """The run that is asked for or running."""
    return next((run for run in newest_first(snapshot) if run.active), None)


def newest_first(snapshot: Snapshot) -> list[ImportRun]:
    return sorted(
        snapshot.import_runs.values(), key=lambda run: (run.started_at, run.id), reverse=True
    )


def status(services: Services, snapshot: Snapshot) -> ImportStatus:
    """What a screen shows of the import."""
    runs = newest_first(snapshot)
    current = next((run for run in runs if run.active), None)
    last = next((run for run in runs if not run.active), None)
    missing = services.provider.missing
    hour = None if missing is not None else services.import_hour
    return ImportStatus(
        configured=missing is None,
        message=_message(services.provider, snapshot, current, last),
        daily_at=hour,
        next_run_at=_next_run_at(snapshot, hour, services.clock.now(), current),
        unmapped=len(unmapped(snapshot)),
        current=current,
        last=last,
        runs=tuple(runs),
    )


def unmapped(snapshot: Snapshot) -> list[str]:
    """The categories with usage that nobody has decided about."""
    return sorted(
        each.category
        for each in snapshot.usage_mappings.values()
        if each.rule is UsageMappingRule.UNMAPPED
    )


def last_due(hour: int, now: datetime) -> datetime:
    """The newest instant at which the daily run was due."""
    at = datetime.combine(now.date(), time(hour), UTC)
    return at if at <= now else at - timedelta(days=1)


def is_due(snapshot: Snapshot, hour: int, now: datetime) -> bool:
    """Whether no real run has been asked for since the daily run was due; also after a day when nobody was there."""
    if waits_for_a_person(snapshot):
        return False
    due = last_due(hour, now)
    return not any(
        run.active or (run.started_at >= due and not run.dry_run)
        for run in snapshot.import_runs.values()
    )


def waits_for_a_person(snapshot: Snapshot) -> bool:
    """Real usage takes the place of demonstration data: the first time only when somebody asks for it."""
    made_up = snapshot.provenance is Provenance.FIXTURE
    return made_up and not any(_counts(run) for run in snapshot.import_runs.values())


class UsageComponent:
    """The health component "usage": how current usage from the vendor is."""

    def __init__(self, store: Store, provider: UsageProvider) -> None:
        self._store = store
        self._provider = provider

    def health(self) -> ComponentHealth:
        snapshot = self._store.snapshot()
        runs = newest_first(snapshot)
        current = next((run for run in runs if run.active), None)
        last = next((run for run in runs if not run.active), None)
        done = next((run for run in runs if run.state is ImportState.DONE), None)
        trouble = (current or last) if self._provider.missing is None else None
        failed = trouble is not None and trouble.error_code is not None
        degraded = failed or bool(unmapped(snapshot))
        return ComponentHealth(
            name="usage",
            status=Status.DEGRADED if degraded else Status.OK,
            mode=_mode(self._provider, snapshot, current, failed=failed),
            message=_message(self._provider, snapshot, current, last),
            last_ok_at=None if done is None else done.finished_at,
            error_code=trouble.error_code if trouble is not None else None,
            error_message=trouble.error_message if trouble is not None else None,
        )


def _mode(
    provider: UsageProvider, snapshot: Snapshot, current: ImportRun | None, *, failed: bool
) -> str:
    if failed:
        return "failed"
    if current is not None:
        return "importing"
    if unmapped(snapshot):
        return "unmapped"
    return "off" if provider.missing is not None else "twilio"


def _message(
    provider: UsageProvider,
    snapshot: Snapshot,
    current: ImportRun | None,
    last: ImportRun | None,
) -> str:
    """What is so, and what to do where something is to be done."""
    told = [_progress(current, last, provider.missing)]
    if provider.missing is None and current is None and waits_for_a_person(snapshot):
        told.append(
            "This is demonstration data: ask for an import to put your own usage in its place, daily from then on."
        )
    if names := unmapped(snapshot):
        few = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        told.append(
            f"Nobody has said what {few} count as: they are in family other, at what was billed. Map them."
        )
    return " ".join(told)


def _progress(current: ImportRun | None, last: ImportRun | None, missing: str | None) -> str:
    if missing is not None:
        return missing
    if current is not None and current.error_message is not None:
        when = current.next_attempt_at
        again = (
            "" if when is None else f" Next try at {when:%H:%M} UTC, from {current.next_day} on."
        )
        return f"{current.error_message}{again}"
    if current is not None:
        return (
            f"Reading usage of {current.first_day} to {current.last_day}: "
            f"{current.days_done} of {current.days_total} days, {current.rows_read:,} records."
        )
    if last is None:
        return "Usage has not been read from Twilio yet."
    if last.state is ImportState.FAILED:
        return f"The import stopped before {last.next_day}: {last.error_message}"
    return (
        f"Usage is in up to {last.next_day - timedelta(days=1)}: {last.rows_written:,} rows were new, "
        f"{last.rows_restated:,} of them restated."
    )


def _next_run_at(
    snapshot: Snapshot, hour: int | None, now: datetime, current: ImportRun | None
) -> datetime | None:
    if current is not None:
        return current.next_attempt_at
    if hour is None or waits_for_a_person(snapshot):
        return None
    return now if is_due(snapshot, hour, now) else last_due(hour, now) + timedelta(days=1)


def _counts(run: ImportRun) -> bool:
    return run.state is ImportState.DONE and not run.dry_run


def _check_since(since: date, today: date) -> None:
    earliest, latest = today - timedelta(days=LONGEST_SPAN), today - timedelta(days=1)
    if not earliest <= since <= latest:
        message = (
            f"{since} is not between {earliest} and {latest}: only days that are over are read."
        )
        raise BadUserInput(message, [FieldError("input.since", message)])
