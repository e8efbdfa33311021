"""A Supabase project as a process of its own, so that what it does is not measured: `python -m tests.bench.supabase_server
FOLDER` over the PostgreSQL whose socket is in the folder. Prints its address and key; ends with its standard input.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.doubles.postgres import Postgres
from tests.doubles.supabase_project import SupabaseProject


async def serve(sockets: Path) -> None:
    async with SupabaseProject(Postgres.at(sockets)) as project:
        print(project.url, project.key, flush=True)  # noqa: T201 - for who started it
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
