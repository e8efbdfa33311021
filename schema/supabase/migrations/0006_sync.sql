-- Gateways that share this database: how they learn what changed, and how they write without overwriting each other.
-- Every row of a followed table counts its writes (row_version) and says whose the last was (written_by: a gateway's
-- store; null: by hand). The feed has one line for each write, in an order that no late commit can slip behind.

-- Which database this is: what a gateway remembers of one is not true of another.
create table public.peer (
  one boolean primary key default true check (one),
  id uuid not null default gen_random_uuid()
);
insert into public.peer default values;

create table public.followed (
  area text primary key,
  key text not null
);

create table public.feed (
  position bigint generated always as identity primary key,
  xid xid8 not null default pg_catalog.pg_current_xact_id(),
  area text not null,
  id text not null,
  row_version bigint not null,
  gateway text,
  revision bigint,
  at timestamptz not null default pg_catalog.clock_timestamp()
);
create index feed_order on public.feed (xid, position);
create index feed_writes on public.feed (area, id, gateway, revision) where gateway is not null;
create index feed_gateways on public.feed (gateway, revision) where gateway is not null;
create trigger only_grows before update or delete on public.feed
  for each row execute function public.refuse();

-- The key may have another name than id.
create or replace function public.mark_deleted() returns trigger
language plpgsql set search_path = '' as $$
declare
  key text := case when tg_nargs > 0 then tg_argv[0] else 'id' end;
begin
  execute pg_catalog.format(
    'update %I.%I set deleted_at = pg_catalog.now() where %I = $1', tg_table_schema, tg_table_name, key
  ) using pg_catalog.to_jsonb(old) ->> key;
  return null;
end $$;

create function public.version_row() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.row_version := case when tg_op = 'INSERT' then 1 else old.row_version + 1 end;
  new.written_by := nullif(pg_catalog.current_setting('sync.gateway', true), '');
  return new;
end $$;

-- Runs with its owner's rights: whoever may write the table need not be allowed to write the feed.
create function public.tell() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.feed (area, id, row_version, gateway, revision)
  values (
    tg_table_name, pg_catalog.to_jsonb(new) ->> tg_argv[0], new.row_version, new.written_by,
    nullif(pg_catalog.current_setting('sync.revision', true), '')::bigint
  );
  return null;
end $$;

-- One line a day of usage and statement, not one a row.
create function public.tell_usage() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.feed (area, id, row_version, gateway, revision)
  select 'usage', written.day::text, 1,
    nullif(pg_catalog.current_setting('sync.gateway', true), ''),
    nullif(pg_catalog.current_setting('sync.revision', true), '')::bigint
  from written group by written.day;
  return null;
end $$;

-- Makes gateways follow a table whose rows are known by `key`. A table that has `updated_at` already keeps it as it is.
create function public.follow(area text, key text) returns void
language plpgsql set search_path = '' as $$
declare
  has_stamp boolean := exists (
    select from information_schema.columns c
    where c.table_schema = 'public' and c.table_name = area and c.column_name = 'updated_at');
  marks boolean := exists (
    select from pg_catalog.pg_trigger t
    where t.tgrelid = pg_catalog.format('public.%I', area)::pg_catalog.regclass and t.tgname = 'mark_deleted');
