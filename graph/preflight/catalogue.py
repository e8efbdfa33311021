"""The whole catalogue, in order of its ids."""

from __future__ import annotations

from graph.preflight import configuration, model, outside, stored, surfaces

CATALOGUE = tuple(
    sorted(
        (
            *configuration.CHECKS,
            *model.CHECKS,
            *outside.CHECKS,
            *stored.CHECKS,
            *surfaces.CHECKS,
        ),
        key=lambda check: check.id,
    )
)
