"""The edge: schema, transports, identity, limits, settings, wiring and the command line."""
