//
// Owns: whether what stands in a store holds together: the file itself, references, owed mail that can be delivered,
// contents that are what was accepted. Reads beside a node that runs.
// Never: mends. What is damaged is told; a person decides between a backup and what is left.

import { createHash } from 'node:crypto'
import { SCHEMA_VERSION } from './migrations/migration.ts'
import { storeFile } from './open.ts'
import { openReader } from './postgres/session.ts'
import type { Value } from './rows.ts'
import { openForChecking } from './sqlite/settings.ts'

export interface StoreFinding {
  /** Stable, for scripts. */
  readonly check: 'integrity' | 'schema' | 'references' | 'orphans' | 'owed' | 'queue' | 'contents'
  readonly say: string
}

export interface CheckAsk {
  /** Else the newest thousand bodies. */
  readonly all: boolean
  readonly onContents: (done: {
    readonly rows: number
    readonly octets: number
    readonly size: number
  }) => void
}

type Ask = <R>(sql: string, values?: readonly Value[]) => Promise<readonly R[]>

const SAMPLE = 1000
/** A body has up to 25 MB. */
const CONTENTS_AT_ONCE = 10
/** Nobody reads more. */
const MOST_TOLD = 10

export async function checkStore(url: string, ask: CheckAsk): Promise<readonly StoreFinding[]> {
  const file = storeFile(url)
  if (file === null) return checkPostgres(url, ask)
  const db = openForChecking(file)
  try {
    const read: Ask = async <R>(sql: string, values: readonly Value[] = []) =>
      db.query<R, Value[]>(sql.replace(/\$(\d+)/g, '?$1')).all(...values)
    const integrity = await read<{ integrity_check: string }>(`PRAGMA integrity_check(${MOST_TOLD})`)
    const references = await read<{ table: string; parent: string }>('PRAGMA foreign_key_check')
    return [
      ...integrity
        .filter((row) => row.integrity_check !== 'ok')
        .map((row): StoreFinding => ({ check: 'integrity', say: row.integrity_check })),
      ...references.slice(0, MOST_TOLD).map(
        ({ table, parent }): StoreFinding => ({
          check: 'references',
          say: `a row of ${table} names one of ${parent} that is not there`,
        }),
      ),
      ...(await checkRows(read, ask)),
    ]
  } finally {
    db.close()
  }
}

/** Its server keeps references by itself, and its pages with checksums where the cluster has them. */
async function checkPostgres(url: string, ask: CheckAsk): Promise<readonly StoreFinding[]> {
  const session = openReader(url)
  try {
    return await checkRows(
      async <R>(sql: string, values: readonly Value[] = []) => session.unsafe<R[]>(sql, [...values]),
      ask,
    )
  } finally {
    await session.close()
  }
}

/** Each is one statement, and so one moment of a store in use. */
const COUNTS: readonly {
  readonly check: StoreFinding['check']
  readonly sql: string
  readonly what: string
}[] = [
  {
    check: 'owed',
    what: 'deliveries that are owed have no content: they cannot be sent',
    sql: `SELECT count(*) AS n FROM deliveries d JOIN messages m ON m.id = d.message_id
           WHERE d.finished_at IS NULL AND NOT EXISTS (SELECT 1 FROM contents c WHERE c.id = m.content_id)`,
  },
  {
    check: 'orphans',
    what: 'deliveries belong to no message',
    sql: `SELECT count(*) AS n FROM deliveries d
           WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = d.message_id)`,
  },
  {
    check: 'orphans',
    what: 'attempts belong to no delivery',
    sql: `SELECT count(*) AS n FROM attempts a
           WHERE NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.id = a.delivery_id)`,
  },
  {
    check: 'queue',
    what: 'deliveries are owed and neither wait nor are under way: they would never be sent',
    sql: `SELECT count(*) AS n FROM (
            SELECT id FROM deliveries WHERE finished_at IS NULL AND state = 'queued'
            EXCEPT SELECT delivery_id FROM waiting EXCEPT SELECT delivery_id FROM leased) AS lost`,
  },
  {
    check: 'queue',
    what: 'places in the queue belong to no delivery that is owed',
    sql: `SELECT count(*) AS n FROM (
            SELECT delivery_id FROM waiting EXCEPT SELECT id FROM deliveries WHERE finished_at IS NULL) AS empty`,
  },
]

async function checkRows(read: Ask, ask: CheckAsk): Promise<readonly StoreFinding[]> {
  const [row] = await read<{ version: number | null }>(
    'SELECT max(version) AS version FROM schema_migrations',
  )
  const version = Number(row?.version ?? 0)
  if (version !== SCHEMA_VERSION) {
    const next =
      version < SCHEMA_VERSION
        ? 'mailwok db migrate, or the next start, brings it up to date'
        : 'install the release that wrote it'
    // The statements below are those of one schema.
    return [{ check: 'schema', say: `it has schema ${version}, this release has ${SCHEMA_VERSION}: ${next}` }]
  }
  const findings: StoreFinding[] = []
  for (const { check, sql, what } of COUNTS) {
    const [counted] = await read<{ n: number }>(sql)
    const count = Number(counted?.n ?? 0)
    if (count > 0) findings.push({ check, say: `${count} ${what}` })
  }
  return [...findings, ...(await checkContents(read, ask))]
}

interface ContentRow {
  readonly id: string
  readonly sha256: Uint8Array
  readonly bytes: Uint8Array
}

/** From the newest: what is owed is among them. */
async function checkContents(read: Ask, { all, onContents }: CheckAsk): Promise<readonly StoreFinding[]> {
  const [whole] = await read<{ n: number; octets: number }>(
    'SELECT count(*) AS n, coalesce(sum(size), 0) AS octets FROM contents',
  )
  const most = all ? Number.POSITIVE_INFINITY : SAMPLE
  const size = all ? Number(whole?.octets ?? 0) : 0
  const damaged: string[] = []
  let [rows, octets, before] = [0, 0, '~']
  while (rows < most) {
    const some = await read<ContentRow>(
      `SELECT id, sha256, bytes FROM contents WHERE id < $1 ORDER BY id DESC LIMIT ${CONTENTS_AT_ONCE}`,
      [before],
    )
    for (const { id, sha256, bytes } of some) {
      if (!createHash('sha256').update(bytes).digest().equals(sha256)) damaged.push(id)
      octets += bytes.length
    }
    rows += some.length
    onContents({ rows, octets, size })
    const last = some[some.length - 1]
    if (last === undefined || some.length < CONTENTS_AT_ONCE) break
    before = last.id
  }
  return damaged.slice(0, MOST_TOLD).map((id) => ({
    check: 'contents',
    say: `the body ${id} is not what was accepted: its SHA-256 differs`,
  }))
}
