"""Rules as people deal with them: saved whole or refused at the field, under a version, previewed and tried out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from negotiation.channels import NotificationPriority
from negotiation.records import NotificationStatus, Record
from negotiation.rules.edges import LOOKED
from negotiation.rules.model import FiringOutcome, QuietHours, Rule, RuleKind
from resolvers import rules
from resolvers.errors import BadUserInput, Conflict, NotFound
from resolvers.notifications import DEMO_RECIPIENT
from tests.builders import a_firing, a_rule, a_rule_state, an_offer
from tests.fakes import NOON
from tests.services import OPERATOR, Workbench, a_workbench, actor
from tests.stores import put
from tests.workspace import workspace

TO = "+14155550100"


def bench(*records: Record, **policy: Any) -> Workbench:
    """The workspace: its margin is above the ceiling, one milestone is late, the vendor's offer is open."""
    return a_workbench(*workspace(), *records, **({"allowed": ("+1415555*",)} | policy))


async def saved(made: Workbench, rule: Rule, **known: Any) -> rules.Saved:
    wanted: dict[str, Any] = {"rule_id": None, "version": None} | known
    return await rules.save(made.services, OPERATOR, rule, **wanted)


# --- saving


async def test_a_new_rule_gets_an_id_a_version_and_the_name_of_who_made_it() -> None:
    made = bench()
    rule = (await saved(made, a_rule(name="  Margin  ", recipients=("+1 415 555 0100", TO)))).rule
    assert rule is not None
    assert (rule.name, rule.version, rule.updated_by) == ("Margin", 1, OPERATOR.name)
    assert rule.recipients == (TO,)
    assert made.store.snapshot().rules == {rule.id: rule}


async def test_a_change_needs_the_version_that_was_seen() -> None:
    made = bench(a_rule(version=4))
    with pytest.raises(Conflict) as refused:
        await saved(made, a_rule(daily_cap=3), rule_id="rule-1", version=3)
    assert refused.value.extensions["currentVersion"] == 4
    rule = (await saved(made, a_rule(daily_cap=3), rule_id="rule-1", version=4)).rule
    assert rule is not None
    assert (rule.daily_cap, rule.version) == (3, 5)


async def test_saving_what_is_there_already_changes_nothing() -> None:
    made = bench(a_rule())
    before = made.store.snapshot().revision
    again = await saved(made, a_rule(), rule_id="rule-1", version=1)
    assert again.snapshot.revision == before


async def test_every_fault_is_told_at_its_field() -> None:
    made = bench()
    with pytest.raises(BadUserInput) as refused:
        await saved(
            made,
            a_rule(
                name="",
                template="{{x}}",
                recipients=(TO, "+4915112345678", "nobody"),
                quiet_hours=QuietHours(start="9", end="07:00", zone="UTC"),
            ),
        )
    assert [each.path for each in refused.value.fields] == [
        "input.name",
        "input.template",
        "input.quietHours.start",
        "input.recipients.1",
        "input.recipients.2",
    ]
    assert "5112345678" not in refused.value.message
    assert not made.store.snapshot().rules


async def test_of_too_many_recipients_only_that_is_told() -> None:
    with pytest.raises(BadUserInput) as refused:
        await saved(bench(), a_rule(recipients=(TO,) * 100_000))
    assert [each.path for each in refused.value.fields] == ["input.recipients"]


async def test_a_rule_for_a_negotiation_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadUserInput) as refused:
        await saved(bench(), a_rule(negotiation_id="none"))
    assert [each.path for each in refused.value.fields] == ["input.negotiationId"]


async def test_a_rule_that_is_not_there_is_not_found() -> None:
    made = bench()
    for call in (
        saved(made, a_rule(), rule_id="none"),
        rules.enable(made.services, OPERATOR, "none", enabled=True, version=None),
        rules.delete(made.services, OPERATOR, "none", version=None),
        rules.try_out(made.services, made.view(), "none", idempotency_key=None),
    ):
        with pytest.raises(NotFound):
            await call


