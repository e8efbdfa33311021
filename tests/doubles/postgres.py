"""A PostgreSQL of its own for a test: on a socket in a temporary directory, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

MIGRATIONS = Path(__file__).parents[2] / "schema/supabase/migrations"
_PROJECT = """
create role anon;
create role authenticated;
create role service_role bypassrls;
create role authenticator noinherit login;
grant anon, authenticated, service_role to authenticator;
grant usage on schema public to anon, authenticated, service_role;
-- a project gives these roles all rights on what is made later: a migration has to take them away
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
create publication supabase_realtime;
create schema extensions;
create function extensions.pgrst_watch() returns event_trigger language plpgsql as $$
begin
  notify pgrst, 'reload schema';
end $$;
create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_watch();
"""


class SqlError(Exception):
    """What the server said."""


class Postgres:
    """Speaks through psql, so that no driver is needed. `conninfo`: for drivers too, as the owner of the tables."""

    def __init__(
        self,
        conninfo: str,
        *,
        psql: str = "psql",
        as_user: Mapping[str, Any] | None = None,
        sockets: Path | None = None,
    ) -> None:
        self.conninfo = conninfo
        self._psql = psql
        self._as_user = as_user or {}
        self._sockets = sockets

    @classmethod
    def at(
        cls, sockets: Path, *, psql: str = "psql", as_user: Mapping[str, Any] | None = None
    ) -> Self:
        """The one whose socket is in the folder."""
        conninfo = f"host={sockets} user=postgres dbname=postgres"
        return cls(conninfo, psql=psql, as_user=as_user, sockets=sockets)

    @property
    def sockets(self) -> Path:
        """The folder of its socket; for one of this machine only."""
        assert self._sockets is not None
        return self._sockets

    def empty(self) -> None:
        """No rows in any table, as after the migrations; to a gateway it is another database from then on."""
        self.run(
            "do $$ begin execute (select 'truncate ' || string_agg(format('public.%I', tablename), ', ') "
            "from pg_tables where schemaname = 'public' and tablename <> 'followed'); end $$;"
            "insert into public.peer default values;"
        )

    def run(self, sql: str) -> list[list[str]]:
        """The rows of the last statement, as text. Raises SqlError."""
        done = subprocess.run(
            [
                *(self._psql, "-X", "-q", "-A", "-t", "-F", "\x1f"),
                *("-v", "ON_ERROR_STOP=1", "-d", self.conninfo),
            ],
            input=sql,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **self._as_user,
        )
        if done.returncode != 0:
            raise SqlError(done.stderr.strip())
        return [line.split("\x1f") for line in done.stdout.splitlines()]

    def value(self, sql: str) -> str:
        [[value]] = self.run(sql)
        return value


def binary(name: str) -> str | None:
    """Where a program of PostgreSQL is; Debian keeps the server's off PATH."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(kept[-1]) if kept else None)


def missing_programs() -> list[str]:
    return [name for name in ("initdb", "pg_ctl", "psql") if binary(name) is None]


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """It refuses to run as root, so that root starts it as another user."""
    programs = {name: binary(name) for name in ("initdb", "pg_ctl", "psql")}
    as_user: dict[str, Any] = {"cwd": "/"}
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        user = _somebody()
        as_user |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chown(folder, user.pw_uid, user.pw_gid)
    data, log = folder / "data", folder / "log"

    def call(*command: str) -> None:
        done = subprocess.run(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
            **as_user,
        )
        if done.returncode != 0:
            said = done.stderr.decode() + (log.read_text() if log.exists() else "")
            raise SqlError(said)

    initdb, pg_ctl, psql = (str(programs[name]) for name in ("initdb", "pg_ctl", "psql"))
    try:
        call(initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = (
            f"-k {folder} -c listen_addresses='' -c fsync=off -c timezone=UTC -c autovacuum=off"
        )
        call(pg_ctl, "-D", str(data), "-l", str(log), "-o", options, "-w", "start")
        try:
            yield Postgres.at(folder, psql=psql, as_user=as_user)
        finally:
            call(pg_ctl, "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def supabase_postgres() -> Iterator[Postgres]:
    """A server with what every Supabase project has, and all our migrations applied."""
    with running_postgres() as server:
        server.run(_PROJECT)
        for migration in sorted(MIGRATIONS.glob("*.sql")):
            server.run(f"begin;\n{migration.read_text()}\ncommit;")
        yield server


def _somebody() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LookupError("no unprivileged user to run PostgreSQL as")
