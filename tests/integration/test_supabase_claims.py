"""Senders that share one database divide its queue, on a real PostgreSQL: each message is one sender's at a time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.doubles.postgres import SqlError, missing_programs, supabase_postgres

QUEUED = 40


@pytest.fixture(scope="module")
def server():
    if missing := missing_programs():
        pytest.skip(f"PostgreSQL's {', '.join(missing)}: apt-get install postgresql")
    with supabase_postgres() as server:
        yield server


@pytest.fixture
def database(server):
    """With messages m01, m02 … queued in that order, and none else."""
    server.run(
        "truncate notifications cascade;"
        'insert into notifications (id, idempotency_key, channel, "to", body, status, queued_at, updated_at) '
        "select 'm' || to_char(n, 'FM00'), 'key' || n, 'SMS', '+14155550100', 'text', 'QUEUED', "
        f"timestamptz '2026-01-01' + n * interval '1 second', now() from generate_series(1, {QUEUED}) n"
    )
    return server


def claims(database, who, wanted=1, lease=60):
    """The ids that somebody gets, with the gateway's key."""
    rows = database.run(
        f"set role service_role; select id from claim_notifications('{who}', {lease}, {wanted}) order by id"
    )
    return [row[0] for row in rows]


def settles(database, who, what, became, *more):
    extra = "".join(f", {argument}" for argument in more)
    return database.value(f"select settle_notification('{what}', '{who}', '{became}'{extra})")


def state(database, which):
    return database.run(
        f"select status, attempts, coalesce(lease_owner, '-') from notifications where id = '{which}'"
    )[0]


def is_killed(database):
    """Time passes, and nobody renews the leases."""
    database.run("update notifications set lease_until = now() - interval '1 second'")


def test_many_senders_at_once_get_every_message_once(database):
    def takes_all(who):
        taken = []
        while batch := claims(database, who, wanted=7):
            taken += batch
        return taken

    with ThreadPoolExecutor(4) as senders:
        taken = [each for got in senders.map(takes_all, "abcd") for each in got]
    assert len(taken) == len(set(taken)) == QUEUED


def test_one_that_is_being_claimed_is_passed_over_without_waiting(database):
    both = database.run(
        "create extension if not exists dblink;"
        "select dblink_connect('other', 'host=' || current_setting('unix_socket_directories') || ' user=postgres');"
        "select dblink_exec('other', 'begin');"
        "create temp table theirs as select id from "
        "dblink('other', 'select id from claim_notifications(''b'', 60, 2)') as t(id text);"
        "set lock_timeout = '30s';"
        "create temp table ours as select id from claim_notifications('a', 60, 2);"
        "select dblink_exec('other', 'commit');"
        "select string_agg(id, ' ' order by id) from theirs union all "
        "select string_agg(id, ' ' order by id) from ours"
    )
    assert both[-2:] == [["m01 m02"], ["m03 m04"]]


def test_the_oldest_that_is_due_goes_first_and_its_try_is_on_record(database):
    database.run(
        "update notifications set next_attempt_at = now() + interval '1 day' where id = 'm01'"
    )
    assert claims(database, "a", wanted=2) == ["m02", "m03"]
    assert state(database, "m02") == ["SENDING", "1", "a"]
    assert state(database, "m01") == ["QUEUED", "0", "-"]


def test_a_lease_that_ran_out_is_looked_up_and_not_sent_again(database):
    assert claims(database, "a") == ["m01"]
    assert database.run("select id from expire_notification_leases(20)") == []
    is_killed(database)
    assert database.run("select id from expire_notification_leases(20)") == [["m01"]]
    assert state(database, "m01") == ["UNCONFIRMED", "1", "-"]
    assert "m01" not in claims(database, "b", wanted=QUEUED)


def test_only_the_holder_settles(database):
    claims(database, "a")
    assert settles(database, "b", "m01", "FAILED") == "f"
    assert state(database, "m01") == ["SENDING", "1", "a"]
    assert settles(database, "a", "m01", "FAILED") == "t"
    assert state(database, "m01") == ["FAILED", "1", "-"]


def test_that_it_was_sent_is_heard_from_one_whose_lease_ran_out_and_once(database):
    claims(database, "a")
    is_killed(database)
    database.run("select id from expire_notification_leases(20)")
    assert settles(database, "a", "m01", "QUEUED") == "f"
    assert settles(database, "a", "m01", "SENT", "'SM1'") == "t"
    assert settles(database, "a", "m01", "SENT", "'SM2'") == "f"
    assert state(database, "m01") == ["SENT", "1", "-"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("claim_notifications('', 60, 1)", "claimer is empty"),
        ("claim_notifications('a', 0, 1)", "lease_seconds must be more than 0"),
        ("claim_notifications('a', 60, 0)", "wanted must be more than 0"),
        ("settle_notification('m01', 'a', 'SENT')", "SENT needs provider"),
        ("settle_notification('m01', 'a', 'SENDING')", "SENDING is no outcome"),
    ],
)
def test_a_call_that_makes_no_sense_is_told_so(database, call, said):
    with pytest.raises(SqlError, match=said):
        database.run(f"select {call}")


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize(
    "call",
    [
        "claim_notifications('a', 60, 1)",
        "expire_notification_leases(0)",
        "settle_notification('m01', 'a', 'FAILED')",
    ],
)
def test_people_cannot_claim(database, role, call):
    with pytest.raises(SqlError, match="permission denied for function"):
        database.run(f"set role {role}; select {call}")


def test_what_is_urgent_is_claimed_before_what_is_older(database):
    database.run(
        "update notifications set priority = 'HIGH' where id = 'm05';"
        "update notifications set priority = 'LOW' where id = 'm01'"
    )
    assert [claims(database, "a") for _ in range(3)] == [["m05"], ["m02"], ["m03"]]
    assert "m01" not in claims(database, "a", wanted=QUEUED - 4)
    assert claims(database, "a") == ["m01"]


def test_nothing_is_claimed_while_the_queue_is_stopped(database):
    database.run("insert into pauses values ('notifications', 'an incident', 'Olga', now())")
    try:
        assert claims(database, "a") == []
    finally:
        database.run("delete from pauses")
    assert claims(database, "a") == ["m01"]


def test_nothing_is_claimed_for_one_who_texted_stop(database):
    database.run(
        "update notifications set \"to\" = '+14155550111' where id = 'm01';"
        "insert into opt_outs values ('SM1', '+14155550111', now(), 'STOP')"
    )
    try:
        assert claims(database, "a") == ["m02"]
    finally:
        database.run("update opt_outs set lifted_at = now()")
    assert claims(database, "a") == ["m01"]


def test_what_was_not_sent_in_time_is_cancelled_and_never_claimed(database):
    database.run(
        "update notifications set expires_at = now() - interval '1 second' where id = 'm01'"
    )
    assert claims(database, "a") == ["m02"]
    assert database.run("select id from expire_notifications()") == [["m01"]]
    [[status, code, said]] = database.run(
        "select status, error_code, error_message from notifications where id = 'm01'"
    )
    assert (status, code) == ("CANCELLED", "EXPIRED")
    assert "when it expired" in said


def test_what_came_of_each_try_is_kept(database):
    for number in (1, 2):
        assert claims(database, "a") == ["m01"]
        line = f"'{{\"number\": {number}}}'::jsonb"
        assert settles(database, "a", "m01", "QUEUED", f"tried => {line}") == "t"
    assert database.value("select history::text from notifications where id = 'm01'") == (
        '[{"number": 1}, {"number": 2}]'
    )
