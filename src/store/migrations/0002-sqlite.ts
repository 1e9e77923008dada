// Owns: what the second step adds in SQLite: wishes of the submitter, evidence, suppressions with their cause, and what
// is learned about receivers. tables.ts says what the columns mean.

export const SECOND_TABLES_SQLITE = `
ALTER TABLE messages ADD COLUMN campaign TEXT;
ALTER TABLE messages ADD COLUMN pool TEXT;
ALTER TABLE messages ADD COLUMN wishes TEXT;
ALTER TABLE deliveries ADD COLUMN dsn TEXT;
ALTER TABLE attempts ADD COLUMN via TEXT NOT NULL DEFAULT 'direct';
ALTER TABLE attempts ADD COLUMN transcript TEXT NOT NULL DEFAULT '';
ALTER TABLE suppressions ADD COLUMN event_id TEXT;
ALTER TABLE suppressions ADD COLUMN note TEXT NOT NULL DEFAULT '';

CREATE TABLE strikes (
  account_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  count INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, recipient)
) STRICT, WITHOUT ROWID;

CREATE TABLE lane_states (
  provider TEXT NOT NULL,
  source TEXT NOT NULL,
  state TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (provider, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE warmups (
  source TEXT NOT NULL,
  provider TEXT NOT NULL,
  day INTEGER NOT NULL,
  budget INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  deferred INTEGER NOT NULL,
  hard_bounced INTEGER NOT NULL,
  complained INTEGER NOT NULL,
  blocked INTEGER NOT NULL,
  warm_at INTEGER,
  PRIMARY KEY (source, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE sts_policies (
  domain TEXT PRIMARY KEY NOT NULL,
  policy_id TEXT NOT NULL,
  mode TEXT NOT NULL,
  body TEXT NOT NULL,
  fetched_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tls_tallies (
  day INTEGER NOT NULL,
  domain TEXT NOT NULL,
  policy TEXT NOT NULL,
  result_type TEXT NOT NULL,
  mx TEXT NOT NULL,
  address TEXT NOT NULL,
  source TEXT NOT NULL,
  detail TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (day, domain, policy, result_type, mx, address, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE reports (
  id TEXT PRIMARY KEY NOT NULL,
  kind TEXT NOT NULL,
  domain TEXT NOT NULL,
  organization TEXT NOT NULL,
  report_id TEXT NOT NULL,
  begin_at INTEGER NOT NULL,
  end_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (kind, domain, organization, report_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbound_routes (
  id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  pattern TEXT NOT NULL UNIQUE,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE inbound_posts (
  id TEXT PRIMARY KEY NOT NULL,
  route_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  body TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  due_at INTEGER,
  created_at INTEGER NOT NULL,
  last_error TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX inbound_posts_due ON inbound_posts (due_at) WHERE due_at IS NOT NULL;
`
