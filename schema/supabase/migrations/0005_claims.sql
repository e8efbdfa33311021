-- How senders that share this database divide the queue: each claims what is due, under a lease, and nobody else gets it.
-- A lease that ran out is no leave to send again: its holder may have sent. It becomes UNCONFIRMED, to be looked up.
-- With the service key only. Times are the database's, so that no sender's clock matters.

create index notifications_open on public.notifications (queued_at, id)
  where status in ('QUEUED', 'SENDING', 'UNCONFIRMED');

-- At most `wanted` rows that are due, oldest first, now SENDING and on record as tried.
create function public.claim_notifications(claimer text, lease_seconds numeric, wanted integer)
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
      order by due.queued_at, due.id
      limit wanted
      for update skip locked))
    returning n.*;
end $$;

-- The rows whose holder is gone, now in doubt: to be looked up in `settle_seconds`, when that is conclusive.
create function public.expire_notification_leases(settle_seconds numeric)
returns setof public.notifications
language sql set search_path = '' as $$
  update public.notifications n
  set status = 'UNCONFIRMED',
      lease_owner = null,
      lease_until = null,
      next_attempt_at =
        pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => settle_seconds::double precision),
      error_code = 'LEASE_EXPIRED',
      error_message = 'The gateway stopped while sending. The message is looked up before another try.',
      updated_at = pg_catalog.clock_timestamp()
  where n.id = any (array(
    select gone.id
    from public.notifications gone
    where gone.status = 'SENDING'
      and (gone.lease_until is null or gone.lease_until <= pg_catalog.clock_timestamp())
    for update skip locked))
  returning n.*
$$;

-- What became of a try; whether it counted. Only the holder of the lease is heard, but for the truth that the message
-- was sent, which always is while the row is open.
create function public.settle_notification(
  notification_id text,
  claimer text,
  became text,
  provider text default null,
  next_at timestamptz default null,
  code text default null,
  message text default null
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
    'public.claim_notifications(text, numeric, integer)',
    'public.expire_notification_leases(numeric)',
    'public.settle_notification(text, text, text, text, timestamptz, text, text)'
  ]::regprocedure[] loop
    execute format('revoke all on function %s from public, anon, authenticated', signature);
    execute format('grant execute on function %s to service_role', signature);
  end loop;
end $$;
