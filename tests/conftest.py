"""Rules for the whole suite. Fixtures live in the folders that use them."""

import os
import shutil

import pytest
from hypothesis import settings

from tests.doubles.supabase_lite import missing_lite
from tests.doubles.supabase_stack import Stack

# A person looks for new examples at each run; CI runs the same ones each time, so that what passed passes again.
# Neither is timed: how long an example takes is the machine's business.
settings.register_profile("ci", derandomize=True, deadline=None, database=None)
settings.register_profile("person", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "person")


def pytest_report_header() -> str:
    if stack := Stack.of():
        return f"Supabase's REST interface: the stack at {stack.url}"
    real = "PostgREST" if shutil.which("postgrest") else "no PostgREST on PATH"
    lite = "Supabase Lite" if missing_lite() is None else "no Supabase Lite"
    return f"Supabase's REST interface: our stand-in over PostgreSQL, {lite}, {real}"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where CI is set, a skipped test fails the run: what was not run was not shown to work."""
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if reporter is None or not os.environ.get("CI") or exitstatus != pytest.ExitCode.OK:
        return
    if skipped := len(reporter.stats.get("skipped", ())):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"{skipped} skipped, which fails the run in CI", red=True)
