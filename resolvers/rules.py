"""Rules that notify, as people deal with them: listing, saving, previewing, trying one out.

Watching is `resolvers.rule_watch`'s, what a firing queues `resolvers.firing`'s, the rules of the rules `negotiation.rules`'.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from negotiation.errors import NegotiationError, wire_name
from negotiation.money import exact_arithmetic
from negotiation.phone import mask_phone
from negotiation.records import Negotiation, Snapshot
from negotiation.rules.conditions import Condition, Scene, candidates, watches
from negotiation.rules.edges import LOOKED
from negotiation.rules.kinds import KINDS
from negotiation.rules.model import Rule, RuleFiring, RuleKind, RuleState
from negotiation.rules.validity import MAX_RECIPIENTS, rule_faults
from negotiation.sms import SmsEncoding, measure
from negotiation.trace import Notice
from resolvers import negotiation as negotiations
from resolvers import outlook
from resolvers.allowances import checked_recipient
from resolvers.errors import BadUserInput, Conflict, FieldError, NotFound
from resolvers.firing import Means, Occasion, body_of, fire, recipients_of
from resolvers.notifications import DEMO_RECIPIENT, SEES_NUMBERS
from resolvers.paging import Key, Page, checked_first, latest_first, page
from resolvers.ports import Actor, Delete, Put, Services, Write
from resolvers.view import View

T = TypeVar("T")

MOST_RULES = 200
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a rule would say now. `body`: of the first match, or with what there is; None while the rule has `problems`.

    `price`: of one message. `sample`: the facts are placeholders, since there is nothing to take them from.
    """

    body: str | None
    encoding: SmsEncoding
    characters: int
    units: int
    segments: int
    price: Decimal
    currency: str
    recipients: int
    matches: tuple[Match, ...]
    facts: tuple[tuple[str, str], ...]
    sample: bool
    problems: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One subject that holds now. `told`: an enabled rule would send it at its first look; else it is no news."""

    subject: str
    body: str
    told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    snapshot: Snapshot
    rule: Rule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    snapshot: Snapshot
    firing: RuleFiring


def listing(view: View) -> list[Rule]:
    """All rules, by name."""
    return sorted(view.snapshot.rules.values(), key=lambda each: (each.name.casefold(), each.id))


def find(view: View, own_id: str) -> Rule | None:
    return view.snapshot.rules.get(own_id)


def firings(
    view: View, rule_id: str | None, *, first: int | None, after: str | None
) -> Page[RuleFiring]:
    """Newest first; of one rule, where that is given."""
    size = checked_first(first, 50)
    ordered = view.figures.once(
        "rule firings", lambda: sorted(view.snapshot.rule_firings.values(), key=_order)
    )
    taken = ordered if rule_id is None else [each for each in ordered if each.rule_id == rule_id]
    return page(taken, _order, first=size, after=after)


def last_firing(view: View, rule: Rule) -> RuleFiring | None:
    """The newest firing of the rule that was no test."""

    def newest() -> dict[str, RuleFiring]:
        found = (each for each in view.snapshot.rule_firings.values() if not each.test)
        return {each.rule_id: each for each in sorted(found, key=lambda each: (each.at, each.id))}

    return view.figures.once("newest rule firings", newest).get(rule.id)


def shown_recipients(view: View, rule: Rule) -> list[str]:
    """The rule's recipients, masked for those whose work does not need them."""
    if view.actor.roles & SEES_NUMBERS:
        return list(rule.recipients)
    return [mask_phone(each) for each in rule.recipients]


async def save(
    services: Services, actor: Actor, wanted: Rule, *, rule_id: str | None, version: int | None
) -> Saved:
    """Create the rule (`rule_id` None), or replace the one there is. Raises BadUserInput, NotFound or Conflict."""
    checked = _checked(services, wanted)
    own_id = uuid.uuid4().hex if rule_id is None else rule_id

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        if (
            checked.negotiation_id is not None
            and checked.negotiation_id not in snapshot.negotiations
        ):
            raise _bad(
                "input.negotiationId", "There is no such negotiation.", "Choose one, or all."
            )
        if rule_id is None:
            if len(snapshot.rules) >= MOST_RULES:
                raise _bad("input", f"There are {MOST_RULES} rules.", "Delete one first.")
            return (Put(_stamped(services, actor, replace(checked, id=own_id), 1)),)
        known = _needed(snapshot, rule_id)
        _expect(known, version)
        same = replace(
            checked,
            id=own_id,
            version=known.version,
            updated_at=known.updated_at,
            updated_by=known.updated_by,
        )
        if same == known:
            return ()
        after = _stamped(services, actor, same, known.version + 1)
        return [Put(after), *_anew(snapshot, known, after)]

    snapshot = await services.store.commit(decide, actor=actor.id, cause="saveRule")
    return Saved(snapshot=snapshot, rule=snapshot.rules.get(own_id))


