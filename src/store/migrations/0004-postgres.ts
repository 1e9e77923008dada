// Owns: what the fourth step adds in PostgreSQL: by whose word an address was suppressed, and who was reached before.

export const FOURTH_TABLES_POSTGRES = `
ALTER TABLE suppressions ADD COLUMN provider text COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX suppressions_by_provider ON suppressions (provider, created_at) WHERE provider <> '';

CREATE TABLE reached (
  hash bigint PRIMARY KEY
);
`
