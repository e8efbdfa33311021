"""The servers that stand for a Supabase project's REST interface on this machine, each over a PostgreSQL of its own."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.doubles.postgres import Postgres, missing_programs, supabase_postgres
from tests.doubles.supabase_lite import missing_lite, running_lite
from tests.doubles.supabase_project import JWT_SECRET, STACK, servers
from tests.doubles.supabase_stack import Stack

LITE = "Supabase Lite"
SERVERS = servers() if STACK in servers() else [*servers(), LITE]


@dataclass(frozen=True, slots=True)
class Server:
    """`rest`: what SupabaseProject takes for it."""

    name: str
    postgres: Postgres
    rest: str


@pytest.fixture(scope="module", params=SERVERS)
def server(request):
    """A stack that runs already has its own PostgreSQL, with our migrations."""
    if stack := Stack.of():
        yield Server(request.param, Postgres(stack.db), request.param)
        return
    if missing := missing_programs():
        pytest.skip(f"PostgreSQL's {', '.join(missing)}: apt-get install postgresql")
    if request.param == LITE and (to_do := missing_lite()):
        pytest.skip(to_do)
    with supabase_postgres() as postgres, ExitStack() as stack:
        rest = request.param
        if rest == LITE:
            rest = stack.enter_context(
                running_lite("rest", postgres.sockets, jwt_secret=JWT_SECRET)
            )
        yield Server(request.param, postgres, rest)