async def enable(
    services: Services, actor: Actor, rule_id: str, *, enabled: bool, version: int | None
) -> Saved:
    """Switch the rule on or off. Switched on, it looks anew: what holds then is told. Raises NotFound or Conflict."""

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        known = _needed(snapshot, rule_id)
        _expect(known, version)
        if known.enabled is enabled:
            return ()
        after = _stamped(services, actor, replace(known, enabled=enabled), known.version + 1)
        return [Put(after), *_anew(snapshot, known, after)]

    cause = "enableRule" if enabled else "disableRule"
    snapshot = await services.store.commit(decide, actor=actor.id, cause=cause)
    return Saved(snapshot=snapshot, rule=snapshot.rules.get(rule_id))


async def delete(services: Services, actor: Actor, rule_id: str, *, version: int | None) -> Saved:
    """Delete the rule and what it knows; its firings stay on record. Raises NotFound or Conflict."""

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        known = _needed(snapshot, rule_id)
        _expect(known, version)
        states = (Delete("rule_states", each.id) for each in _states_of(snapshot, rule_id))
        return [Delete("rules", rule_id), *states]

    snapshot = await services.store.commit(decide, actor=actor.id, cause="deleteRule")
    return Saved(snapshot=snapshot, rule=None)


async def try_out(
    services: Services, view: View, rule_id: str, *, idempotency_key: str | None
) -> Fired:
    """Queue what the rule would say now, marked as a test, to its recipients under its caps. Raises NotFound, BadUserInput,
    and Conflict where it has become another meanwhile.

    The same key is the same firing.
    """
    if idempotency_key is not None and not 1 <= len(idempotency_key.strip()) <= LONGEST_KEY:
        raise _bad(
            "idempotencyKey", f"A key has 1 to {LONGEST_KEY} characters.", "Make one per test."
        )
    rule = _needed(view.snapshot, rule_id)
    facts, _ = _best_facts(rule, await _candidates(view, rule))
    own = uuid.uuid4().hex if idempotency_key is None else idempotency_key
    occasion = Occasion(
        subject="test",
        facts=facts,
        key=f"test-{uuid.uuid5(uuid.NAMESPACE_OID, f'{rule_id} {own}').hex}",
        test=True,
        requested_by=view.actor.id,
    )

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        current = _needed(snapshot, rule_id)
        if occasion.key in snapshot.rule_firings:
            return ()
        _expect(current, rule.version)
        means = Means(
            policy=services.policy, ready=services.notifier.ready, now=services.clock.now()
        )
        firing, queued = fire(snapshot, current, occasion, means)
        return [Put(firing), *(Put(each) for each in queued)]

    snapshot = await services.store.commit(decide, actor=view.actor.id, cause="testRule")
    services.wake_outbox()
    return Fired(snapshot=snapshot, firing=snapshot.rule_firings[occasion.key])


async def preview(view: View, wanted: Rule) -> Preview:
    """What the rule would say now, what it takes and costs, and what keeps it from being saved. Changes nothing."""
    policy = view.services.policy
    problems: tuple[Notice, ...] = ()
    rule = wanted
    try:
        rule = _checked(view.services, wanted)
    except BadUserInput as error:
        problems = tuple(
            Notice(each.code or error.code, _told(each), each.path) for each in error.fields
        )
    found = () if problems else await _candidates(view, rule)
    facts, sample = _best_facts(rule, found)
    body = (
        None if any(each.field == "input.template" for each in problems) else body_of(rule, facts)
    )
    length = measure(body or "")
    with exact_arithmetic():
        price = policy.price_per_segment * length.segments
    return Preview(
        body=body,
        encoding=length.encoding,
        characters=len(body or ""),
        units=length.units,
        segments=length.segments,
        price=price,
        currency=policy.currency,
        recipients=len(recipients_of(rule, policy, ready=view.services.notifier.ready)),
        matches=tuple(
            Match(subject=each.subject, body=body_of(rule, each.facts), told=not each.news)
            for each in found
            if each.holds
        ),
        facts=tuple(facts.items()),
        sample=sample,
        problems=problems,
    )


