-- Changes that came second: what was written here, and what stood in its place, until a person decides. Any gateway may
-- settle one. Both sides of a record are kept as JSON text, secrets of the buyer's among them.

create table public.conflicts (
  id text primary key check (id <> ''),
  area text not null,
  entity_id text not null,
  at timestamptz not null,
  actor text not null,
  ours text,
  theirs text,
  resolved_at timestamptz,
  resolved_by text,
  kept text check (kept in ('OURS', 'THEIRS')),
  constraint conflicts_are_resolved_whole
    check ((resolved_at is null) = (kept is null) and (resolved_at is null) = (resolved_by is null))
);

alter table public.conflicts enable row level security;
revoke all on public.conflicts from anon, authenticated;
grant select on public.conflicts to authenticated;
grant all on public.conflicts to service_role;
create policy negotiators_read on public.conflicts for select to authenticated
  using (public.has_role('negotiator', 'admin'));

select public.follow('conflicts', 'id');
