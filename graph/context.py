"""What a resolver is given beside its arguments: the services, who asks, and the id under which it is logged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from strawberry.types.info import Info as StrawberryInfo

from negotiation.records import Snapshot
from resolvers.ports import Actor, Services
from resolvers.view import Pictures, View


@dataclass(slots=True)
class _Pin:
    """The view that the fields of one execution share."""

    execution: object = None
    view: View | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Of one request or one connection.

    `pictures` is made once beside `services` and given to every context, so that screens share derived figures.
    """

    services: Services
    pictures: Pictures
    actor: Actor
    correlation_id: str
    _pin: _Pin = field(default_factory=_Pin, repr=False, compare=False)

    def view_of(self, snapshot: Snapshot) -> View:
        """This actor's view of a snapshot."""
        return View(self.pictures.of(snapshot), self.actor, self.services)

    def view(self, info: Info) -> View:
        """This actor's view of the newest snapshot; all root fields of one execution get the same.

        The coerced variables are one object per execution, and so tell executions apart on a long connection.
        """
        execution: Any = info.variable_values
        if self._pin.view is None or self._pin.execution is not execution:
            self._pin.execution = execution
            self._pin.view = self.view_of(self.services.store.snapshot())
        return self._pin.view


Info = StrawberryInfo[Context, None]
