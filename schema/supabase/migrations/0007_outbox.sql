-- Notifications have a priority, an expiry and their whole history; the queue can be stopped. Claims obey all of it.

alter table public.notifications
  add column priority text not null default 'NORMAL' check (priority in ('HIGH', 'NORMAL', 'LOW')),
  add column expires_at timestamptz,
  add column history jsonb not null default '[]' check (jsonb_typeof(history) = 'array');

create function public.priority_rank(priority text) returns integer
language sql immutable set search_path = '' as $$
  select case priority when 'HIGH' then 0 when 'NORMAL' then 1 else 2 end
$$;

drop index public.notifications_open;
create index notifications_open on public.notifications (public.priority_rank(priority), queued_at, id)
  where status in ('QUEUED', 'SENDING', 'UNCONFIRMED');

-- While a row is there, what its id names stands still: 'notifications' are not sent.
create table public.pauses (
  id text primary key check (id <> ''),
  reason text not null check (reason <> ''),
  by text not null,
  since timestamptz not null
);

alter table public.pauses enable row level security;
revoke all on public.pauses from anon, authenticated;
grant select on public.pauses to authenticated;
grant all on public.pauses to service_role;
create policy buyers_read on public.pauses for select to authenticated
  using (public.has_role('viewer', 'analyst', 'negotiator', 'approver', 'admin'));

-- Who texted STOP. The number is for those who may see numbers. `texts`: what of theirs counted, so that none counts twice.
create table public.opt_outs (
  id text primary key check (id <> ''),
  number text not null,
  since timestamptz not null,
  keyword text not null,
  lifted_at timestamptz,
  texts jsonb not null default '[]' check (jsonb_typeof(texts) = 'array')
);

alter table public.opt_outs enable row level security;
revoke all on public.opt_outs from anon, authenticated;
grant select on public.opt_outs to authenticated;
grant all on public.opt_outs to service_role;
create policy negotiators_read on public.opt_outs for select to authenticated
  using (public.has_role('negotiator', 'admin'));

-- What was not sent in time is not sent any more.
create function public.expire_notifications() returns setof public.notifications
language sql set search_path = '' as $$
  update public.notifications n
  set status = 'CANCELLED',
      next_attempt_at = null,
      error_code = 'EXPIRED',
      error_message = 'Not sent by ' || pg_catalog.to_char(n.expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
        || ' UTC, when it expired. Queue it again if it still matters.',
      updated_at = pg_catalog.clock_timestamp()
  where n.id = any (array(
    select late.id
    from public.notifications late
    where late.status = 'QUEUED' and late.expires_at <= pg_catalog.clock_timestamp()
    for update skip locked))
  returning n.*
$$;

-- At most `wanted` rows that are due, by priority, then oldest first, now SENDING and on record as tried. None during a pause.
create or replace function public.claim_notifications(claimer text, lease_seconds numeric, wanted integer)
returns setof public.notifications
language plpgsql set search_path = '' as $$
begin
  if coalesce(claimer, '') = '' then
    raise exception 'claimer is empty: name the sender that claims';
  end if;
  if lease_seconds is null or lease_seconds <= 0 then
    raise exception 'lease_seconds must be more than 0 and outlast a send and its look-up';
  end if;
  if wanted is null or wanted <= 0 then
    raise exception 'wanted must be more than 0';
  end if;
  if exists (select from public.pauses where id = 'notifications') then
    return;
  end if;
  return query
    update public.notifications n
    set status = 'SENDING',
        attempts = n.attempts + 1,
        lease_owner = claimer,
        lease_until = pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => lease_seconds::double precision),
        next_attempt_at = null,
        updated_at = pg_catalog.clock_timestamp()
    where n.id = any (array(
      select due.id
      from public.notifications due
      where due.status = 'QUEUED'
        and (due.next_attempt_at is null or due.next_attempt_at <= pg_catalog.clock_timestamp())
        and (due.expires_at is null or due.expires_at > pg_catalog.clock_timestamp())
        and not exists (select from public.opt_outs o where o.number = due."to" and o.lifted_at is null)
      order by public.priority_rank(due.priority), due.queued_at, due.id
      limit wanted
      for update skip locked))
    returning n.*;
end $$;

-- What became of a try; `tried`: its line for the history, as the gateway writes it.
drop function public.settle_notification(text, text, text, text, timestamptz, text, text);
create function public.settle_notification(
  notification_id text,
  claimer text,
  became text,
  provider text default null,
  next_at timestamptz default null,
  code text default null,
  message text default null,
  tried jsonb default null
) returns boolean
language plpgsql set search_path = '' as $$
begin
  if became = 'SENDING' then
    raise exception 'SENDING is no outcome: claim the notification instead';
  end if;
  if became = 'SENT' and coalesce(provider, '') = '' then
    raise exception 'SENT needs provider, the id that the provider gave the message';
  end if;
  update public.notifications n
  set status = became,
      provider_id = coalesce(provider, n.provider_id),
      next_attempt_at = next_at,
      error_code = code,
      error_message = message,
      lease_owner = null,
      lease_until = null,
      history = case when tried is null then n.history else n.history || pg_catalog.jsonb_build_array(tried) end,
      updated_at = pg_catalog.clock_timestamp()
  where n.id = notification_id
    and ((n.status = 'SENDING' and n.lease_owner = claimer)
         or (became = 'SENT' and n.status in ('QUEUED', 'SENDING', 'UNCONFIRMED')));
  return found;
end $$;

do $$
declare
  signature regprocedure;
begin
  foreach signature in array array[
    'public.expire_notifications()',
    'public.claim_notifications(text, numeric, integer)',
    'public.settle_notification(text, text, text, text, timestamptz, text, text, jsonb)'
  ]::regprocedure[] loop
    execute format('revoke all on function %s from public, anon, authenticated', signature);
    execute format('grant execute on function %s to service_role', signature);
  end loop;
end $$;
