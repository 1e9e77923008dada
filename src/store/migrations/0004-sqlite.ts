// Owns: what the fourth step adds in SQLite: by whose word an address was suppressed, and who was reached before.

export const FOURTH_TABLES_SQLITE = `
ALTER TABLE suppressions ADD COLUMN provider TEXT NOT NULL DEFAULT '';
CREATE INDEX suppressions_by_provider ON suppressions (provider, created_at) WHERE provider <> '';

CREATE TABLE reached (
  hash INTEGER PRIMARY KEY NOT NULL
) STRICT, WITHOUT ROWID;
`
