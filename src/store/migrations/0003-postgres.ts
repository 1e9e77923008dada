// Owns: what the third step changes in PostgreSQL: lines by rank, account and campaign, where followers of the log stand,
// and the order they read in. 0003-sqlite.ts says how lines of what waits already are numbered.

export const THIRD_TABLES_POSTGRES = `
CREATE TABLE lines (
  id bigint PRIMARY KEY,
  destination text COLLATE "C" NOT NULL,
  rank bigint NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  campaign text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL,
  next_due bigint,
  waiting bigint NOT NULL
);
ALTER TABLE deliveries ADD COLUMN line bigint NOT NULL DEFAULT 0;

CREATE TEMP TABLE owed ON COMMIT DROP AS
  SELECT d.id, d.destination, CASE WHEN m.stream = 'marketing' THEN 1 ELSE 0 END AS rank, d.account_id,
         coalesce(m.campaign, '') COLLATE "C" AS campaign
    FROM (SELECT delivery_id AS id FROM waiting UNION SELECT delivery_id FROM leased
          UNION SELECT id FROM deliveries WHERE state = 'held') o
    JOIN deliveries d ON d.id = o.id LEFT JOIN messages m ON m.id = d.message_id;
INSERT INTO lines (id, destination, rank, account_id, campaign, provider, next_due, waiting)
  SELECT -row_number() OVER (), o.destination, o.rank, o.account_id, o.campaign, coalesce(n.provider, ''), NULL, 0
    FROM (SELECT DISTINCT destination, rank, account_id, campaign FROM owed) o
    LEFT JOIN destinations n ON n.destination = o.destination;
CREATE TEMP TABLE placed ON COMMIT DROP AS
  SELECT o.id, l.id AS line FROM owed o JOIN lines l USING (destination, rank, account_id, campaign);
UPDATE deliveries SET line = p.line FROM placed p WHERE deliveries.id = p.id;

ALTER TABLE waiting RENAME TO waiting_before;
ALTER INDEX waiting_pkey RENAME TO waiting_before_pkey;
CREATE TABLE waiting (
  line bigint NOT NULL,
  due_at bigint NOT NULL,
  delivery_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (line, due_at, delivery_id)
);
INSERT INTO waiting (line, due_at, delivery_id)
  SELECT d.line, w.due_at, w.delivery_id FROM waiting_before w JOIN deliveries d ON d.id = w.delivery_id
   ORDER BY 1, 2, 3;
DROP TABLE waiting_before;
UPDATE lines SET waiting = k.rows, next_due = k.due
  FROM (SELECT line, count(*) AS rows, min(due_at) AS due FROM waiting GROUP BY line) k WHERE lines.id = k.line;
CREATE INDEX lines_by_turn ON lines (rank, provider, account_id, campaign, next_due) WHERE next_due IS NOT NULL;
CREATE INDEX lines_by_due ON lines (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX lines_by_destination ON lines (destination, id);

DROP INDEX destinations_by_provider;
DROP INDEX destinations_by_due;
ALTER TABLE destinations DROP COLUMN next_due;
ALTER TABLE destinations DROP COLUMN waiting;

CREATE TABLE cursors (
  follower text COLLATE "C" PRIMARY KEY,
  position text COLLATE "C" NOT NULL
);
CREATE INDEX events_by_commit ON events (xid, seq);

CREATE INDEX suppressions_by_expiry ON suppressions (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX strikes_by_age ON strikes (last_at);
`
