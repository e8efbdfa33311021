-- Rules that notify: what to watch and whom to tell, what was last known of each subject, and each time a rule fired.
-- Each gateway judges its own picture; a message's idempotency_key keeps two of them from sending the same thing.

create table public.rules (
  id text primary key check (id <> ''),
  name text not null check (name <> ''),
  kind text not null
    check (kind in ('ENVELOPE_OUT_OF_BAND', 'TIER_CHANGE', 'COMMITMENT_BEHIND', 'OFFER_RECEIVED', 'OFFER_EXPIRING',
                    'MILESTONE_LATE', 'APPROVAL_NEEDED')),
  updated_at timestamptz not null,
  enabled boolean not null default false,
  negotiation_id text references public.negotiations (id),
  days integer check (days between 0 and 365),
  threshold numeric check (threshold >= 0 and threshold < 1),
  tier text,
  recipients jsonb not null default '[]' check (jsonb_typeof(recipients) = 'array'),
  channel text not null default 'SMS' check (channel in ('SMS', 'STUDIO_FLOW')),
  template text,
  quiet_hours jsonb check (jsonb_typeof(quiet_hours) = 'object'),
  passes_quiet_hours boolean not null default false,
  daily_cap integer not null default 10 check (daily_cap > 0),
  cooldown_hours integer not null default 0 check (cooldown_hours >= 0),
  repeats boolean not null default false,
  priority text not null default 'NORMAL' check (priority in ('HIGH', 'NORMAL', 'LOW')),
  version integer not null default 1 check (version > 0),
  updated_by text not null default 'system',
  constraint rules_repeat_after_a_while check (not repeats or cooldown_hours > 0)
);

create table public.rule_states (
  rule_id text not null,
  subject text not null,
  holds boolean not null,
  since timestamptz not null,
  told boolean not null default false,
  fired integer not null default 0,
  fired_at timestamptz,
  id text primary key check (id <> ''),
  unique (rule_id, subject)
);

-- They outlive their rule: `rule_name` and `kind` are as they were.
create table public.rule_firings (
  id text primary key check (id <> ''),
  rule_id text not null,
  rule_name text not null,
  rule_version integer not null,
  kind text not null,
  subject text not null,
  at timestamptz not null,
  body text not null,
  facts jsonb not null default '[]' check (jsonb_typeof(facts) = 'array'),
  notification_ids jsonb not null default '[]' check (jsonb_typeof(notification_ids) = 'array'),
  held_back jsonb not null default '[]' check (jsonb_typeof(held_back) = 'array'),
  send_at timestamptz,
  test boolean not null default false
);

do $$
declare
  target text;
begin
  foreach target in array array['rules', 'rule_states', 'rule_firings'] loop
    execute format('alter table public.%I enable row level security', target);
    execute format('revoke all on public.%I from anon, authenticated', target);
    execute format('grant select on public.%I to authenticated', target);
    execute format('grant all on public.%I to service_role', target);
  end loop;

  foreach target in array array['rule_states', 'rule_firings'] loop
    execute format(
      'create policy buyers_read on public.%I for select to authenticated
         using (public.has_role(''viewer'', ''analyst'', ''negotiator'', ''approver'', ''admin''))', target);
  end loop;
end $$;

-- Full phone numbers.
create policy negotiators_read on public.rules for select to authenticated
  using (public.has_role('negotiator', 'admin'));
