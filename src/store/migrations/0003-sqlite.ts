// Owns: what the third step changes in SQLite: where followers of the log stand.

export const THIRD_TABLES_SQLITE = `
CREATE TABLE cursors (
  follower TEXT PRIMARY KEY NOT NULL,
  position TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`
