"""What a resolver is given beside its arguments: the services, who asks, and the id under which it is logged."""

from __future__ import annotations

from dataclasses import dataclass

from strawberry.types.info import Info as StrawberryInfo

from negotiation.records import Snapshot
from resolvers.ports import Actor, Services
from resolvers.view import Pictures, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Of one request or one connection. It holds nothing that ages: a snapshot is taken where it is read.

    `pictures` is made once beside `services` and given to every context, so that screens share derived figures.
    """

    services: Services
    pictures: Pictures
    actor: Actor
    correlation_id: str

    def view(self, snapshot: Snapshot | None = None) -> View:
        """This actor's view of `snapshot`, else of the newest one.

        The fields of a query are resolved without a pause, so all of them see one snapshot.
        """
        figures = self.pictures.present() if snapshot is None else self.pictures.of(snapshot)
        return View(figures, self.actor, self.services)


Info = StrawberryInfo[Context, None]
