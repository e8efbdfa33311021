-- What else gateways share: stops of the queue, who must not be texted, rules. And a claim by name: a gateway
-- asks for the notifications it is about to send, and gets those that nobody else has. Marked rows count as gone.

select public.follow(area, key) from (values
  ('pauses', 'id'), ('opt_outs', 'id'), ('rules', 'id')
) as tables (area, key);

drop function public.claim_notifications(text, numeric, integer);

-- At most `wanted` rows that are due, by priority, then oldest first, now SENDING and on record as tried; with `only_ids`,
-- of these alone. None during a pause.
create function public.claim_notifications(
  claimer text,
  lease_seconds numeric,
  wanted integer,
  only_ids text[] default null
)
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
  if exists (select from public.pauses where id = 'notifications' and deleted_at is null) then
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
        and due.deleted_at is null
        and (only_ids is null or due.id = any (only_ids))
        and (due.next_attempt_at is null or due.next_attempt_at <= pg_catalog.clock_timestamp())
        and (due.expires_at is null or due.expires_at > pg_catalog.clock_timestamp())
        and not exists (
          select from public.opt_outs o
          where o.number = due."to" and o.lifted_at is null and o.deleted_at is null)
      order by public.priority_rank(due.priority), due.queued_at, due.id
      limit wanted
      for update skip locked))
    returning n.*;
end $$;

revoke all on function public.claim_notifications(text, numeric, integer, text[]) from public, anon, authenticated;
grant execute on function public.claim_notifications(text, numeric, integer, text[]) to service_role;
