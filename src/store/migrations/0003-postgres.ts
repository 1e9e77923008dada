// Owns: what the third step changes in PostgreSQL: where followers of the log stand, and the order they read in.

export const THIRD_TABLES_POSTGRES = `
CREATE TABLE cursors (
  follower text COLLATE "C" PRIMARY KEY,
  position text COLLATE "C" NOT NULL
);
CREATE INDEX events_by_commit ON events (xid, seq);
`
