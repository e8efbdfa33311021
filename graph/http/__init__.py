"""The gateway's HTTP edge: middleware, the REST facade, the built dashboard."""