async def test_a_rule_that_is_switched_on_begins_anew_and_one_that_is_reworded_does_not() -> None:
    known = a_rule_state(told=True, fired=2, fired_at=NOON)
    made = bench(a_rule(), known, a_rule_state(subject=LOOKED))
    await saved(made, a_rule(template="Look: {{margin}}"), rule_id="rule-1")
    assert len(made.store.snapshot().rule_states) == 2
    for enabled in (False, True):
        await rules.enable(made.services, OPERATOR, "rule-1", enabled=enabled, version=None)
    [state] = made.store.snapshot().rule_states.values()
    assert state == replace(known, holds=False, told=False)


async def test_a_deleted_rule_forgets_and_what_it_said_stays() -> None:
    made = bench(a_rule(), a_rule_state(), a_firing())
    await rules.delete(made.services, OPERATOR, "rule-1", version=1)
    after = made.store.snapshot()
    assert (dict(after.rules), dict(after.rule_states)) == ({}, {})
    assert list(after.rule_firings) == ["firing-1"]


# --- looking


def test_recipients_are_masked_for_those_whose_work_does_not_need_them() -> None:
    made = bench(a_rule())
    [rule] = rules.listing(made.view())
    assert rules.shown_recipients(made.view(), rule) == [TO]
    assert rules.shown_recipients(made.view(actor("analyst")), rule) == ["+1•••••0100"]


def test_firings_are_listed_newest_first_and_by_rule() -> None:
    made = bench(a_firing(id="1"), a_firing(id="2", rule_id="other", at=NOON))
    view = made.view()
    assert [each.id for each in rules.firings(view, None, first=None, after=None).rows] == [
        "2",
        "1",
    ]
    assert [each.id for each in rules.firings(view, "rule-1", first=1, after=None).rows] == ["1"]


async def test_a_preview_says_the_text_with_the_present_facts_and_what_it_costs() -> None:
    made = bench()
    found = await rules.preview(made.view(), a_rule(template="{{margin}} is {{side}}"))
    assert found.body == "63.6 % is above the ceiling"
    assert (found.segments, str(found.price), found.currency) == (1, "0.0083", "USD")
    assert [(each.subject, each.told) for each in found.matches] == [("neg-1/above", True)]
    assert (found.sample, found.problems) == (False, ())


async def test_a_preview_of_an_offer_that_is_there_already_is_no_news() -> None:
    found = await rules.preview(bench().view(), a_rule(RuleKind.OFFER_RECEIVED))
    assert [(each.subject, each.told) for each in found.matches] == [("improved", False)]


async def test_without_anything_to_take_facts_from_a_preview_has_placeholders() -> None:
    found = await rules.preview(
        bench().view(), a_rule(RuleKind.OFFER_EXPIRING, template="{{offer}} ends on {{date}}")
    )
    assert (found.body, found.sample, found.matches) == ("[offer] ends on [date]", True, ())


async def test_a_preview_says_what_keeps_the_rule_from_being_saved() -> None:
    made = bench()
    found = await rules.preview(made.view(), a_rule(template="{{x}}", recipients=("?",)))
    assert found.body is None
    assert [each.field for each in found.problems] == ["input.template", "input.recipients.0"]
    nameless = await rules.preview(made.view(), a_rule(name=""))
    assert nameless.body is not None
    assert not made.store.snapshot().rules


@pytest.mark.parametrize("kind", RuleKind)
async def test_a_rule_of_each_kind_can_be_previewed(kind: RuleKind) -> None:
    found = await rules.preview(bench().view(), a_rule(kind))
    assert found.body
    assert found.problems == ()


# --- trying out


async def test_a_rule_that_becomes_another_while_it_is_tried_out_is_looked_at_again() -> None:
    """What it would say was gathered for the rule as it was."""
    made = bench(a_rule(RuleKind.OFFER_RECEIVED))
    other = a_rule(RuleKind.MILESTONE_LATE, version=2, template="{{milestone}} is late")
    view = made.view()
    await put(made.store, other)
    with pytest.raises(Conflict) as refused:
        await rules.try_out(made.services, view, "rule-1", idempotency_key=None)
    assert refused.value.extensions["currentVersion"] == 2
    assert not made.store.snapshot().rule_firings


