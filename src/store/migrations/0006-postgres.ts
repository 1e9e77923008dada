// Owns: what the sixth step adds in PostgreSQL: what the whole REST API keeps (templates, people, an audit log, schedules).

export const SIXTH_TABLES_POSTGRES = `
CREATE TABLE audit (
  id text COLLATE "C" PRIMARY KEY NOT NULL,
  account_id text COLLATE "C",
  actor text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  details text COLLATE "C" NOT NULL,
  at bigint NOT NULL
);
CREATE INDEX audit_by_account ON audit (account_id, id);

-- What a message adds to a content that it shares with others.
ALTER TABLE messages ADD COLUMN fill text COLLATE "C";

-- People: who may act for accounts, how they are let in, and what they did.
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_subject ON audit (subject, id);

CREATE TABLE users (
  id text COLLATE "C" PRIMARY KEY NOT NULL,
  address text COLLATE "C" NOT NULL UNIQUE,
  name text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  password text COLLATE "C" NOT NULL,
  totp bytea,
  totp_pending bytea,
  totp_step bigint NOT NULL,
  recovery text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  last_login_at bigint
);

CREATE TABLE memberships (
  account_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  role text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id, account_id);

CREATE TABLE invitations (
  id text COLLATE "C" PRIMARY KEY NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  address text COLLATE "C" NOT NULL,
  role text COLLATE "C" NOT NULL,
  hash bytea NOT NULL UNIQUE,
  invited_by text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  UNIQUE (account_id, address)
);

CREATE TABLE sessions (
  id text COLLATE "C" PRIMARY KEY NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  hash bytea NOT NULL UNIQUE,
  peer text COLLATE "C" NOT NULL,
  agent text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  used_at bigint NOT NULL,
  expires_at bigint NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, id);

CREATE TABLE password_resets (
  hash bytea PRIMARY KEY NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  expires_at bigint NOT NULL
);
CREATE INDEX password_resets_by_user ON password_resets (user_id);
-- Keys with limits, accounts with states, what they have sent.
ALTER TABLE api_keys ADD COLUMN access text COLLATE "C";
ALTER TABLE api_keys ADD COLUMN expires_at bigint;
ALTER TABLE api_keys ADD COLUMN last_used_from text COLLATE "C";
ALTER TABLE accounts ADD COLUMN state text COLLATE "C" NOT NULL DEFAULT 'active';
ALTER TABLE accounts ADD COLUMN reason text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN since bigint NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN settings text COLLATE "C" NOT NULL DEFAULT '{}';
CREATE TABLE quotas (
  account_id text COLLATE "C" NOT NULL,
  period text COLLATE "C" NOT NULL,
  used bigint NOT NULL,
  granted bigint NOT NULL,
  warned bigint NOT NULL,
  PRIMARY KEY (account_id, period)
);

-- When messages are to leave that wait for a time of their own.
ALTER TABLE messages ADD COLUMN scheduled_at bigint;
CREATE INDEX messages_by_schedule ON messages (scheduled_at) WHERE scheduled_at IS NOT NULL;

-- Domains: switches, keys that wait or are retired, and what is seen of records by the clock.
ALTER TABLE domains ADD COLUMN tracking_host text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE domains ADD COLUMN rotate_dkim bigint NOT NULL DEFAULT 1;
ALTER TABLE domains ADD COLUMN rotate_wanted bigint NOT NULL DEFAULT 0;
ALTER TABLE domains ADD COLUMN removed_at bigint;
ALTER TABLE dkim_keys ADD COLUMN state text COLLATE "C" NOT NULL DEFAULT 'active';
ALTER TABLE dkim_keys ADD COLUMN origin text COLLATE "C" NOT NULL DEFAULT 'made';
ALTER TABLE dkim_keys ADD COLUMN activated_at bigint;
ALTER TABLE dkim_keys ADD COLUMN retired_at bigint;
ALTER TABLE dkim_keys ADD COLUMN seen_since bigint;
ALTER TABLE dkim_keys ADD COLUMN seen_at bigint;
ALTER TABLE dkim_keys ADD COLUMN seen_looks bigint NOT NULL DEFAULT 0;
UPDATE dkim_keys SET activated_at = created_at;
CREATE TABLE domain_care (
  domain text COLLATE "C" PRIMARY KEY NOT NULL REFERENCES domains (name),
  look_at bigint NOT NULL,
  wrong_since bigint,
  wrong_looks bigint NOT NULL,
  told text COLLATE "C" NOT NULL,
  findings text COLLATE "C" NOT NULL
);
CREATE INDEX domain_care_by_turn ON domain_care (look_at);
INSERT INTO domain_care (domain, look_at, wrong_looks, told, findings) SELECT name, 0, 0, '', '[]' FROM domains;

-- Webhooks: in whose words events are told.
ALTER TABLE webhooks ADD COLUMN format text COLLATE "C" NOT NULL DEFAULT 'mailwok';

-- Templates: what authors wrote in versions, what is sent of them, and the number of an account's last change.
CREATE TABLE templates (
  id text COLLATE "C" PRIMARY KEY NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  newest bigint NOT NULL,
  published bigint,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  UNIQUE (account_id, name)
);
CREATE INDEX templates_by_account ON templates (account_id, id);
CREATE TABLE template_versions (
  template_id text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  digest text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (template_id, number)
);
CREATE TABLE template_builds (
  template_id text COLLATE "C" PRIMARY KEY NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  digest text COLLATE "C" NOT NULL,
  built text COLLATE "C" NOT NULL,
  uses text COLLATE "C" NOT NULL
);
CREATE TABLE template_changes (
  account_id text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  PRIMARY KEY (account_id, number)
);

-- Where mail is found: which terms some thousand messages have.
CREATE TABLE search_blocks (
  first_id text COLLATE "C" PRIMARY KEY NOT NULL,
  last_id text COLLATE "C" NOT NULL,
  messages bigint NOT NULL,
  states bigint NOT NULL,
  open bigint NOT NULL,
  looks bigint NOT NULL,
  next_look bigint,
  filter bytea NOT NULL
);
CREATE INDEX search_blocks_by_look ON search_blocks (next_look) WHERE next_look IS NOT NULL;
`