begin
  execute pg_catalog.format(
    'alter table public.%I
       add column if not exists created_at timestamptz not null default now(),
       add column if not exists updated_at timestamptz not null default now(),
       add column if not exists deleted_at timestamptz,
       add column row_version bigint not null default 1,
       add column written_by text', area);
  if not has_stamp then
    execute pg_catalog.format(
      'create trigger stamp before insert or update on public.%I
         for each row execute function public.stamp()', area);
  end if;
  if not marks then
    execute pg_catalog.format(
      'create trigger mark_deleted before delete on public.%I
         for each row execute function public.mark_deleted(%L)', area, key);
  end if;
  execute pg_catalog.format(
    'create trigger version_row before insert or update on public.%I
       for each row execute function public.version_row()', area);
  execute pg_catalog.format(
    'create trigger tell after insert or update on public.%I
       for each row execute function public.tell(%L)', area, key);
  insert into public.followed values (area, key);
end $$;

select public.follow(area, key) from (values
  ('negotiations', 'id'), ('positions', 'negotiation_id'), ('skus', 'key'), ('streams', 'id'), ('offers', 'id'),
  ('milestones', 'id'), ('invoices', 'id'), ('notifications', 'id')
) as tables (area, key);
create trigger tell after insert on public.usage
  referencing new table as written for each statement execute function public.tell_usage();

-- At most `wanted` lines after a place in the feed, and `horizon`: every line before it is there for good, none will
-- come. Lines of transactions that may still have others beside them stay back (`behind`) until those have ended.
-- Without a place: no lines, only where to begin. (horizon, 0) is a place.
create function public.feed_after(after_xid text default null, after_position bigint default 0, wanted integer default 1000)
returns jsonb
language sql stable set search_path = '' as $$
  with horizon as (
    select pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()) as xid
  ), found as (
    select f.xid, f.position, f.area, f.id, f.row_version, f.gateway
    from public.feed f, horizon h
    where after_xid is not null and (f.xid, f.position) > (after_xid::xid8, after_position) and f.xid < h.xid
    order by f.xid, f.position
    limit wanted
  )
  select pg_catalog.jsonb_build_object(
    'peer', (select p.id from public.peer p),
    'horizon', (select h.xid::text from horizon h),
    'behind', exists (select from public.feed f, horizon h where f.xid >= h.xid),
    'lines', coalesce(
      (select pg_catalog.jsonb_agg(
         pg_catalog.jsonb_build_array(n.xid::text, n.position, n.area, n.id, n.row_version, n.gateway)
         order by n.xid, n.position)
       from found n),
      '[]'::jsonb)
  )
$$;

-- How far a notification is on its way. Only forward: that it was sent is heard whatever else was written meanwhile.
create function public.way_of(status text) returns integer
language sql immutable set search_path = '' as $$
  select case status
    when 'QUEUED' then 0 when 'SENDING' then 1 when 'UNCONFIRMED' then 2
    when 'FAILED' then 3 when 'CANCELLED' then 3 when 'SENT' then 4 else 5 end
$$;

-- One write of a gateway; see apply_writes.
create function public.apply_write(gateway text, write jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  target text := write ->> 'area';
  target_id text := write ->> 'id';
  rev bigint := (write ->> 'revision')::bigint;
  base bigint := (write ->> 'base')::bigint;
  row_new jsonb := nullif(write -> 'row', 'null'::jsonb);
  key text;
  names text;
  found_version bigint;
  found_writer text;
  found_row jsonb;
  known bigint;
begin
  select f.key into key from public.followed f where f.area = target;
  if key is null then
    raise exception 'no table % is followed', target using errcode = 'undefined_table';
  end if;
  select pg_catalog.string_agg(pg_catalog.quote_ident(k), ', ') into names
  from pg_catalog.jsonb_object_keys(coalesce(row_new, '{}'::jsonb)) k;
  for attempt in 1..3 loop
    execute pg_catalog.format(
      'select t.row_version, t.written_by, pg_catalog.to_jsonb(t) from public.%I t where t.%I = $1 for update',
      target, key) into found_version, found_writer, found_row using target_id;
    -- Said already: the answer was lost, or this is an old copy of the request that comes late.
    select f.row_version into known from public.feed f
    where f.area = target and f.id = target_id and f.gateway = apply_write.gateway and f.revision >= rev
    order by f.revision desc, f.row_version desc limit 1;
    if known is not null then
      return pg_catalog.jsonb_build_object('outcome', 'applied', 'row_version', known);
    end if;
    if found_version is null and row_new is null then
      return pg_catalog.jsonb_build_object('outcome', 'applied', 'row_version', 0);
    end if;
    if found_version is null then
      execute pg_catalog.format(
        'insert into public.%1$I (%2$s) select %2$s from pg_catalog.jsonb_populate_record(null::public.%1$I, $1)
           on conflict (%3$I) do nothing returning row_version', target, names, key)
      into known using row_new;
      exit when known is null and attempt = 3;
      continue when known is null;
      return pg_catalog.jsonb_build_object('outcome', 'applied', 'row_version', known);
    end if;
    -- What we wrote last we had written in full knowledge of all before.
    if found_version is distinct from base and found_writer is distinct from apply_write.gateway
      and not (target = 'notifications' and row_new is not null
               and public.way_of(row_new ->> 'status') > public.way_of(found_row ->> 'status'))
    then
      return pg_catalog.jsonb_build_object(
        'outcome', 'conflict', 'row_version', found_version, 'row', found_row::text);
    end if;
    if row_new is null then
      execute pg_catalog.format(
        'update public.%I set deleted_at = pg_catalog.clock_timestamp() where %I = $1 returning row_version', target, key)
      into known using target_id;
    else
      execute pg_catalog.format(
        'update public.%1$I t set (%2$s, deleted_at) =
           (select %2$s, null::timestamptz from pg_catalog.jsonb_populate_record(null::public.%1$I, $2))
         where t.%3$I = $1 returning t.row_version', target, names, key)
      into known using target_id, row_new;
    end if;
    return pg_catalog.jsonb_build_object('outcome', 'applied', 'row_version', known);
  end loop;
  raise exception 'row % of % comes and goes', target_id, target using errcode = 'serialization_failure';
end $$;

-- Usage only grows: the same day, SKU and revision is the same figure, or a conflict.
create function public.apply_usage(write jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  ours public.usage := pg_catalog.jsonb_populate_record(null::public.usage, write -> 'row');
  theirs public.usage;
begin
  insert into public.usage values (ours.*) on conflict do nothing;
  if found then
    return pg_catalog.jsonb_build_object('outcome', 'applied', 'row_version', 1);
  end if;
  select u.* into theirs from public.usage u
  where u.day = ours.day and u.sku = ours.sku and u.revision = ours.revision;
  if theirs.quantity = ours.quantity and theirs.billed is not distinct from ours.billed then
    return pg_catalog.jsonb_build_object('outcome', 'applied', 'row_version', 1);
  end if;
  return pg_catalog.jsonb_build_object(
    'outcome', 'conflict', 'row_version', 1, 'row', pg_catalog.to_jsonb(theirs)::text);
end $$;

-- The writes of a gateway, in one transaction, each [{area, id, revision, base, row}]: `revision` of its store, `base` the
-- row_version it had seen (null: none), `row` the columns to set (null: delete; numbers as text).
-- The answer has one element a write, in order: applied (row_version), conflict (their row, as text: nothing was written),
-- or refused (code, message: the row makes no sense here). What was said already is answered again, and done once.
create function public.apply_writes(gateway text, writes jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  write jsonb;
  answer jsonb;
  answers jsonb := '[]';
begin
  if coalesce(gateway, '') = '' then
    raise exception 'gateway is empty: name the store that writes';
  end if;
  perform pg_catalog.set_config('sync.gateway', gateway, true);
  for write in select w from pg_catalog.jsonb_array_elements(writes) w loop
    perform pg_catalog.set_config('sync.revision', write ->> 'revision', true);
    begin
      if write ->> 'area' = 'usage' then
        answer := public.apply_usage(write);
      else
        answer := public.apply_write(gateway, write);
      end if;
    exception
      when integrity_constraint_violation or data_exception or undefined_column or undefined_table
        or raise_exception then
      answer := pg_catalog.jsonb_build_object('outcome', 'refused', 'code', sqlstate, 'message', sqlerrm);
    end;
    answers := answers || pg_catalog.jsonb_build_array(
      answer || pg_catalog.jsonb_build_object('area', write -> 'area', 'id', write -> 'id'));
  end loop;
  perform pg_catalog.set_config('sync.gateway', '', true);
  perform pg_catalog.set_config('sync.revision', '', true);
  return answers;
end $$;

do $$
declare
  target text;
  signature regprocedure;
begin
  foreach target in array array['peer', 'followed', 'feed'] loop
    execute format('alter table public.%I enable row level security', target);
    execute format('revoke all on public.%I from anon, authenticated', target);
    execute format('grant select on public.%I to service_role', target);
  end loop;
  foreach signature in array array[
    'public.feed_after(text, bigint, integer)', 'public.way_of(text)', 'public.apply_write(text, jsonb)',
    'public.apply_usage(jsonb)', 'public.apply_writes(text, jsonb)', 'public.follow(text, text)'
  ]::regprocedure[] loop
    execute format('revoke all on function %s from public, anon, authenticated', signature);
    execute format('grant execute on function %s to service_role', signature);
  end loop;
  if exists (select from pg_publication where pubname = 'supabase_realtime') then
    alter publication supabase_realtime add table public.feed;
  end if;
end $$;
