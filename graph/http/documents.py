"""The stored GraphQL documents behind the REST paths: REST shows what these select, nothing else."""

from __future__ import annotations

HEALTH = """
query RestHealth {
  health {
    status queueDepth oldestQueuedSeconds revision provenance asOf
    banner { code message field }
    schemaVersion { version sdlSha256 }
    components { name status mode message lastOkAt latencyMs lastError { code message } }
  }
}
"""

NEGOTIATION = """
query RestNegotiation($id: ID, $floor: Ratio, $target: Ratio, $ceiling: Ratio) {
  negotiation(id: $id) {
    id name vendor buyer currency status version provenance asOf
    envelope(floorMargin: $floor, targetMargin: $target, ceilingMargin: $ceiling) {
      currency revenue expense listRevenue currentMargin
      floorMargin targetMargin ceilingMargin floorRevenue targetRevenue ceilingRevenue
      discountAtFloorMargin discountAtTargetMargin discountAtCeilingMargin
      warnings { code message field }
      trace { id label formula value inputs }
    }
    streams { name side unit volume unitPrice listUnitPrice amount listAmount }
    trailing90 { from to amount basis toNextTier missingDays tier { name threshold discount } nextTier { name threshold discount } }
  }
}
"""

INVOICES = """
query RestInvoices($filter: InvoiceFilter, $first: Int, $after: String) {
  invoices(filter: $filter, first: $first, after: $after) {
    totalCount
    totals { currency amount outstanding disputed count }
    pageInfo { hasNextPage endCursor }
    edges { node { id number periodStart periodEnd issuedOn amount currency status disputedAmount disputeReason provenance } }
  }
}
"""

DEMO_NOTIFICATION = """
mutation RestDemoNotification($key: String) {
  sendDemoNotification(idempotencyKey: $key) {
    notification { id channel to body status attempts providerId queuedAt updatedAt error { code message } }
    userErrors { code message field }
  }
}
"""

STORED = {
    "health": HEALTH,
    "negotiation": NEGOTIATION,
    "invoices": INVOICES,
    "notifications/demo": DEMO_NOTIFICATION,
}
"""By the path below /api/v1."""
