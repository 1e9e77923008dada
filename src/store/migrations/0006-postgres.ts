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
`
