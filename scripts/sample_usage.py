"""Print a week of busy usage, up to yesterday, as a Twilio Usage Records export (CSV).

usage: python scripts/sample_usage.py > usage.csv
For trying an import on the demo workspace: enough to lift the trailing 90 days into the next tier of its ladder.
"""

import csv
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

DAYS = 7
# category: unit, price per unit, units a day
USAGE = {
    "sms-outbound-longcode": ("segments", Decimal("0.0083"), 190_000),
    "sms-outbound-tollfree": ("segments", Decimal("0.0083"), 31_000),
    "channels-whatsapp-outbound": ("messages", Decimal("0.0050"), 24_500),
}


def main() -> None:
    today = datetime.now(UTC).date()
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(
        ["category", "start_date", "end_date", "usage", "usage_unit", "price", "price_unit"]
    )
    for ago in range(DAYS, 0, -1):
        day = today - timedelta(days=ago)
        for category, (unit, price, units) in USAGE.items():
            amount = units + 17 * ago
            out.writerow([category, day, day, amount, unit, amount * price, "usd"])


if __name__ == "__main__":
    main()
