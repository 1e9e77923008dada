//
// Owns: what the store itself says right after a kill: which recipients were committed as delivered, and which are
// there at all. The dead node's files are copied first: the look must not recover anything for the next life.

import { Database } from 'bun:sqlite'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SQL } from 'bun'

export interface Witness {
  readonly delivered: ReadonlySet<string>
  readonly known: ReadonlySet<string>
  /** More than are known: somebody stands there twice. */
  readonly deliveries: number
}

interface Row {
  readonly recipient: string
  readonly state: string
}

const ASK = 'SELECT recipient, state FROM deliveries'

export function askSqlite(dataDir: string): Witness {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-witness-'))
  try {
    for (const name of ['mailwok.db', 'mailwok.db-wal']) {
      if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(folder, name))
    }
    const db = new Database(join(folder, 'mailwok.db'))
    try {
      return witnessOf(db.prepare<Row, []>(ASK).all())
    } finally {
      db.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The transactions of a killed node end with its connections: only then is it known what was committed. */
export async function askPostgres(url: string): Promise<Witness> {
  const sql = new SQL(url, { max: 1 })
  try {
    const end = performance.now() + 10_000
    for (;;) {
      const [row] = (await sql`SELECT count(*)::int AS others FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`) as { others: number }[]
      if (row?.others === 0) break
      if (performance.now() > end) throw new Error('connections of the killed node do not end')
      await Bun.sleep(5)
    }
    return witnessOf((await sql.unsafe(ASK)) as readonly Row[])
  } finally {
    await sql.close({ timeout: 1 })
  }
}

const witnessOf = (rows: readonly Row[]): Witness => ({
  deliveries: rows.length,
  known: new Set(rows.map(({ recipient }) => recipient)),
  delivered: new Set(rows.flatMap(({ recipient, state }) => (state === 'delivered' ? [recipient] : []))),
})
