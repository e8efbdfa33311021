"""How the vendor's usage categories count: the mappings that are kept, and ours where nobody has decided otherwise.

A kept mapping wins over the default of its category, so that a newer version's defaults reach an older store and never
overrule a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from negotiation.importing.categories import OTHER, TOTAL, categories
from negotiation.imports import UsageMapping, UsageMappingRule
from negotiation.records import Sku


def default_mappings() -> Iterator[UsageMapping]:
    """Every category of the vendor that is known here, each as the SKU of its own name."""
    for each in categories().values():
        yield UsageMapping(
            category=each.name,
            rule=UsageMappingRule.COUNT,
            sku=each.name,
            family=each.family,
            unit=each.unit,
            parent=each.parent,
        )


def effective_mappings(kept: Mapping[str, UsageMapping]) -> dict[str, UsageMapping]:
    """By category: what is kept, else the default. An UNMAPPED one gives way to a default that has come since."""
    made = {each.category: each for each in default_mappings()}
    for category, mapping in kept.items():
        if mapping.rule is not UsageMappingRule.UNMAPPED or category not in made:
            made[category] = mapping
    return made


def missing_mappings(kept: Mapping[str, UsageMapping]) -> list[UsageMapping]:
    """The mappings that a store should be given, so that a person finds them in it and can change them."""
    return [
        each for category, each in effective_mappings(kept).items() if kept.get(category) != each
    ]


def unmapped(category: str, unit: str) -> UsageMapping:
    """For a category that nobody knows: it counts as itself, in no family of its own, until somebody decides."""
    return UsageMapping(
        category=category,
        rule=UsageMappingRule.UNMAPPED,
        sku=category,
        family=OTHER,
        unit=unit or "unit",
    )


def totals_above(mappings: Mapping[str, UsageMapping], category: str) -> Iterator[str]:
    """The totals that contain a category, the nearest first; at the end the one that contains everything."""
    seen = {category}
    at = mappings[category].parent if category in mappings else None
    while at is not None and at not in seen:
        yield at
        seen.add(at)
        at = mappings[at].parent if at in mappings else None
    if TOTAL not in seen:
        yield TOTAL


def contains_itself(mappings: Mapping[str, UsageMapping], category: str, parent: str) -> bool:
    """Whether `parent` for this category would close a circle."""
    return parent == category or category in totals_above(mappings, parent)


def family_of(mapping: UsageMapping, catalogue: Mapping[str, Sku]) -> tuple[str, str]:
    """(family, unit) of what a mapping counts as: the catalogue's, where it has the SKU."""
    sku = catalogue.get(mapping.sku)
    return (mapping.family, mapping.unit) if sku is None else (sku.family, sku.unit)


def totals(mappings: Iterable[UsageMapping]) -> frozenset[str]:
    """The categories that contain others."""
    return frozenset(each.parent for each in mappings if each.parent is not None) | {TOTAL}
