"""How gateways share one database, tried on a real PostgreSQL: who wrote first wins, what was said twice is done once."""

import json

import pytest

from tests.doubles.postgres import SqlError, missing_programs, supabase_postgres

START = """
insert into negotiations (id, name, vendor, buyer, currency, status, version, floor_margin, target_margin, ceiling_margin)
  values ('neg-1', 'Renewal', 'Twilio', 'Acme', 'USD', 'OPEN', 1, 0.3, 0.4, 0.5);
"""
CLEAN = "truncate milestones, invoices, notifications, usage, feed"


@pytest.fixture(scope="module")
def server():
    if missing := missing_programs():
        pytest.skip(f"PostgreSQL's {', '.join(missing)}: apt-get install postgresql")
    with supabase_postgres() as found:
        found.run(START)
        found.run("create extension dblink")
        yield found


@pytest.fixture
def database(server):
    server.run(CLEAN)
    return server


def milestone(revision, base, /, *, gone=False, **changes):
    row = {
        "id": "m1",
        "negotiation_id": "neg-1",
        "name": "Finance",
        "owner_role": "approver",
        "due_on": "2026-02-01",
        "status": "PENDING",
    }
    return {
        "area": "milestones",
        "id": changes.get("id", "m1"),
        "revision": revision,
        "base": base,
        "row": None if gone else row | changes,
    }


def usage(revision, quantity):
    row = {"day": "2026-01-31", "sku": "sms", "revision": 1, "quantity": quantity, "source": "x"}
    return {"area": "usage", "id": "2026-01-31/sms", "revision": revision, "base": 1, "row": row}


def notification(revision, base, status, **changes):
    row = {
        "id": "n1",
        "idempotency_key": "k1",
        "channel": "SMS",
        "to": "+14155550100",
        "body": "text",
        "status": status,
        "queued_at": "2026-01-01T00:00:00+00:00",
        "updated_at": "2026-01-01T00:00:00+00:00",
    }
    return {
        "area": "notifications",
        "id": "n1",
        "revision": revision,
        "base": base,
        "row": row | changes,
    }


def apply(database, gateway, *writes):
    said = json.dumps(writes).replace("'", "''")
    return json.loads(
        database.value(f"set role service_role; select apply_writes('{gateway}', '{said}')")
    )


def outcomes(database, gateway, *writes):
    return [
        (each["outcome"], each.get("row_version")) for each in apply(database, gateway, *writes)
    ]


def name(database):
    return database.value("select name from milestones where id = 'm1'")


def feed(database, place=("0", 0), wanted=1000):
    return json.loads(database.value(f"select feed_after('{place[0]}', {place[1]}, {wanted})"))


def test_writes_are_applied_in_order_and_each_counts(database):
    assert outcomes(database, "g", milestone(1, None), milestone(2, None, name="Legal")) == [
        ("applied", 1),
        ("applied", 2),
    ]
    assert name(database) == "Legal"


def test_what_was_said_already_is_answered_again_and_done_once(database):
    write = milestone(5, None)
    assert outcomes(database, "g", write) == outcomes(database, "g", write) == [("applied", 1)]
    assert database.value("select row_version from milestones") == "1"


def test_a_request_that_comes_late_does_not_undo_a_newer_one(database):
    old, new = milestone(5, None, name="old"), milestone(6, 1, name="new")
    outcomes(database, "g", old)
    outcomes(database, "g", new)
    assert outcomes(database, "g", old) == [("applied", 2)]
    assert name(database) == "new"


def test_who_lost_an_answer_goes_on_with_a_newer_write(database):
    outcomes(database, "g", milestone(5, None, name="its answer was lost"))
    assert outcomes(database, "g", milestone(6, None, name="newer")) == [("applied", 2)]


def test_who_did_not_see_the_last_write_gets_the_row_as_it_is_and_overwrites_nothing(database):
    outcomes(database, "g", milestone(1, None, name="first"))
    [answer] = apply(database, "h", milestone(1, None, name="second"))
    assert (answer["outcome"], answer["row_version"]) == ("conflict", 1)
    assert json.loads(answer["row"])["name"] == "first"
    assert name(database) == "first"
    assert outcomes(database, "h", milestone(2, 1, name="second")) == [("applied", 2)]
    assert outcomes(database, "g", milestone(2, 1, name="third")) == [("conflict", 2)]


def test_an_answer_that_was_lost_is_no_conflict_though_another_wrote_since(database):
    ours = milestone(7, None, name="ours")
    outcomes(database, "g", ours)
    outcomes(database, "h", milestone(1, 1, name="theirs, on top of ours"))
    assert outcomes(database, "g", ours) == [("applied", 1)]
    assert name(database) == "theirs, on top of ours"


def test_a_change_by_hand_comes_first_too(database):
    outcomes(database, "g", milestone(1, None))
    database.run("update milestones set name = 'by hand'")
    assert database.value("select written_by is null from milestones") == "t"
    assert outcomes(database, "g", milestone(2, 1, name="ours")) == [("conflict", 2)]


