"""What an operation may ask for: the size of its text and shape, its lists, its cost, and a budget per caller.

In the order of the checks: `tokens` before parsing, `measure` before validation (whose rules are dear on hostile
documents), `cost` after it, `budget` last. Every refusal is LIMIT_EXCEEDED with `limit`, `value` and `found`, or
RATE_LIMITED with `retryAfterMs`. Bodies are the HTTP edge's, connections `graph.live`'s, page sizes also
`resolvers.paging`'s.
"""

from graph.limits.bounds import Limits
from graph.limits.budget import Budget
from graph.limits.cost import Priced, Prices
from graph.limits.measure import check
from graph.limits.tokens import check_text
from graph.limits.values import check_values

__all__ = ["Budget", "Limits", "Priced", "Prices", "check", "check_text", "check_values"]
