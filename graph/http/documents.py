"""The stored GraphQL documents behind the REST paths: REST shows what these select, nothing else.

Their variables have the names of the query parameters, so that a fault names what its reader wrote.
"""

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
query RestNegotiation($id: ID, $floor_margin: Ratio, $target_margin: Ratio, $ceiling_margin: Ratio) {
  negotiation(id: $id) {
    id name vendor buyer currency status version provenance asOf
    envelope(floorMargin: $floor_margin, targetMargin: $target_margin, ceilingMargin: $ceiling_margin) {
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
query RestInvoices($status: [InvoiceStatus!], $currency: String, $first: Int, $after: String) {
  invoices(filter: { status: $status, currency: $currency }, first: $first, after: $after) {
    totalCount
    totals { currency amount outstanding disputed count }
    pageInfo { hasNextPage endCursor }
    edges { node { id number periodStart periodEnd issuedOn amount currency status disputedAmount disputeReason provenance } }
  }
}
"""

DEMO_NOTIFICATION = """
mutation RestDemoNotification($idempotencyKey: String) {
  sendDemoNotification(idempotencyKey: $idempotencyKey) {
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
