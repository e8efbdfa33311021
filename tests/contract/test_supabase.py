"""What a Supabase project promises, through its own client, over a real PostgreSQL and every server there is for REST."""

from __future__ import annotations

import httpx
import pytest
from postgrest.exceptions import APIError

from tests.doubles.faults import Fault, FaultProxy
from tests.doubles.supabase_project import (
    ANON_KEY,
    SupabaseProject,
    token,
)
from tests.doubles.wait import until

EXACT = "123456789012345678901234567890.123456789012345678901234567891"


@pytest.fixture
def postgres(server):
    return server.postgres


LITE_DIFFERS = {
    "test_a_number_goes_there_as_text_with_every_digit": "makes a JavaScript number of text for a numeric column",
    "test_the_database_says_who_may_do_what": "grants everything to everybody when it starts; row-level security stays",
    "test_a_row_that_breaks_a_rule_of_its_table_is_refused_with_the_rule": "answers 23514 with a code of its own",
    "test_who_has_only_the_public_key_is_told_so": "has granted it the table, of which it may see no row",
}
"""What it does otherwise than PostgREST. Strict: when one of these is mended there, the test says so."""


@pytest.fixture
async def project(server, request):
    if server.name == "Supabase Lite" and (
        otherwise := LITE_DIFFERS.get(request.function.__name__)
    ):
        request.applymarker(pytest.mark.xfail(strict=True, reason=f"Supabase Lite {otherwise}"))
    server.postgres.empty()
    async with SupabaseProject(server.postgres, rest=server.rest) as project:
        yield project


async def a_client(project, key=None):
    import supabase

    return await supabase.create_async_client(
        project.url,
        key or project.key,
        supabase.AsyncClientOptions(
            auto_refresh_token=False, persist_session=False, postgrest_client_retry=False
        ),
    )


@pytest.fixture
async def client(project):
    client = await a_client(project)
    yield client
    await client.realtime.close()
    await client.postgrest.aclose()


def an_invoice(id="inv-1", **changes):
    return {
        "id": id,
        "number": f"N-{id}",
        "period_start": "2026-01-01",
        "period_end": "2026-01-31",
        "amount": "100.10",
        "currency": "USD",
        **changes,
    }


def with_key(project):
    return {"apikey": project.key, "Authorization": f"Bearer {project.key}"}


async def test_a_number_is_read_as_text_with_every_digit(client, postgres):
    postgres.run(
        "insert into invoices (id, number, period_start, period_end, amount, currency) "
        f"values ('a', 'N', '2026-01-01', '2026-01-31', {EXACT}, 'USD')"
    )
    read = await client.table("invoices").select("amount::text").execute()
    assert read.data == [{"amount": EXACT}]


async def test_a_number_goes_there_as_text_with_every_digit(client, postgres):
    await client.table("invoices").insert(an_invoice(amount=EXACT)).execute()
    assert postgres.value("select amount from invoices") == EXACT


async def test_a_number_that_is_not_asked_for_as_text_loses_digits_in_the_client(client):
    await client.table("invoices").insert(an_invoice(amount="0.1")).execute()
    read = await client.table("invoices").select("amount").execute()
    assert isinstance(read.data[0]["amount"], float)


async def test_what_a_row_lacks_is_its_default_and_the_row_comes_back(client):
    made = await client.table("invoices").insert([an_invoice("a"), an_invoice("b")]).execute()
    assert [(row["id"], row["status"], row["lines"]) for row in made.data] == [
        ("a", "OPEN", []),
        ("b", "OPEN", []),
    ]


async def test_pages_say_how_many_rows_there_are(client, postgres):
    postgres.run(
        "insert into usage (day, sku, quantity) select date '2024-01-01' + n, 'sms', n from generate_series(1, 1500) n"
    )

    def days():
        return client.table("usage").select("quantity::text", count="exact").order("day")

    first = await days().execute()
    assert (len(first.data), first.count) == (1000, 1500)
    rest = await days().range(1000, 1999).execute()
    assert (len(rest.data), rest.data[-1]["quantity"]) == (500, "1500")
    with pytest.raises(APIError) as refused:
        await days().range(5000, 5999).execute()
    assert refused.value.code == "PGRST103"


