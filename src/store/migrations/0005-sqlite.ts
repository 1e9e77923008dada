// Owns: what the fifth step adds in SQLite: webhooks and their posts, roll-ups of the log, who may not send at the
// moment, ways out of mail that retention has removed.

export const FIFTH_TABLES_SQLITE = `
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL,
  url TEXT NOT NULL,
  events TEXT NOT NULL,
  note TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  secret BLOB NOT NULL,
  previous_secret BLOB,
  previous_until INTEGER,
  created_at INTEGER NOT NULL,
  failing_since INTEGER
) STRICT;
CREATE INDEX webhooks_by_account ON webhooks (account_id, id);

CREATE TABLE webhook_posts (
  webhook_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  replay INTEGER NOT NULL,
  account_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  body TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  due_at INTEGER,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  PRIMARY KEY (webhook_id, event_id, replay)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_posts_by_due ON webhook_posts (webhook_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_posts_by_age ON webhook_posts (created_at);

CREATE TABLE webhook_attempts (
  webhook_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  replay INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  took INTEGER NOT NULL,
  status INTEGER,
  fault TEXT NOT NULL,
  request TEXT NOT NULL,
  response TEXT NOT NULL,
  PRIMARY KEY (webhook_id, event_id, replay, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_attempts_by_age ON webhook_attempts (at);

CREATE TABLE stats (
  account_id TEXT NOT NULL,
  span TEXT NOT NULL,
  at INTEGER NOT NULL,
  dimension TEXT NOT NULL,
  name TEXT NOT NULL,
  metric TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (account_id, dimension, name, span, at, metric)
) STRICT, WITHOUT ROWID;

CREATE TABLE sending_states (
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  facts TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (account_id, kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE ways_out (
  delivery_id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  signing_domain TEXT NOT NULL,
  list TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX events_by_account ON events (account_id, seq);

ALTER TABLE domains ADD COLUMN track_opens INTEGER NOT NULL DEFAULT 1;
ALTER TABLE domains ADD COLUMN track_clicks INTEGER NOT NULL DEFAULT 1;
`
