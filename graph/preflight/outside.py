"""Checks of the outside: Supabase, Twilio, the clock, the port and the limits of this machine."""

from __future__ import annotations

import resource
import socket
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx

from graph.cli.announce import announced_url
from graph.preflight.findings import Check, Finding, World, block, ok, warn
from graph.wiring.outside import probe_supabase, status_report, twilio_refusal
from graph.wiring.parts import twilio_credentials

WANTED_FILES = 12_000
MOST_SKEW = timedelta(seconds=30)
SLOW_SECONDS = 2.0
MOST_SHOWN = 3
NO_CONTENT, FORBIDDEN = 204, 403
SCHEMA_CODES = frozenset({"SCHEMA_CHANGED", "42P01", "42883", "PGRST202", "PGRST205"})


async def supabase_schema(world: World) -> Finding:
    if not _supabase_set_up(world):
        return ok("Supabase is not set up; see P01.")
    probe = await probe_supabase(world.settings)
    if probe.error_code in SCHEMA_CODES:
        return block(
            probe.message,
            "Nothing is synced; the last good copy is shown, and what changes here waits.",
            "Apply schema/supabase/migrations to the project.",
        )
    if probe.error_code is None and (probe.warnings or probe.quarantined):
        return warn(
            " ".join(probe.warnings[:MOST_SHOWN]),
            "Unknown columns are dropped, unreadable rows are left out and listed in health.",
            "Compare the project's tables with schema/supabase/migrations.",
        )
    return ok("Nothing unexpected in Supabase's tables.")


async def supabase_reach(world: World) -> Finding:
    if not _supabase_set_up(world):
        return ok("Supabase is not set up; see P01.")
    probe = await probe_supabase(world.settings)
    if probe.error_code is not None and probe.error_code not in SCHEMA_CODES:
        return warn(
            probe.message,
            "After three tries the gateway shows cached data with its age.",
            "Check SUPABASE_URL, SUPABASE_KEY and the project's status.",
        )
    if probe.seconds > SLOW_SECONDS:
        return warn(
            f"Supabase took {probe.seconds:.1f} s to answer.",
            "Changes made there arrive late.",
            "Look at the project's load.",
        )
    return ok(f"Supabase answered in {probe.seconds:.2f} s.")


def _supabase_set_up(world: World) -> bool:
    return bool(world.settings.supabase_url and world.settings.supabase_key)


async def twilio_refuses(world: World) -> Finding:
    if twilio_credentials(world.settings).faults():
        return ok("Twilio is not set up; see P04.")
    reason = await twilio_refusal(world.settings)
    if reason is None:
        return ok("Twilio lets us in, and the sender is ours.")
    return block(
        reason,
        "Notifications would not go out: they are tried again, then marked as failed.",
        "Correct the credentials or the sender, or unset them to queue only.",
    )


async def clock(world: World) -> Finding:
    try:
        ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:
        return warn(
            "Time zone data is missing.",
            "Screens could not show local times; windows are UTC anyway.",
            "Install tzdata.",
        )
    peer = world.live_url or world.settings.supabase_url
    if peer is None:
        return ok("No peer is configured to compare the clock with; windows use UTC days.")
    try:
        answer = await world.http.get(peer)
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (httpx.HTTPError, KeyError, ValueError) as error:
        return warn(
            f"{peer} did not tell the time: {error!r}.",
            "A wrong clock would go unseen.",
            "See P03.",
        )
    skew = abs(datetime.now(UTC) - theirs)
    if skew > MOST_SKEW:
        return warn(
            f"This clock and {peer}'s differ by {skew.total_seconds():.0f} s.",
            "Tokens could be refused, leases misjudged, days start at the wrong time.",
            "Synchronise the clock (NTP).",
        )
    return ok(f"This clock and {peer}'s differ by less than {MOST_SKEW.total_seconds():.0f} s.")


async def port_and_limits(world: World) -> Finding:
    settings = world.settings
    if (reason := _port_taken(world)) and not await _ours(world):
        return block(
            reason,
            "The gateway could not start.",
            "Stop the process that listens there, or choose another PORT.",
        )
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return enough_files(soft, f"Port {settings.port} is usable")


def enough_files(soft: int, beside: str) -> Finding:
    """soft: how many files a process may open. beside: what else is in order."""
    if soft != resource.RLIM_INFINITY and soft < WANTED_FILES:
        return warn(
            f"A process may open {soft} files.",
            f"Each live connection is one; {WANTED_FILES} would not fit.",
            f"Raise it: `ulimit -n {WANTED_FILES}`, or LimitNOFILE in the unit.",
        )
    return ok(f"{beside}, {soft} open files are allowed.")


async def _ours(world: World) -> bool:
    """Whether what listens is the gateway of this very data folder; a note may outlive the gateway that wrote it."""
    settings = world.settings
    url = announced_url(settings.data_dir)
    if url is None or url != settings.url:
        return False
    try:
        return (await world.http.get(f"{url}/healthz")).is_success
    except httpx.HTTPError:
        return False


def _port_taken(world: World) -> str | None:
    host, port = world.settings.bind_host, world.settings.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"{host}:{port} cannot be used: {error.strerror}."
    return None


async def webhook(world: World) -> Finding:
    report = status_report(world.settings)
    if report is None:
        return ok("No PUBLIC_URL, or no Twilio: what became of a message is asked for instead.")
    headers = {"x-twilio-signature": report.signature}
    why = "Twilio's reports do not arrive; what became of a message is asked for, and known later."
    try:
        answer = await world.http.post(report.url, data=dict(report.form), headers=headers)
    except httpx.HTTPError as error:
        return warn(
            f"{report.url} cannot be reached: {type(error).__name__}.",
            why,
            "Start the gateway, and lead PUBLIC_URL to it: name, proxy, firewall.",
        )
    if answer.status_code == FORBIDDEN:
        return warn(
            "What answers at PUBLIC_URL does not accept a signature made for it.",
            why,
            "Give the running gateway the same PUBLIC_URL, TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, and restart it.",
        )
    if answer.status_code != NO_CONTENT:
        return warn(
            f"{report.url} answered {answer.status_code}, where a gateway answers {NO_CONTENT}.",
            why,
            "Lead PUBLIC_URL to this gateway, path and all.",
        )
    return ok("A signed report reached the gateway at PUBLIC_URL.")


CHECKS = (
    Check("P02", "Supabase schema changed", supabase_schema),
    Check("P03", "Supabase unreachable or slow", supabase_reach),
    Check("P05", "Twilio refuses", twilio_refuses),
    Check("P14", "Clock wrong, or time zone data missing", clock),
    Check("P15", "Port taken, file limit too low", port_and_limits),
    Check("P18", "Webhook address not reachable, or signed for another", webhook),
)
