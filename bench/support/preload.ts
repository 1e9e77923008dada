//
// Owns: a store that holds a million waiting deliveries before it starts, written by SQL: by the door it would take
// minutes and prove nothing more. All are copies of one message that came through the door.

import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import type { MailwokOptions } from './mailwok.ts'
import { startMailwok } from './mailwok.ts'
import { sendLoad } from './smtp-tools.ts'

export interface Depth {
  readonly rows: number
  /** Customers' domains that all lead to the one provider. */
  readonly domains: number
  /** The first is due at this wall time, the others within the minute after. */
  readonly dueFrom: number
}

/** The domain of customer `n`, and the provider that all their MX records lead to. */
export const DOMAINS = '.customers.example'
export const PROVIDER = 'blocked.example'

export async function preload(options: MailwokOptions, depth: Depth): Promise<void> {
  await oneMessage(options)
  const db = new Database(join(options.folder, 'mailwok.db'), { strict: true })
  try {
    db.run('PRAGMA synchronous = OFF')
    db.run('PRAGMA cache_size = -400000')
    db.transaction(() => fill(db, depth))()
    db.run('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    db.close()
  }
}

/** A node without the role "delivery" accepts one message; it stays, due at once, and leaves with the first start. */
async function oneMessage(options: MailwokOptions): Promise<void> {
  const mailwok = await startMailwok({ ...options, roles: ['submission'] })
  try {
    await sendLoad({ port: mailwok.port, messages: 1, connections: 1, size: 4096 })
  } finally {
    await mailwok.stop()
  }
}

const NUMBERS = 'WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $rows)'
/** Older than all that will come: what is oldest stands first. */
const NAME = "printf('msg_00000%07d', i)"
const DESTINATION = `printf('c%d${DOMAINS}', i % $domains)`
const DUE = '$dueFrom + i % 60000'

function fill(db: Database, { rows, domains, dueFrom }: Depth): void {
  const columns = db
    .query<{ name: string }, []>("SELECT name FROM pragma_table_info('messages')")
    .all()
    .map(({ name }) => name)
  const copied = columns.map((name) => (name === 'id' ? NAME : name)).join(', ')
  db.run('CREATE TEMP TABLE pattern AS SELECT * FROM messages')
  db.query(`${NUMBERS} INSERT INTO messages SELECT ${copied} FROM n, pattern`).run({ rows })
  db.query(
    `${NUMBERS} INSERT INTO deliveries
       (id, message_id, account_id, recipient, destination, state, attempts, due_at, finished_at, dsn, line)
     SELECT ${NAME} || '.0', ${NAME}, account_id, 'reader@' || ${DESTINATION}, ${DESTINATION}, 'queued', 1, ${DUE}, NULL,
            NULL, -1 - i % $domains
       FROM n, pattern`,
  ).run({ rows, domains, dueFrom })
  db.run(`INSERT INTO waiting (line, due_at, delivery_id)
          SELECT line, due_at, id FROM deliveries WHERE line < 0 ORDER BY 1, 2, 3`)
  db.query(
    `INSERT INTO lines (id, destination, rank, account_id, campaign, provider, next_due, waiting)
     SELECT d.line, d.destination, 0, d.account_id, '', $provider, min(d.due_at), count(*)
       FROM deliveries d WHERE d.line < 0 GROUP BY d.line`,
  ).run({ provider: PROVIDER })
  db.query(
    `INSERT INTO destinations (destination, provider) SELECT destination, $provider FROM lines WHERE id < 0`,
  ).run({ provider: PROVIDER })
}
