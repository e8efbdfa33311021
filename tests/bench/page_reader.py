"""Another program that reads the pages of usage from a Supabase project, and does nothing with them: what a machine's cores
feel of that alone. `python -m tests.bench.page_reader URL KEY`.
"""

from __future__ import annotations

import asyncio
import sys

from adapters.clock import SystemClock
from adapters.resilience import RetryPolicy
from adapters.supabase.client import SupabaseReader
from adapters.supabase.rows import TABLES


async def main(url: str, key: str) -> None:
    reader = SupabaseReader(url, key, clock=SystemClock(), timeout=60)
    policy = RetryPolicy(attempts=1, timeout=60)
    async for _ in reader.pages(TABLES["usage"], policy=policy, failed=lambda _: None):
        pass
    await reader.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
