"""From the text of an operation to its result: parsing and validating once, executing, and remembering by revision.

Transports (`graph.http`, `graph.live`) call this and nothing of the GraphQL library below it.
"""
