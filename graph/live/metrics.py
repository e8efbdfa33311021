"""What the live room counts, for `/metrics` and the health component."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


class LiveMetrics:
    """One set per process; tests make their own registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
            return Counter(name, text, labels, registry=registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, registry=registry)

        self.topics = gauge("live_topics", "Distinct subscriptions being followed")
        self.subscribers = gauge("live_subscribers", "Subscriptions of clients")
        self.connections = gauge("live_connections", "Open live connections")
        self.executions = counter("live_executions", "Executions of subscribed operations")
        self.unchanged = counter("live_unchanged", "Executions whose result was not new")
        self.deliveries = counter("live_deliveries", "Results handed to subscribers")
        self.skipped = counter("live_skipped", "Results that a slow reader never got")
        self.gaps = counter("live_gaps", "Gap notices sent")
        self.closes = counter("live_closes", "Closed connections by reason", ("reason",))
