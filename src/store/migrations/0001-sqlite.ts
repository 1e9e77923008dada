// Owns: the first tables as SQLite has them. tables.ts says what the columns mean.
//
// What is read by its key alone and is small is WITHOUT ROWID: one B-tree, no second look-up. `contents` is an ordinary
// table because its rows are large: a clustered key would drag bytes through every inner page.
// `waiting` is clustered by (destination, due): a claim is one range, and a million rows of one destination lie aside.

export const FIRST_TABLES_SQLITE = `
CREATE TABLE contents (
  id TEXT PRIMARY KEY NOT NULL,
  kind TEXT NOT NULL,
  sha256 BLOB NOT NULL,
  size INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE messages (
  id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL,
  key_id TEXT,
  content_id TEXT NOT NULL,
  source TEXT NOT NULL,
  mode TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  reverse_path TEXT,
  from_mailbox TEXT NOT NULL,
  signing_domain TEXT NOT NULL,
  subject TEXT NOT NULL,
  stream TEXT NOT NULL,
  tags TEXT NOT NULL,
  custom TEXT,
  track_opens INTEGER NOT NULL,
  track_clicks INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  size INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_by_content ON messages (content_id);

CREATE TABLE deliveries (
  id TEXT PRIMARY KEY NOT NULL,
  message_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  destination TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  due_at INTEGER,
  finished_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_held ON deliveries (id) WHERE state = 'held';

CREATE TABLE waiting (
  destination TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  delivery_id TEXT NOT NULL,
  PRIMARY KEY (destination, due_at, delivery_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE leased (
  delivery_id TEXT PRIMARY KEY NOT NULL,
  node TEXT NOT NULL,
  boot TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE boots (
  node TEXT NOT NULL,
  boot TEXT NOT NULL,
  alive_until INTEGER NOT NULL,
  PRIMARY KEY (node, boot)
) STRICT, WITHOUT ROWID;

CREATE TABLE destinations (
  destination TEXT PRIMARY KEY NOT NULL,
  provider TEXT NOT NULL DEFAULT '',
  next_due INTEGER,
  waiting INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX destinations_by_provider ON destinations (provider, next_due) WHERE next_due IS NOT NULL;
CREATE INDEX destinations_by_due ON destinations (next_due) WHERE next_due IS NOT NULL;

CREATE TABLE attempts (
  delivery_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  mx TEXT,
  address TEXT,
  source TEXT,
  tls TEXT,
  peer_software TEXT,
  diagnostic TEXT NOT NULL,
  code INTEGER,
  enhanced_code TEXT,
  PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  type TEXT NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_message ON events (message_id);

CREATE TABLE idempotency (
  account_id TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  answer TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE accounts (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL UNIQUE,
  plan TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL,
  mode TEXT NOT NULL,
  prefix TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE domains (
  name TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  created_at INTEGER NOT NULL,
  verified_at INTEGER,
  checked_at INTEGER,
  checks TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dkim_keys (
  domain TEXT NOT NULL REFERENCES domains (name),
  selector TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  public_key TEXT NOT NULL,
  sealed_private_key BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (domain, selector)
) STRICT, WITHOUT ROWID;

CREATE TABLE buckets (
  account_id TEXT NOT NULL,
  bucket TEXT NOT NULL,
  tokens REAL NOT NULL,
  granted INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (account_id, bucket)
) STRICT, WITHOUT ROWID;

CREATE TABLE suppressions (
  account_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  stream TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (account_id, recipient, stream)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`
