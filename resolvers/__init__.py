"""Use cases: plain async functions over ports, returning objects of the model."""