def test_a_deleted_row_is_marked_and_may_come_back(database):
    outcomes(database, "g", milestone(1, None))
    assert outcomes(database, "g", milestone(2, 1, gone=True)) == [("applied", 2)]
    assert database.value("select deleted_at is not null from milestones") == "t"
    assert outcomes(database, "g", milestone(3, 2)) == [("applied", 3)]
    assert database.value("select deleted_at is null from milestones") == "t"
    assert outcomes(database, "g", milestone(4, None, gone=True, id="m9")) == [("applied", 0)]


def test_a_row_that_makes_no_sense_is_refused_and_the_others_are_written(database):
    answers = apply(
        database,
        "g",
        milestone(1, None, negotiation_id="unknown"),
        milestone(1, None, colour="red"),
        {"area": "peer", "id": "1", "revision": 1, "base": None, "row": {"one": True}},
        milestone(1, None),
    )
    assert [each["outcome"] for each in answers] == ["refused"] * 3 + ["applied"]
    assert answers[0]["code"] == "23503"


def test_the_same_usage_twice_is_one_row_and_another_figure_is_a_conflict(database):
    assert outcomes(database, "g", usage(1, "10.50"), usage(1, "10.50")) == [("applied", 1)] * 2
    [answer] = apply(database, "h", usage(1, "11"))
    assert answer["outcome"] == "conflict"
    assert json.loads(answer["row"])["quantity"] == 10.5
    assert database.value("select quantity from usage") == "10.50"


def test_numbers_travel_as_text_and_keep_every_digit(database):
    big = "12345678901234567890.1234567890"
    outcomes(database, "g", usage(1, big))
    assert database.value("select quantity from usage") == big


def test_that_a_message_was_sent_is_heard_whatever_was_written_meanwhile(database):
    outcomes(database, "g", notification(1, None, "SENDING"))
    outcomes(database, "h", notification(1, 1, "UNCONFIRMED"))
    assert outcomes(database, "g", notification(2, 1, "SENT", provider_id="SM1")) == [
        ("applied", 3)
    ]
    assert outcomes(database, "h", notification(2, 2, "QUEUED")) == [("conflict", 3)]
    assert database.value("select status from notifications") == "SENT"


def test_the_feed_tells_each_write_and_whose_it_was(database):
    outcomes(database, "g", milestone(1, None))
    database.run("update milestones set name = 'by hand'")
    database.run(
        "insert into usage (day, sku, quantity) values ('2026-01-31', 'a', 1), ('2026-01-31', 'b', 1)"
    )
    told = [tuple(line[2:]) for line in feed(database)["lines"]]
    assert told == [
        ("milestones", "m1", 1, "g"),
        ("milestones", "m1", 2, None),
        ("usage", "2026-01-31", 1, None),
    ]


def test_the_feed_is_read_in_pieces_and_on_from_any_place(database):
    for n in range(5):
        outcomes(database, "g", milestone(n + 1, None, id=f"m{n}"))
    seen, place = [], ("0", 0)
    while lines := feed(database, place, wanted=2)["lines"]:
        assert len(lines) <= 2
        seen += [line[3] for line in lines]
        place = (lines[-1][0], lines[-1][1])
    assert seen == [f"m{n}" for n in range(5)]
    assert feed(database, (feed(database)["horizon"], 0))["lines"] == []


def test_a_line_that_is_committed_late_is_not_missed(database):
    """The slow one writes first and commits last; who reads between must not step over it."""
    slow = "insert into milestones (id, negotiation_id, name, owner_role, due_on) values"
    said = database.run(
        "select dblink_connect('slow', 'dbname=postgres user=postgres host=' || "
        "split_part(current_setting('unix_socket_directories'), ',', 1));"
        "select dblink_exec('slow', 'begin');"
        f"select dblink_exec('slow', $$ {slow} ('slow', 'neg-1', 'S', 'a', '2026-01-01') $$);"
        f"{slow} ('fast', 'neg-1', 'F', 'a', '2026-01-01');"
        "create temp table place as select feed_after('0') as answer;"
        "select dblink_exec('slow', 'commit');"
        "select answer->>'behind', jsonb_array_length(answer->'lines'),"
        " (select string_agg(line->>3, ' ') from jsonb_array_elements("
        "   feed_after(answer->>'horizon', 0)->'lines') line) from place"
    )
    assert said[-1] == ["true", "0", "slow fast"]


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize("call", ["feed_after()", "apply_writes('g', '[]')"])
def test_people_cannot_write_as_a_gateway(database, role, call):
    with pytest.raises(SqlError, match="permission denied for function"):
        database.run(f"set role {role}; select {call}")


def test_a_gateway_without_a_name_is_refused(database):
    with pytest.raises(SqlError, match="gateway is empty"):
        database.run("select apply_writes('', '[]')")
