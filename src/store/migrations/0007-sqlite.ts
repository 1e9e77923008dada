// Owns: what the seventh step adds in SQLite: what a night of an operator needs (certificates).

export const SEVENTH_TABLES_SQLITE = `
-- Certificates by host, ours with a certification authority: chain and sealed key, the order under way, what went wrong.
CREATE TABLE certificates (
  host TEXT PRIMARY KEY NOT NULL,
  directory TEXT NOT NULL,
  chain TEXT NOT NULL,
  sealed_key BLOB,
  course TEXT NOT NULL,
  wanted_at INTEGER NOT NULL,
  order_url TEXT NOT NULL,
  sealed_order_key BLOB,
  lease_by TEXT NOT NULL,
  lease_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE acme_accounts (
  directory TEXT PRIMARY KEY NOT NULL,
  sealed_key BLOB NOT NULL,
  url TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE acme_challenges (
  token TEXT PRIMARY KEY NOT NULL,
  answer TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is wrong, or was a while ago, and what the operator was told of it: once, whichever node sees it, and however often.
CREATE TABLE alerts (
  node TEXT NOT NULL,
  trouble TEXT NOT NULL,
  ailment TEXT NOT NULL,
  subject TEXT NOT NULL,
  why TEXT NOT NULL,
  fix TEXT NOT NULL,
  is_open INTEGER NOT NULL,
  since INTEGER NOT NULL,
  owed TEXT NOT NULL,
  told TEXT NOT NULL,
  told_at INTEGER,
  version INTEGER NOT NULL,
  PRIMARY KEY (node, trouble)
) STRICT, WITHOUT ROWID;
`