async def tried(made: Workbench, key: str | None = None) -> rules.Fired:
    return await rules.try_out(made.services, made.view(), "rule-1", idempotency_key=key)


async def test_a_test_is_queued_and_marked_as_one() -> None:
    made = bench(a_rule(priority=NotificationPriority.HIGH))
    fired = await tried(made)
    [queued] = [fired.snapshot.notifications[each] for each in fired.firing.notification_ids]
    assert queued.body == fired.firing.body
    assert queued.body.startswith("TEST: Messaging and voice 2026")
    assert (queued.to, queued.status) == (TO, NotificationStatus.QUEUED)
    assert (queued.priority, queued.requested_by) == (NotificationPriority.HIGH, OPERATOR.id)
    assert fired.firing.test
    assert made.wakes
    assert rules.last_firing(made.view(), a_rule()) is None


async def test_the_same_key_is_the_same_test() -> None:
    made = bench(a_rule())
    first, again = await tried(made, "k"), await tried(made, "k")
    assert first.firing == again.firing
    assert len(made.store.snapshot().rule_firings) == 1


async def test_a_test_stays_within_the_caps_and_says_which() -> None:
    made = bench(a_rule(daily_cap=1))
    await tried(made)
    held = (await tried(made)).firing
    assert held.outcome is FiringOutcome.HELD_BACK
    assert [each.code for each in held.held_back] == ["RULE_CAP"]
    tight = bench(a_rule(), total_daily=1)
    assert [each.code for each in (await tried(tight)).firing.held_back] == ["RATE_LIMITED"]


async def test_nobody_is_written_to_who_is_no_longer_on_the_list() -> None:
    made = bench(a_rule(), allowed=("+49*",))
    held = (await tried(made)).firing
    assert [each.code for each in held.held_back] == ["RECIPIENT_NOT_ALLOWED"]
    assert TO not in held.held_back[0].message


async def test_without_recipients_it_goes_to_the_configured_one_or_says_that_there_is_none() -> (
    None
):
    nobody = a_rule(recipients=())
    configured = await tried(bench(nobody, default_recipient="+14155550111"))
    [queued] = configured.firing.notification_ids
    assert configured.snapshot.notifications[queued].to == "+14155550111"
    assert [each.code for each in (await tried(bench(nobody))).firing.held_back] == ["NO_RECIPIENT"]


async def test_while_nothing_really_goes_out_it_goes_to_a_number_kept_for_fiction() -> None:
    made = bench(a_rule(recipients=()))
    made.notifier.ready = False
    fired = await tried(made)
    [queued] = fired.firing.notification_ids
    assert fired.snapshot.notifications[queued].to == DEMO_RECIPIENT


async def test_in_quiet_hours_it_waits_for_their_end_unless_it_may_pass_them() -> None:
    quiet = a_rule(quiet_hours=QuietHours(start="11:00", end="15:30", zone="UTC"))
    fired = await tried(bench(quiet))
    [queued] = fired.firing.notification_ids
    ends = NOON.replace(hour=15, minute=30)
    assert fired.firing.outcome is FiringOutcome.SCHEDULED
    text = fired.snapshot.notifications[queued]
    assert fired.firing.send_at == text.next_attempt_at == ends
    assert text.expires_at == ends + timedelta(hours=24)
    urgent = replace(quiet, passes_quiet_hours=True, priority=NotificationPriority.HIGH)
    assert (await tried(bench(urgent))).firing.outcome is FiringOutcome.QUEUED


async def test_a_test_with_nothing_to_say_has_placeholders() -> None:
    made = bench(a_rule(RuleKind.OFFER_EXPIRING))
    assert "[offer]" in (await tried(made)).firing.body
    dated = bench(
        a_rule(RuleKind.OFFER_EXPIRING), an_offer(id="x", title="Last", valid_until=NOON.date())
    )
    assert "Last" in (await tried(dated)).firing.body
