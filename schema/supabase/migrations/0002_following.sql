-- What a gateway needs in order to follow a table without reading it whole: when a row changed, and that it is gone.

create function public.stamp() returns trigger
language plpgsql set search_path = '' as $$
begin
  -- the time of this write, not of its transaction's start: readers look back a minute for what commits late
  new.updated_at := pg_catalog.clock_timestamp();
  return new;
end $$;

-- A deleted row stays, marked: a gateway learns of it by its stamp, and a mistake can be taken back.
create function public.mark_deleted() returns trigger
language plpgsql set search_path = '' as $$
begin
  execute pg_catalog.format(
    'update %I.%I set deleted_at = pg_catalog.now() where id = $1', tg_table_schema, tg_table_name
  ) using old.id;
  return null;
end $$;

create function public.refuse() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception '% only grows: a line written stays as it is', tg_table_name;
end $$;

do $$
declare
  followed text;
begin
  foreach followed in array array['negotiations', 'streams', 'milestones', 'invoices'] loop
    execute format(
      'alter table public.%I
         add column created_at timestamptz not null default now(),
         add column updated_at timestamptz not null default now(),
         add column deleted_at timestamptz', followed);
    execute format('create index on public.%I (updated_at)', followed);
    execute format(
      'create trigger stamp before insert or update on public.%I
         for each row execute function public.stamp()', followed);
    execute format(
      'create trigger mark_deleted before delete on public.%I
         for each row execute function public.mark_deleted()', followed);
  end loop;
end $$;

-- A number belongs to one invoice that is not deleted.
create unique index invoices_number on public.invoices (number) where deleted_at is null;

create trigger only_grows before update or delete on public.changes
  for each row execute function public.refuse();
create trigger only_grows before update or delete on public.usage
  for each row execute function public.refuse();

-- Supabase Realtime, where there is one.
do $$
begin
  if exists (select from pg_publication where pubname = 'supabase_realtime') then
    alter publication supabase_realtime add table public.invoices, public.streams, public.negotiations;
  end if;
end $$;
