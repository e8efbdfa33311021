"""The rules of a vendor negotiation: pure functions and frozen records, without I/O, clock or framework."""
