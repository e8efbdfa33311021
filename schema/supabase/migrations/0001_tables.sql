-- The records of the negotiation, one table each, column by column as negotiation/records.py has them.
-- Money, rates and quantities are numeric: exact, never floating point. Ids are the gateway's, as text.

create table public.negotiations (
  id text primary key check (id <> ''),
  name text not null,
  vendor text not null,
  buyer text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  status text not null
    check (status in ('PREPARING', 'OPEN', 'AGREED', 'SIGNED', 'LIVE', 'CLOSED', 'WALKED_AWAY')),
  version integer not null default 1,
  floor_margin numeric not null check (floor_margin >= 0 and floor_margin < 1),
  target_margin numeric not null check (target_margin >= 0 and target_margin < 1),
  ceiling_margin numeric not null check (ceiling_margin >= 0 and ceiling_margin < 1),
  terms jsonb not null default '[]' check (jsonb_typeof(terms) = 'array'),
  provenance text not null default 'LIVE' check (provenance in ('LIVE', 'CACHED', 'FIXTURE')),
  as_of timestamptz,
  check (floor_margin <= target_margin and target_margin <= ceiling_margin)
);

create table public.skus (
  key text primary key check (key <> ''),
  name text not null,
  family text not null,
  unit text not null,
  list_rate numeric not null,
  contract_rate numeric,
  locked boolean not null default false,
  pass_through boolean not null default false,
  synthetic boolean not null default false
);

-- A restatement is the same day and SKU with a higher revision; nothing is overwritten.
create table public.usage (
  day date not null,
  sku text not null,
  revision integer not null default 1 check (revision > 0),
  quantity numeric not null,
  billed numeric,
  source text not null default 'import',
  primary key (day, sku, revision)
);

create table public.streams (
  id text primary key check (id <> ''),
  negotiation_id text references public.negotiations (id),
  name text not null check (name <> ''),
  side text not null check (side in ('REVENUE', 'EXPENSE')),
  unit text not null default 'unit',
  family text,
  volume numeric,
  unit_price numeric,
  list_unit_price numeric,
  cost_share numeric check (cost_share between 0 and 1),
  provenance text not null default 'LIVE' check (provenance in ('LIVE', 'CACHED', 'FIXTURE')),
  constraint streams_are_priced
    check (family is not null or (volume is not null and unit_price is not null))
);

create table public.offers (
  id text primary key check (id <> ''),
  negotiation_id text not null references public.negotiations (id),
  round integer not null check (round > 0),
  party text not null check (party in ('BUYER', 'VENDOR')),
  status text not null
    check (status in ('DRAFT', 'PROPOSED', 'SUPERSEDED', 'ACCEPTED', 'REJECTED', 'WITHDRAWN', 'EXPIRED')),
  title text not null,
  terms jsonb not null check (jsonb_typeof(terms) = 'array'),
  valid_until date,
  created_at timestamptz not null default now(),
  hash text not null
);

create table public.milestones (
  id text primary key check (id <> ''),
  negotiation_id text not null references public.negotiations (id),
  name text not null,
  owner_role text not null,
  due_on date not null,
  status text not null default 'PENDING' check (status in ('PENDING', 'APPROVED', 'REJECTED')),
  decided_by text,
  decided_at timestamptz,
  note text
);

-- `lines`: [{number, description, amount, sku, quantity, unit_price}], amounts as numbers or as text.
create table public.invoices (
  id text primary key check (id <> ''),
  number text not null check (number <> ''),
  period_start date not null,
  period_end date not null,
  amount numeric not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  status text not null default 'OPEN'
    check (status in ('DRAFT', 'OPEN', 'PAID', 'DISPUTED', 'CREDITED')),
  issued_on date,
  lines jsonb not null default '[]' check (jsonb_typeof(lines) = 'array'),
  disputed_amount numeric,
  dispute_reason text,
  provenance text not null default 'LIVE' check (provenance in ('LIVE', 'CACHED', 'FIXTURE')),
  constraint invoices_period_in_order check (period_end >= period_start)
);

create table public.notifications (
  id text primary key check (id <> ''),
  idempotency_key text not null unique,
  channel text not null check (channel in ('SMS', 'STUDIO_FLOW')),
  "to" text not null,
  body text not null,
  status text not null
    check (status in ('QUEUED', 'SENDING', 'SENT', 'DELIVERED', 'FAILED', 'CANCELLED', 'UNCONFIRMED')),
  queued_at timestamptz not null,
  updated_at timestamptz not null,
  attempts integer not null default 0,
  next_attempt_at timestamptz,
  lease_owner text,
  lease_until timestamptz,
  provider_id text unique,
  error_code text,
  error_message text,
  requested_by text not null default 'system'
);

-- The audit trail of every gateway that writes here; each chain of hashes is one store's.
create table public.changes (
  store_id text not null,
  revision bigint not null,
  sequence integer not null,
  area text not null,
  entity_id text not null,
  action text not null,
  actor text not null,
  cause text not null,
  at timestamptz not null,
  before_hash text,
  after_hash text,
  hash text not null,
  primary key (store_id, revision, sequence)
);