async def scene(view: View, negotiation: Negotiation, kinds: frozenset[RuleKind]) -> Scene:
    """The negotiation today, with the figures that rules of these kinds look at. What takes long is done off the loop."""
    made = await _soon(
        view.figures.soon(("picture", negotiation.id), lambda _: view.picture(negotiation))
    )
    return Scene(
        picture=made,
        offers=tuple(view.snapshot.offers.values()),
        envelope=negotiations.envelope(view, negotiation, negotiations.Targets())
        if RuleKind.ENVELOPE_OUT_OF_BAND in kinds
        else None,
        paces=await _soon(outlook.pace(view, negotiation))
        if RuleKind.COMMITMENT_BEHIND in kinds
        else (),
        projection=await _soon(outlook.tiers(view, negotiation))
        if RuleKind.TIER_CHANGE in kinds
        else None,
    )


async def _candidates(view: View, rule: Rule) -> tuple[Condition, ...]:
    """Everything the rule looks at now, what it would tell first."""
    found: list[Condition] = []
    for negotiation in view.snapshot.negotiations.values():
        if watches(rule, negotiation.id, negotiation.status):
            made = await scene(view, negotiation, frozenset({rule.kind}))
            found += candidates(rule, made)
    return tuple(sorted(found, key=lambda each: (not each.holds, each.news)))


def _best_facts(rule: Rule, found: Sequence[Condition]) -> tuple[dict[str, str], bool]:
    """The facts of the first candidate; without one, every name in brackets, and True."""
    if found:
        return dict(found[0].facts), False
    return {name: f"[{name}]" for name in KINDS[rule.kind].facts}, True


async def _soon(found: T | Awaitable[T]) -> T:
    return await found if isinstance(found, Awaitable) else found


def _checked(services: Services, wanted: Rule) -> Rule:
    """The rule as it may be saved, its recipients in E.164. Raises BadUserInput with every fault."""
    fields = [_field(each) for each in rule_faults(wanted)]
    recipients: list[str] = []
    for index, to in enumerate(wanted.recipients[:MAX_RECIPIENTS]):
        try:
            recipients.append(_recipient(services, to, f"input.recipients.{index}"))
        except BadUserInput as error:
            fields += error.fields
    if fields:
        raise BadUserInput(" ".join(_told(each) for each in fields), fields)
    tier = None if wanted.tier is None else wanted.tier.strip()
    return replace(
        wanted, name=wanted.name.strip(), tier=tier, recipients=tuple(dict.fromkeys(recipients))
    )


def _recipient(services: Services, to: str, path: str) -> str:
    if not to.strip():
        raise _bad(path, "There is no number.", "Write it in E.164, or leave it out.")
    if to == DEMO_RECIPIENT and not services.notifier.ready:
        return to
    return checked_recipient(to, services.policy, path=path)


def _field(error: NegotiationError) -> FieldError:
    path = ".".join(wire_name(step) for step in ("input", *(error.field or "").split(".")) if step)
    return FieldError(path, error.message, error.hint, error.code)


def _told(field: FieldError) -> str:
    return f"{field.message} {field.hint}" if field.hint else field.message


def _stamped(services: Services, actor: Actor, rule: Rule, version: int) -> Rule:
    return replace(rule, version=version, updated_at=services.clock.now(), updated_by=actor.name)


def _anew(snapshot: Snapshot, before: Rule, after: Rule) -> list[Write]:
    """A rule that is switched on, or watches something else now, begins anew, but goes on counting."""
    on = after.enabled and not before.enabled
    other = (before.kind, before.negotiation_id) != (after.kind, after.negotiation_id)
    if not (on or other):
        return []
    return [
        Delete("rule_states", each.id)
        if each.subject == LOOKED
        else Put(replace(each, holds=False, told=False))
        for each in _states_of(snapshot, after.id)
    ]


def _states_of(snapshot: Snapshot, rule_id: str) -> list[RuleState]:
    return [each for each in snapshot.rule_states.values() if each.rule_id == rule_id]


def _needed(snapshot: Snapshot, rule_id: str) -> Rule:
    found = snapshot.rules.get(rule_id)
    if found is None:
        raise NotFound(f"There is no rule {rule_id!r}.")
    return found


def _expect(rule: Rule, seen: int | None) -> None:
    if seen is not None and seen != rule.version:
        raise Conflict(
            f"The rule {rule.name!r} was changed by somebody else: you saw version {seen}, it is {rule.version} now. "
            "Look at it and decide again.",
            current_version=rule.version,
        )


def _order(firing: RuleFiring) -> Key:
    return (latest_first(firing.at), firing.id)


def _bad(path: str, message: str, hint: str) -> BadUserInput:
    return BadUserInput(f"{message} {hint}", [FieldError(path, message, hint)])
