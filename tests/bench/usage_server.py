"""A Twilio with thirteen months of usage as a process of its own, so that what it does is not measured:
`python -m tests.bench.usage_server DAYS`. Prints its address; ends with its standard input.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from negotiation.importing.mapping import effective_mappings
from tests.doubles.twilio import TwilioDouble


async def serve(days: int) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    async with TwilioDouble() as twilio:
        first = yesterday - timedelta(days=days - 1)
        twilio.reading.use_daily(first, yesterday, *effective_mappings({}))
        print(twilio.url, flush=True)  # noqa: T201 - for who started it
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
