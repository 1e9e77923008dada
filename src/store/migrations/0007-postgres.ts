// Owns: what the seventh step adds in PostgreSQL: what a night of an operator needs (certificates).

export const SEVENTH_TABLES_POSTGRES = `
-- Certificates by host, ours with a certification authority: chain and sealed key, the order under way, what went wrong.
CREATE TABLE certificates (
  host TEXT PRIMARY KEY NOT NULL,
  directory TEXT NOT NULL,
  chain TEXT NOT NULL,
  sealed_key BYTEA,
  course TEXT NOT NULL,
  wanted_at BIGINT NOT NULL,
  order_url TEXT NOT NULL,
  sealed_order_key BYTEA,
  lease_by TEXT NOT NULL,
  lease_until BIGINT NOT NULL
);

CREATE TABLE acme_accounts (
  directory TEXT PRIMARY KEY NOT NULL,
  sealed_key BYTEA NOT NULL,
  url TEXT NOT NULL
);

CREATE TABLE acme_challenges (
  token TEXT PRIMARY KEY NOT NULL,
  answer TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- What is wrong, or was a while ago, and what the operator was told of it: once, whichever node sees it, and however often.
CREATE TABLE alerts (
  node TEXT NOT NULL,
  trouble TEXT NOT NULL,
  ailment TEXT NOT NULL,
  subject TEXT NOT NULL,
  why TEXT NOT NULL,
  fix TEXT NOT NULL,
  is_open BIGINT NOT NULL,
  since BIGINT NOT NULL,
  owed TEXT NOT NULL,
  told TEXT NOT NULL,
  told_at BIGINT,
  version BIGINT NOT NULL,
  PRIMARY KEY (node, trouble)
);
`
