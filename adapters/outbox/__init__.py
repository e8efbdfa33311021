"""The durable outbox: committed first, then claimed with a lease, sent, settled, and followed until it is delivered."""

from adapters.outbox.deliveries import DeliveryPoll
from adapters.outbox.policy import OutboxPolicy
from adapters.outbox.worker import Outbox

__all__ = ["DeliveryPoll", "Outbox", "OutboxPolicy"]
