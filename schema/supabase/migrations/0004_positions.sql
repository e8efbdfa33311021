-- How the buyer means to negotiate: what happens without a deal, what it can pay, what it thinks the vendor's costs are.
-- A table of its own, so that nothing of it ever travels with what both sides may see.

create table public.positions (
  negotiation_id text primary key references public.negotiations (id),
  batna_cost numeric check (batna_cost >= 0),
  batna_note text,
  downstream_revenue numeric check (downstream_revenue >= 0),
  other_costs numeric check (other_costs >= 0),
  own_margin numeric check (own_margin >= 0 and own_margin < 1),
  vendor_cost_low numeric not null default 0.85 check (vendor_cost_low >= 0),
  vendor_cost_high numeric not null default 1.15 check (vendor_cost_high >= vendor_cost_low),
  vendor_margin numeric check (vendor_margin >= 0 and vendor_margin < 1),
  planned_rounds integer not null default 4 check (planned_rounds > 0),
  opening numeric not null default 0.05 check (opening >= 0 and opening < 1),
  patience numeric not null default 1 check (patience > 0),
  shortfall_limit numeric not null default 0.25 check (shortfall_limit >= 0 and shortfall_limit < 1)
);

alter table public.positions enable row level security;
revoke all on public.positions from anon, authenticated;
grant select on public.positions to authenticated;
grant all on public.positions to service_role;

create policy buyers_read on public.positions for select to authenticated
  using (public.has_role('viewer', 'analyst', 'negotiator', 'approver', 'admin'));

grant insert, update on public.positions to authenticated;
create policy negotiators_add on public.positions for insert to authenticated
  with check (public.has_role('negotiator', 'admin'));
create policy negotiators_change on public.positions for update to authenticated
  using (public.has_role('negotiator', 'admin'))
  with check (public.has_role('negotiator', 'admin'));
