"""One module for each outside thing, each satisfying a port."""
