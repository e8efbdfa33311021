"""Operations on the rules that notify: reading them, what they would say and what they said; changing and trying them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from graph.context import Info
from graph.types.common import Connection, Notice, described, given
from graph.types.rules import (
    DeleteRulePayload,
    Rule,
    RuleFiring,
    RuleInput,
    RuleKindInfo,
    RulePreview,
    SaveRulePayload,
    TestRulePayload,
    firing_connection,
)
from resolvers import ids, live, rules

UNSET = strawberry.UNSET
Id = Annotated[strawberry.ID, strawberry.argument(name="id")]
Input = Annotated[RuleInput, strawberry.argument(name="input")]


@strawberry.type
class RuleQuery:
    @described("All rules, by name.")
    def rules(self, info: Info) -> list[Rule]:
        view = info.context.view(info)
        return [Rule.of(view, each) for each in rules.listing(view)]

    @strawberry.field
    def rule(self, info: Info, id_: Id) -> Rule | None:
        view = info.context.view(info)
        found = rules.find(view, ids.own_id(ids.RULE, id_))
        return None if found is None else Rule.of(view, found)

    @described("The kinds of rule there are: for whoever offers them to be edited.")
    def rule_kinds(self) -> list[RuleKindInfo]:
        return RuleKindInfo.all()

    @described("What rules said and to whom, or why not; newest first.")
    def rule_firings(
        self,
        info: Info,
        first: int | None = 50,
        after: str | None = UNSET,
        rule_id: strawberry.ID | None = UNSET,
    ) -> Connection[RuleFiring]:
        view = info.context.view(info)
        page = rules.firings(view, _rule_id(rule_id), first=first, after=given(after))
        return firing_connection(view, page)

    @described("What a rule would say now, before it is saved. Queues nothing.")
    async def preview_rule(self, info: Info, input_: Input) -> RulePreview:
        return RulePreview.of(await rules.preview(info.context.view(info), input_.rule()))


@strawberry.type
class RuleMutation:
    @described(
        "Create a rule, or change one that still has this version (else CONFLICT).",
        strawberry.mutation,
    )
    async def save_rule(self, info: Info, input_: Input) -> SaveRulePayload:
        context = info.context
        saved = await rules.save(
            context.services,
            context.actor,
            input_.rule(),
            rule_id=input_.own_id(),
            version=given(input_.version),
        )
        return SaveRulePayload.of(context.view_of(saved.snapshot), saved)

    @described(
        "Switch a rule on or off. Switched on, it tells what holds then.", strawberry.mutation
    )
    async def enable_rule(
        self, info: Info, id_: Id, enabled: bool, version: int | None = UNSET
    ) -> SaveRulePayload:
        context = info.context
        own = ids.own_id(ids.RULE, id_)
        saved = await rules.enable(
            context.services, context.actor, own, enabled=enabled, version=given(version)
        )
        return SaveRulePayload.of(context.view_of(saved.snapshot), saved)

    @described("Delete a rule. What it said stays on record.", strawberry.mutation)
    async def delete_rule(
        self, info: Info, id_: Id, version: int | None = UNSET
    ) -> DeleteRulePayload:
        context = info.context
        own = ids.own_id(ids.RULE, id_)
        saved = await rules.delete(context.services, context.actor, own, version=given(version))
        return DeleteRulePayload(id=id_, revision=saved.snapshot.revision, user_errors=[])

    @described(
        "Queue what the rule would say now, marked as a test, to its recipients under its caps. "
        "The same idempotencyKey never queues twice.",
        strawberry.mutation,
    )
    async def test_rule(
        self, info: Info, id_: Id, idempotency_key: str | None = UNSET
    ) -> TestRulePayload:
        context = info.context
        own = ids.own_id(ids.RULE, id_)
        fired = await rules.try_out(
            context.services, context.view(info), own, idempotency_key=given(idempotency_key)
        )
        firing = RuleFiring.of(context.view_of(fired.snapshot), fired.firing)
        return TestRulePayload(
            firing=firing,
            revision=fired.snapshot.revision,
            user_errors=[
                Notice(code=each.code, message=each.message, field=None)
                for each in fired.firing.held_back
            ],
        )


@strawberry.type
class RuleSubscription:
    @strawberry.subscription
    async def rules_updated(self, info: Info) -> AsyncGenerator[list[Rule], None]:
        context = info.context
        async with aclosing(live.snapshots(context.services)) as source:
            async for snapshot in source:
                view = context.view_of(snapshot)
                yield [Rule.of(view, each) for each in rules.listing(view)]

    @strawberry.subscription
    async def rule_firings_updated(
        self, info: Info, first: int | None = 50, rule_id: strawberry.ID | None = UNSET
    ) -> AsyncGenerator[Connection[RuleFiring], None]:
        context = info.context
        own = _rule_id(rule_id)
        async with aclosing(live.snapshots(context.services)) as source:
            async for snapshot in source:
                view = context.view_of(snapshot)
                yield firing_connection(view, rules.firings(view, own, first=first, after=None))


def _rule_id(text: strawberry.ID | None) -> str | None:
    wanted = given(text)
    return None if wanted is None else ids.own_id(ids.RULE, wanted, path="ruleId")