async def test_filters_are_those_of_the_client(client):
    await (
        client.table("invoices")
        .insert([an_invoice(which) for which in ("a", "b", "c,d")])
        .execute()
    )

    async def ids(query):
        return [row["id"] for row in (await query.order("id").execute()).data]

    def select():
        return client.table("invoices").select("id")

    assert await ids(select().eq("id", "a")) == ["a"]
    assert await ids(select().gte("id", "b")) == ["b", "c,d"]
    assert await ids(select().in_("id", ["a", "c,d"])) == ["a", "c,d"]
    assert await ids(select().is_("deleted_at", "null").neq("id", "a")) == ["b", "c,d"]
    assert await ids(select().or_("id.eq.a,and(id.gt.a,id.lt.c)")) == ["a", "b"]
    assert await ids(select().not_.in_("id", ["a"]).limit(1)) == ["b"]


async def test_rows_are_changed_merged_and_removed(client):
    await client.table("invoices").insert(an_invoice()).execute()
    changed = await client.table("invoices").update({"amount": EXACT}).eq("id", "inv-1").execute()
    assert len(changed.data) == 1
    await client.table("invoices").upsert(an_invoice(amount="5")).execute()
    kept = (
        await client.table("invoices")
        .upsert(an_invoice(amount="6"), ignore_duplicates=True)
        .execute()
    )
    assert kept.data == []
    read = await client.table("invoices").select("amount::text, updated_at, deleted_at").execute()
    assert read.data[0]["amount"] == "5"
    await client.table("invoices").delete().eq("id", "inv-1").execute()
    [row] = (await client.table("invoices").select("deleted_at").execute()).data
    assert row["deleted_at"] is not None


async def test_errors_have_the_codes_of_postgrest(client):
    await client.table("invoices").insert(an_invoice()).execute()

    async def code(query):
        with pytest.raises(APIError) as refused:
            await query.execute()
        return refused.value.code

    invoices = client.table("invoices")
    assert await code(invoices.insert(an_invoice())) == "23505"
    assert await code(invoices.insert(an_invoice("x") | {"colour": "red"})) == "PGRST204"
    assert await code(client.table("nothing").select("*")) == "PGRST205"
    assert await code(invoices.select("colour")) == "42703"
    assert await code(invoices.select("*").eq("id", "none").single()) == "PGRST116"
    assert await code(client.rpc("nothing", {"a": 1})) == "PGRST202"


async def test_a_row_that_breaks_a_rule_of_its_table_is_refused_with_the_rule(client):
    with pytest.raises(APIError) as refused:
        await client.table("invoices").insert(an_invoice(currency="dollars")).execute()
    assert refused.value.code == "23514"
    assert "invoices_currency_check" in refused.value.message


async def test_functions_take_their_arguments_and_return_rows(client, postgres):
    postgres.run(
        'insert into notifications (id, idempotency_key, channel, "to", body, status, queued_at, updated_at) '
        "select 'm' || n, 'k' || n, 'SMS', '+14155550100', 'text', 'QUEUED', now(), now() from generate_series(1, 3) n"
    )
    claimed = await client.rpc(
        "claim_notifications", {"claimer": "g1", "lease_seconds": 60, "wanted": 2}
    ).execute()
    assert {row["lease_owner"] for row in claimed.data} == {"g1"}
    settled = await client.rpc(
        "settle_notification",
        {
            "notification_id": claimed.data[0]["id"],
            "claimer": "g1",
            "became": "SENT",
            "provider": "SM1",
        },
    ).execute()
    assert settled.data is True


