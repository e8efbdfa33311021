"""The durable outbox: committed first, then claimed with a lease, sent, and settled."""

from adapters.outbox.policy import OutboxPolicy
from adapters.outbox.worker import Outbox

__all__ = ["Outbox", "OutboxPolicy"]
