"""The Strawberry types: how the records and figures of the model look on the wire."""
