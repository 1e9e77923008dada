// Owns: the first tables as PostgreSQL has them. tables.ts says what the columns mean.
//
// Text sorts by its bytes (COLLATE "C"): ids are ranges of their key in both engines. `events.xid` is the writing
// transaction: sequence numbers commit out of order, so followers read only below the oldest running one (decision 11).
// Content bytes are compressed by lz4 where the server has it: 19 µs and a commit of 31 for 4 KB, against 35 and 90 as
// they come (less to write ahead) and 45 and 50 with the older method. A server without lz4 keeps them as they come.

export const FIRST_TABLES_POSTGRES = `
CREATE TABLE contents (
  id text COLLATE "C" PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  sha256 bytea NOT NULL,
  size bigint NOT NULL,
  created_at bigint NOT NULL,
  bytes bytea NOT NULL
);

DO $$ BEGIN
  ALTER TABLE contents ALTER COLUMN bytes SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
  ALTER TABLE contents ALTER COLUMN bytes SET STORAGE EXTERNAL;
END $$;

CREATE TABLE messages (
  id text COLLATE "C" PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL,
  key_id text COLLATE "C",
  content_id text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  mode text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  reverse_path text COLLATE "C",
  from_mailbox text COLLATE "C" NOT NULL,
  signing_domain text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  stream text COLLATE "C" NOT NULL,
  tags text COLLATE "C" NOT NULL,
  custom text COLLATE "C",
  track_opens bigint NOT NULL,
  track_clicks bigint NOT NULL,
  expires_at bigint NOT NULL,
  size bigint NOT NULL
);
CREATE INDEX messages_by_content ON messages (content_id);

CREATE TABLE deliveries (
  id text COLLATE "C" PRIMARY KEY,
  message_id text COLLATE "C" NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  recipient text COLLATE "C" NOT NULL,
  destination text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  attempts bigint NOT NULL,
  due_at bigint,
  finished_at bigint
);
CREATE INDEX deliveries_held ON deliveries (id) WHERE state = 'held';

CREATE TABLE waiting (
  destination text COLLATE "C" NOT NULL,
  due_at bigint NOT NULL,
  delivery_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (destination, due_at, delivery_id)
);

CREATE TABLE leased (
  delivery_id text COLLATE "C" PRIMARY KEY,
  node text COLLATE "C" NOT NULL,
  boot text COLLATE "C" NOT NULL
);

CREATE TABLE boots (
  node text COLLATE "C" NOT NULL,
  boot text COLLATE "C" NOT NULL,
  alive_until bigint NOT NULL,
  PRIMARY KEY (node, boot)
);

CREATE TABLE destinations (
  destination text COLLATE "C" PRIMARY KEY,
  provider text COLLATE "C" NOT NULL DEFAULT '',
  next_due bigint,
  waiting bigint NOT NULL DEFAULT 0
);
CREATE INDEX destinations_by_provider ON destinations (provider, next_due) WHERE next_due IS NOT NULL;
CREATE INDEX destinations_by_due ON destinations (next_due) WHERE next_due IS NOT NULL;

CREATE TABLE attempts (
  delivery_id text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  started_at bigint NOT NULL,
  ended_at bigint NOT NULL,
  mx text COLLATE "C",
  address text COLLATE "C",
  source text COLLATE "C",
  tls text COLLATE "C",
  peer_software text COLLATE "C",
  diagnostic text COLLATE "C" NOT NULL,
  code bigint,
  enhanced_code text COLLATE "C",
  PRIMARY KEY (delivery_id, number)
);

CREATE TABLE events (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  delivery_id text COLLATE "C" NOT NULL,
  recipient text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  body text COLLATE "C" NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX events_by_message ON events (message_id);

CREATE TABLE idempotency (
  account_id text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  body_hash text COLLATE "C" NOT NULL,
  answer text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE accounts (
  id text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  plan text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL
);

CREATE TABLE api_keys (
  id text COLLATE "C" PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
  name text COLLATE "C" NOT NULL,
  mode text COLLATE "C" NOT NULL,
  prefix text COLLATE "C" NOT NULL,
  hash bytea NOT NULL UNIQUE,
  created_at bigint NOT NULL,
  last_used_at bigint,
  revoked_at bigint
);

CREATE TABLE domains (
  name text COLLATE "C" PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
  created_at bigint NOT NULL,
  verified_at bigint,
  checked_at bigint,
  checks text COLLATE "C" NOT NULL
);

CREATE TABLE dkim_keys (
  domain text COLLATE "C" NOT NULL REFERENCES domains (name),
  selector text COLLATE "C" NOT NULL,
  algorithm text COLLATE "C" NOT NULL,
  public_key text COLLATE "C" NOT NULL,
  sealed_private_key bytea NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (domain, selector)
);

CREATE TABLE buckets (
  account_id text COLLATE "C" NOT NULL,
  bucket text COLLATE "C" NOT NULL,
  tokens double precision NOT NULL,
  granted bigint NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (account_id, bucket)
);

CREATE TABLE suppressions (
  account_id text COLLATE "C" NOT NULL,
  recipient text COLLATE "C" NOT NULL,
  stream text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint,
  PRIMARY KEY (account_id, recipient, stream)
);

CREATE TABLE meta (
  key text COLLATE "C" PRIMARY KEY,
  value text COLLATE "C" NOT NULL
);
`
