"""Health: every component's own word on itself, the queue's age, and one short banner that names what is degraded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from negotiation.records import NotificationStatus, Provenance, Snapshot
from negotiation.trace import Notice
from resolvers.ports import ComponentHealth, SchemaVersion, Services, Status

WAITING = frozenset({NotificationStatus.QUEUED, NotificationStatus.SENDING})
_GRAVITY = (Status.OK, Status.DEGRADED, Status.DOWN)
_BECAUSE_OF = {"outbox": "twilio"}
"""What is unwell only because something else is needs no sentence of its own."""
_SENTENCES = 2
_STEP = "Not all is in step with Supabase: look at the sync."
_UNDECIDED = "Some of Twilio's usage categories wait for a decision."
_MEANS = {
    ("supabase", "fixtures"): "Data of this machine only: Supabase is not set up.",
    # It is read: conflicts wait, or rows that cannot be read.
    ("supabase", "realtime"): _STEP,
    ("supabase", "polling"): _STEP,
    ("supabase", ""): "The data may be old: Supabase has trouble.",
    ("twilio", "queue"): "Messages wait in the queue: Twilio is not set up.",
    ("twilio", ""): "Messages may wait in the queue: Twilio has trouble.",
    ("usage", "unmapped"): _UNDECIDED,
    ("usage", "importing"): _UNDECIDED,  # an import that has trouble is "failed"
    ("usage", ""): "Usage may be incomplete: the import from Twilio has trouble.",
    ("outbox", "paused"): "Sending is paused: look at the queue.",
    ("outbox", ""): "Some messages are not delivered: look at the queue.",
    ("rules", ""): "Some rules cannot be judged: look at the rules.",
    ("store", ""): "Changes may not be kept: the store has trouble.",
}
"""What it means for who looks at the screen, by component and mode; "": in any other mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`queue_depth`: notifications queued or being sent; `oldest_queued_seconds`: the age of the oldest of them.

    `as_of`: when the data was last known to be complete. `banner`: what is degraded, when anything is.
    """

    status: Status
    components: tuple[ComponentHealth, ...]
    queue_depth: int
    oldest_queued_seconds: int | None
    revision: int
    provenance: Provenance
    as_of: datetime
    banner: Notice | None
    schema_version: SchemaVersion


def report(services: Services, snapshot: Snapshot) -> Health:
    """What is known now, without asking anything outside."""
    components = tuple(component.health() for component in services.components)
    waiting = [each.queued_at for each in snapshot.notifications.values() if each.status in WAITING]
    age = services.clock.now() - min(waiting) if waiting else None
    return Health(
        status=worst(components),
        components=components,
        queue_depth=len(waiting),
        oldest_queued_seconds=None if age is None else max(0, int(age.total_seconds())),
        revision=snapshot.revision,
        provenance=provenance_of(services, snapshot),
        as_of=as_of(services, snapshot),
        banner=banner(components, provenance_of(services, snapshot)),
        schema_version=services.schema_version,
    )


def provenance_of(services: Services, snapshot: Snapshot) -> Provenance:
    """Where the data as a whole comes from: the peer's word, where there is one, on data that is not a fixture."""
    if snapshot.provenance is Provenance.FIXTURE:
        return Provenance.FIXTURE
    return services.peer.provenance() or snapshot.provenance


def as_of(services: Services, snapshot: Snapshot) -> datetime:
    """The instant at which the data was last known to be complete."""
    return services.peer.as_of() or snapshot.as_of


def worst(components: Sequence[ComponentHealth]) -> Status:
    """The gravest status of any component."""
    return max((each.status for each in components), key=_GRAVITY.index, default=Status.OK)


def banner(components: Sequence[ComponentHealth], provenance: Provenance) -> Notice | None:
    """One short sentence for each of the gravest two that are not well; what to do is in the components' own words."""
    unwell = {each.name: each for each in components if each.status is not Status.OK}
    if not unwell:
        return None
    ranked = sorted(unwell.values(), key=lambda each: _GRAVITY.index(each.status), reverse=True)
    told = [
        each for each in ranked if _BECAUSE_OF.get(each.name) not in unwell or each.mode == "paused"
    ]
    sentences = [_sentence(each, provenance) for each in told[:_SENTENCES]]
    return Notice(ranked[0].status.value, " ".join(sentences), ranked[0].name)


def _sentence(component: ComponentHealth, provenance: Provenance) -> str:
    """What it means for who looks at the screen, and whose fault it is."""
    name, mode = component.name, component.mode
    if (name, mode, provenance) == ("supabase", "fixtures", Provenance.FIXTURE):
        return "Demonstration data: Supabase is not set up."
    return _MEANS.get((name, mode)) or _MEANS.get((name, "")) or f"{name.capitalize()} has trouble."


async def sync_now(services: Services) -> tuple[Health, tuple[Notice, ...]]:
    """Ask the peer for what is new; the health after it, and what a reader should know."""
    result = await services.peer.pull()
    notices = [Notice("SYNC_WARNING", warning, "supabase") for warning in result.warnings]
    state = services.peer.health()
    if state.status is not Status.OK:
        notices.append(Notice(state.error_code or "SYNC_DEGRADED", state.message, state.name))
    if result.quarantined:
        rows = "row" if result.quarantined == 1 else "rows"
        notices.append(
            Notice(
                "ROWS_QUARANTINED",
                f"{result.quarantined} {rows} could not be read and were put aside.",
                "supabase",
            )
        )
    return report(services, services.store.snapshot()), tuple(notices)
