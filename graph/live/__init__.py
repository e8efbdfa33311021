"""The live hub and its transports: each distinct subscription executed once, its bytes pushed to everyone who asked."""
