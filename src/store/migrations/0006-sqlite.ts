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
`
