// Owns: what the second step adds in PostgreSQL: wishes of the submitter, evidence, suppressions with their cause, and what
// is learned about receivers. tables.ts says what the columns mean.

export const SECOND_TABLES_POSTGRES = `
ALTER TABLE messages ADD COLUMN campaign text COLLATE "C";
ALTER TABLE messages ADD COLUMN pool text COLLATE "C";
ALTER TABLE messages ADD COLUMN wishes text COLLATE "C";
ALTER TABLE deliveries ADD COLUMN dsn text COLLATE "C";
ALTER TABLE attempts ADD COLUMN via text COLLATE "C" NOT NULL DEFAULT 'direct';
ALTER TABLE attempts ADD COLUMN transcript text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE suppressions ADD COLUMN event_id text COLLATE "C";
ALTER TABLE suppressions ADD COLUMN note text COLLATE "C" NOT NULL DEFAULT '';

CREATE TABLE strikes (
  account_id text COLLATE "C" NOT NULL,
  recipient text COLLATE "C" NOT NULL,
  count bigint NOT NULL,
  last_at bigint NOT NULL,
  PRIMARY KEY (account_id, recipient)
);

CREATE TABLE lane_states (
  provider text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (provider, source)
);

CREATE TABLE warmups (
  source text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL,
  day bigint NOT NULL,
  budget bigint NOT NULL,
  sent bigint NOT NULL,
  deferred bigint NOT NULL,
  hard_bounced bigint NOT NULL,
  complained bigint NOT NULL,
  blocked bigint NOT NULL,
  warm_at bigint,
  PRIMARY KEY (source, provider)
);

CREATE TABLE sts_policies (
  domain text COLLATE "C" PRIMARY KEY NOT NULL,
  policy_id text COLLATE "C" NOT NULL,
  mode text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  fetched_at bigint NOT NULL,
  expires_at bigint NOT NULL
);

CREATE TABLE tls_tallies (
  day bigint NOT NULL,
  domain text COLLATE "C" NOT NULL,
  policy text COLLATE "C" NOT NULL,
  result_type text COLLATE "C" NOT NULL,
  mx text COLLATE "C" NOT NULL,
  address text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  detail text COLLATE "C" NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (day, domain, policy, result_type, mx, address, source)
);

CREATE TABLE reports (
  id text COLLATE "C" PRIMARY KEY NOT NULL,
  kind text COLLATE "C" NOT NULL,
  domain text COLLATE "C" NOT NULL,
  organization text COLLATE "C" NOT NULL,
  report_id text COLLATE "C" NOT NULL,
  begin_at bigint NOT NULL,
  end_at bigint NOT NULL,
  received_at bigint NOT NULL,
  body text COLLATE "C" NOT NULL,
  UNIQUE (kind, domain, organization, report_id)
);

CREATE TABLE inbound_routes (
  id text COLLATE "C" PRIMARY KEY NOT NULL,
  account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
  pattern text COLLATE "C" NOT NULL UNIQUE,
  action text COLLATE "C" NOT NULL,
  target text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL
);

CREATE TABLE inbound_posts (
  id text COLLATE "C" PRIMARY KEY NOT NULL,
  route_id text COLLATE "C" NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  attempts bigint NOT NULL,
  due_at bigint,
  created_at bigint NOT NULL,
  last_error text COLLATE "C" NOT NULL
);
CREATE INDEX inbound_posts_due ON inbound_posts (due_at) WHERE due_at IS NOT NULL;
`
