-- What is kept about imports from the vendor: how its usage categories count, where list rates come from, each run.

create table public.usage_mappings (
  category text primary key check (category <> ''),
  rule text not null check (rule in ('COUNT', 'IGNORE', 'UNMAPPED')),
  sku text not null,
  family text not null,
  unit text not null,
  parent text check (parent <> category),
  note text,
  decided_by text,
  decided_at timestamptz
);

create table public.price_links (
  sku text primary key check (sku <> ''),
  service text not null check (service in ('MESSAGING', 'VOICE')),
  country text not null check (country ~ '^[A-Z]{2}$'),
  direction text not null check (direction in ('INBOUND', 'OUTBOUND')),
  number_type text,
  carrier text,
  prefix text check (prefix ~ '^[0-9]+$'),
  low numeric check (low >= 0),
  high numeric check (high >= low),
  currency text check (currency ~ '^[A-Z]{3}$'),
  problem text,
  read_at timestamptz,
  decided_by text,
  decided_at timestamptz
);

create table public.import_runs (
  id text primary key,
  state text not null check (state in ('QUEUED', 'RUNNING', 'DONE', 'FAILED')),
  requested_by text not null,
  started_at timestamptz not null,
  updated_at timestamptz not null,
  first_day date not null,
  last_day date not null check (last_day >= first_day),
  next_day date not null check (next_day >= first_day),
  pricing boolean not null default true,
  dry_run boolean not null default false,
  finished_at timestamptz,
  rows_read bigint not null default 0 check (rows_read >= 0),
  rows_written bigint not null default 0 check (rows_written >= 0),
  rows_restated bigint not null default 0 check (rows_restated >= 0),
  rows_unchanged bigint not null default 0 check (rows_unchanged >= 0),
  prices_read integer not null default 0 check (prices_read >= 0),
  prices_total integer not null default 0 check (prices_total >= 0),
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz,
  lease_owner text,
  lease_until timestamptz,
  error_code text,
  error_message text,
  warnings jsonb not null default '[]'
);

do $$
declare
  target text;
begin
  foreach target in array array['usage_mappings', 'price_links', 'import_runs'] loop
    execute format('alter table public.%I enable row level security', target);
    execute format('revoke all on public.%I from anon, authenticated', target);
    execute format('grant select on public.%I to authenticated', target);
    execute format('grant all on public.%I to service_role', target);
    execute format(
      'create policy buyers_read on public.%I for select to authenticated
         using (public.has_role(''viewer'', ''analyst'', ''negotiator'', ''approver'', ''admin''))', target);
  end loop;

  foreach target in array array['usage_mappings', 'price_links'] loop
    execute format('grant insert, update on public.%I to authenticated', target);
    execute format(
      'create policy analysts_add on public.%I for insert to authenticated
         with check (public.has_role(''analyst'', ''negotiator'', ''admin''))', target);
    execute format(
      'create policy analysts_change on public.%I for update to authenticated
         using (public.has_role(''analyst'', ''negotiator'', ''admin''))
         with check (public.has_role(''analyst'', ''negotiator'', ''admin''))', target);
  end loop;
end $$;

select public.follow(area, key) from (values
  ('usage_mappings', 'category'), ('price_links', 'sku'), ('import_runs', 'id')
) as tables (area, key);
