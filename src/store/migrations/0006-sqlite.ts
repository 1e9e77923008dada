// Owns: what the sixth step adds in SQLite: what the whole REST API keeps (templates, people, an audit log, schedules).

export const SIXTH_TABLES_SQLITE = `
CREATE TABLE audit (
  id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  details TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_account ON audit (account_id, id);

-- What a message adds to a content that it shares with others.
ALTER TABLE messages ADD COLUMN fill TEXT;

-- People: who may act for accounts, how they are let in, and what they did.
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_subject ON audit (subject, id);

CREATE TABLE users (
  id TEXT PRIMARY KEY NOT NULL,
  address TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  password TEXT NOT NULL,
  totp BLOB,
  totp_pending BLOB,
  totp_step INTEGER NOT NULL,
  recovery TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_login_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE memberships (
  account_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  role TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_user ON memberships (user_id, account_id);

CREATE TABLE invitations (
  id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL,
  address TEXT NOT NULL,
  role TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  invited_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  UNIQUE (account_id, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY NOT NULL,
  user_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  peer TEXT NOT NULL,
  agent TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id, id);

CREATE TABLE password_resets (
  hash BLOB PRIMARY KEY NOT NULL,
  user_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX password_resets_by_user ON password_resets (user_id);
-- Keys with limits, accounts with states, what they have sent.
ALTER TABLE api_keys ADD COLUMN access TEXT;
ALTER TABLE api_keys ADD COLUMN expires_at INTEGER;
ALTER TABLE api_keys ADD COLUMN last_used_from TEXT;
ALTER TABLE accounts ADD COLUMN state TEXT NOT NULL DEFAULT 'active';
ALTER TABLE accounts ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
CREATE TABLE quotas (
  account_id TEXT NOT NULL,
  period TEXT NOT NULL,
  used INTEGER NOT NULL,
  granted INTEGER NOT NULL,
  warned INTEGER NOT NULL,
  PRIMARY KEY (account_id, period)
) STRICT, WITHOUT ROWID;

-- When messages are to leave that wait for a time of their own.
ALTER TABLE messages ADD COLUMN scheduled_at INTEGER;
CREATE INDEX messages_by_schedule ON messages (scheduled_at) WHERE scheduled_at IS NOT NULL;

-- Domains: switches, keys that wait or are retired, and what is seen of records by the clock.
ALTER TABLE domains ADD COLUMN tracking_host TEXT NOT NULL DEFAULT '';
ALTER TABLE domains ADD COLUMN rotate_dkim INTEGER NOT NULL DEFAULT 1;
ALTER TABLE domains ADD COLUMN rotate_wanted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE domains ADD COLUMN removed_at INTEGER;
ALTER TABLE dkim_keys ADD COLUMN state TEXT NOT NULL DEFAULT 'active';
ALTER TABLE dkim_keys ADD COLUMN origin TEXT NOT NULL DEFAULT 'made';
ALTER TABLE dkim_keys ADD COLUMN activated_at INTEGER;
ALTER TABLE dkim_keys ADD COLUMN retired_at INTEGER;
ALTER TABLE dkim_keys ADD COLUMN seen_since INTEGER;
ALTER TABLE dkim_keys ADD COLUMN seen_at INTEGER;
ALTER TABLE dkim_keys ADD COLUMN seen_looks INTEGER NOT NULL DEFAULT 0;
UPDATE dkim_keys SET activated_at = created_at;
CREATE TABLE domain_care (
  domain TEXT PRIMARY KEY NOT NULL REFERENCES domains (name),
  look_at INTEGER NOT NULL,
  wrong_since INTEGER,
  wrong_looks INTEGER NOT NULL,
  told TEXT NOT NULL,
  findings TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX domain_care_by_turn ON domain_care (look_at);
INSERT INTO domain_care (domain, look_at, wrong_looks, told, findings) SELECT name, 0, 0, '', '[]' FROM domains;

-- Webhooks: in whose words events are told.
ALTER TABLE webhooks ADD COLUMN format TEXT NOT NULL DEFAULT 'mailwok';

-- Templates: what authors wrote in versions, what is sent of them, and the number of an account's last change.
CREATE TABLE templates (
  id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  newest INTEGER NOT NULL,
  published INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (account_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX templates_by_account ON templates (account_id, id);
CREATE TABLE template_versions (
  template_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  account_id TEXT NOT NULL,
  source TEXT NOT NULL,
  digest TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (template_id, number)
) STRICT;
CREATE TABLE template_builds (
  template_id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  digest TEXT NOT NULL,
  built TEXT NOT NULL,
  uses TEXT NOT NULL
) STRICT;
CREATE TABLE template_changes (
  account_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (account_id, number)
) STRICT, WITHOUT ROWID;

-- Where mail is found: which terms some thousand messages have.
CREATE TABLE search_blocks (
  first_id TEXT PRIMARY KEY NOT NULL,
  last_id TEXT NOT NULL,
  messages INTEGER NOT NULL,
  states INTEGER NOT NULL,
  open INTEGER NOT NULL,
  looks INTEGER NOT NULL,
  next_look INTEGER,
  filter BLOB NOT NULL
) STRICT;
CREATE INDEX search_blocks_by_look ON search_blocks (next_look) WHERE next_look IS NOT NULL;
`
