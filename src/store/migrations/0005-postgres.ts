// Owns: what the fifth step adds in PostgreSQL: webhooks and their posts, roll-ups of the log, who may not send at the
// moment, ways out of mail that retention has removed.

export const FIFTH_TABLES_POSTGRES = `
CREATE TABLE webhooks (
  id text COLLATE "C" PRIMARY KEY NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  url text COLLATE "C" NOT NULL,
  events text COLLATE "C" NOT NULL,
  note text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  secret bytea NOT NULL,
  previous_secret bytea,
  previous_until bigint,
  created_at bigint NOT NULL,
  failing_since bigint
);
CREATE INDEX webhooks_by_account ON webhooks (account_id, id);

CREATE TABLE webhook_posts (
  webhook_id text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  replay bigint NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  attempts bigint NOT NULL,
  due_at bigint,
  state text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  finished_at bigint,
  PRIMARY KEY (webhook_id, event_id, replay)
);
CREATE INDEX webhook_posts_by_due ON webhook_posts (webhook_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_posts_by_age ON webhook_posts (created_at);

CREATE TABLE webhook_attempts (
  webhook_id text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  replay bigint NOT NULL,
  number bigint NOT NULL,
  at bigint NOT NULL,
  took bigint NOT NULL,
  status bigint,
  fault text COLLATE "C" NOT NULL,
  request text COLLATE "C" NOT NULL,
  response text COLLATE "C" NOT NULL,
  PRIMARY KEY (webhook_id, event_id, replay, number)
);
CREATE INDEX webhook_attempts_by_age ON webhook_attempts (at);

CREATE TABLE stats (
  account_id text COLLATE "C" NOT NULL,
  span text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  dimension text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  metric text COLLATE "C" NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (account_id, dimension, name, span, at, metric)
);

CREATE TABLE sending_states (
  account_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  facts text COLLATE "C" NOT NULL,
  since bigint NOT NULL,
  PRIMARY KEY (account_id, kind, name)
);

CREATE TABLE ways_out (
  delivery_id text COLLATE "C" PRIMARY KEY NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  recipient text COLLATE "C" NOT NULL,
  signing_domain text COLLATE "C" NOT NULL,
  list text COLLATE "C"
);

CREATE INDEX events_by_account ON events (account_id, seq);

ALTER TABLE domains ADD COLUMN track_opens bigint NOT NULL DEFAULT 1;
ALTER TABLE domains ADD COLUMN track_clicks bigint NOT NULL DEFAULT 1;
`