async def test_the_database_says_who_may_do_what(project):
    async def status(method, table, **headers):
        async with httpx.AsyncClient(timeout=60) as http:
            answer = await http.request(method, f"{project.url}/rest/v1/{table}", headers=headers)
            return answer.status_code, answer.json()

    assert (await status("GET", "invoices"))[0] == 401
    assert (await status("GET", "invoices", apikey="wrong"))[0] == 401
    viewer = {"apikey": ANON_KEY, "Authorization": f"Bearer {token('authenticated', 'viewer')}"}
    assert await status("GET", "invoices", **viewer) == (200, [])
    assert (await status("DELETE", "invoices", **viewer))[1]["code"] == "42501"
    old = {"apikey": ANON_KEY, "Authorization": f"Bearer {token('authenticated', exp=1)}"}
    assert (await status("GET", "invoices", **old))[1]["code"] == "PGRST303"


async def test_who_has_only_the_public_key_is_told_so(project):
    async with httpx.AsyncClient(timeout=60) as http:
        answer = await http.get(f"{project.url}/rest/v1/invoices", headers={"apikey": ANON_KEY})
    assert (answer.status_code, answer.json()["code"]) == (401, "42501")


async def test_changes_arrive_by_realtime_as_the_client_expects_them(client, project, postgres):
    seen, states, ready = [], [], []
    channel = client.realtime.channel("changes").on_system(ready.append)
    channel.on_postgres_changes("*", seen.append, table="invoices")
    await channel.subscribe(lambda state, error: states.append((state, error)))
    assert [str(state.value) for state, _ in states] == ["SUBSCRIBED"]
    await until(lambda: ready, within=60)
    postgres.run(
        "insert into invoices (id, number, period_start, period_end, amount, currency) "
        "values ('a', 'N', '2026-01-01', '2026-01-31', 1.5, 'USD');"
        "update invoices set amount = 2;"
    )
    await until(lambda: len(seen) == 2, within=60)
    assert [event["data"]["type"] for event in seen] == ["INSERT", "UPDATE"]
    assert [event["data"]["record"]["amount"] for event in seen] == [1.5, 2]


async def test_a_channel_joins_again_after_realtime_cut_it(client, project, postgres):
    seen, ready = [], []
    channel = client.realtime.channel("changes").on_system(ready.append)
    channel.on_postgres_changes("INSERT", seen.append, table="streams")
    await channel.subscribe()
    await until(lambda: ready, within=60)
    await project.realtime.drop()
    await until(lambda: project.realtime.joins == 2 and len(ready) == 2, within=60)
    postgres.run(
        "insert into streams (id, name, side, volume, unit_price) values ('s', 'S', 'REVENUE', 1, 1)"
    )
    await until(lambda: seen, within=60)


async def test_a_project_comes_back_on_its_address(client, project):
    await project.stop()
    with pytest.raises(httpx.ConnectError):
        await client.table("invoices").select("id").execute()
    await project.start()
    assert (await client.table("invoices").select("id").execute()).data == []


@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.BLACKHOLE, Fault.CUT, Fault.RESET])
async def test_a_fault_on_the_way_is_felt_and_passes(project, fault):
    async with FaultProxy(project.url) as proxy, httpx.AsyncClient(timeout=0.5) as http:

        async def ask():
            address = f"{proxy.url}/rest/v1/invoices"
            return (await http.get(address, headers=with_key(project))).status_code

        await proxy.set(fault)
        with pytest.raises(httpx.TransportError):
            await ask()
        await proxy.set(Fault.PASS)
        async with httpx.AsyncClient(timeout=60) as http:
            assert await ask() == 200


async def test_a_server_in_trouble_answers_500_and_a_slow_one_late(project):
    async with FaultProxy(project.url, delay=0.2) as proxy, httpx.AsyncClient(timeout=60) as http:
        await proxy.set(Fault.ERROR_500)
        address, headers = f"{proxy.url}/rest/v1/invoices", with_key(project)
        assert (await http.get(address, headers=headers)).status_code == 500
        await proxy.set(Fault.DELAY)
        answer = await http.get(address, headers=headers)
        assert answer.elapsed.total_seconds() >= 0.15
