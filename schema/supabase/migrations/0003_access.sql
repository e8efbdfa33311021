-- Who may reach the tables directly. The gateway uses the service key, which passes by these rules; people use their own
-- token, whose app_metadata.roles says what they are. Deny by default. The vendor's people enter through the gateway
-- only: rows here carry what we think (margins, weights of terms) beside what both sides may see.

create function public.has_role(variadic wanted text[]) returns boolean
language sql stable set search_path = '' as $$
  select coalesce(
    (nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb
      -> 'app_metadata' -> 'roles') ?| wanted,
    false)
$$;

do $$
declare
  target text;
begin
  foreach target in array array[
    'negotiations', 'skus', 'usage', 'streams', 'offers', 'milestones', 'invoices', 'notifications', 'changes'
  ] loop
    execute format('alter table public.%I enable row level security', target);
    execute format('revoke all on public.%I from anon, authenticated', target);
    execute format('grant select on public.%I to authenticated', target);
    execute format('grant all on public.%I to service_role', target);
  end loop;

  foreach target in array array[
    'negotiations', 'skus', 'usage', 'streams', 'offers', 'milestones', 'invoices', 'changes'
  ] loop
    execute format(
      'create policy buyers_read on public.%I for select to authenticated
         using (public.has_role(''viewer'', ''analyst'', ''negotiator'', ''approver'', ''admin''))', target);
  end loop;
end $$;

-- Full phone numbers.
create policy negotiators_read on public.notifications for select to authenticated
  using (public.has_role('negotiator', 'admin'));

grant insert, update on public.invoices to authenticated;
create policy analysts_add on public.invoices for insert to authenticated
  with check (public.has_role('analyst', 'negotiator', 'admin'));
create policy analysts_change on public.invoices for update to authenticated
  using (public.has_role('analyst', 'negotiator', 'admin'))
  with check (public.has_role('analyst', 'negotiator', 'admin'));

grant insert, update on public.streams to authenticated;
create policy negotiators_add on public.streams for insert to authenticated
  with check (public.has_role('negotiator', 'admin'));
create policy negotiators_change on public.streams for update to authenticated
  using (public.has_role('negotiator', 'admin'))
  with check (public.has_role('negotiator', 'admin'));
