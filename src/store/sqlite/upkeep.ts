// Owns: UpkeepStore of SQLite: retention chunk by chunk, snapshots, sizes, and the probe.

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { agedOn } from '../aged.ts'
import { done } from '../directory/writes.ts'
import type { Executor } from '../executor.ts'
import { kindsOf, type SizeOfTable, timeOfId } from '../kinds.ts'
import type { RetentionBounds, UpkeepStore } from '../upkeep-store.ts'
import { copyStore } from './copy-process.ts'
import { faultOf, inChunks } from './queue.ts'
import { Side } from './side.ts'
import type { Plain, RetainOperation } from './wire.ts'
import type { Writer } from './writer.ts'

/** The file's name inside a snapshot's folder. */
export const SNAPSHOT_NAME = 'mailwok.db'

export interface UpkeepParts {
  readonly path: string
  readonly writer: Writer
  readonly executor: Executor
}

const PROBE = {
  sql: `INSERT INTO meta (key, value) VALUES ('probe', '1')
        ON CONFLICT (key) DO UPDATE SET value = CAST(meta.value AS INTEGER) + 1`,
  values: [],
}
const USED = {
  sql: `SELECT (page_count - freelist_count) * page_size AS octets
          FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
  values: [],
}
const OLDEST = { sql: 'SELECT id FROM contents ORDER BY id LIMIT 1', values: [] }
const TABLES = {
  sql: `SELECT tbl_name AS name, name AS tree FROM sqlite_master WHERE rootpage > 0`,
  values: [],
}
/** One tree at a time: each is a read transaction of its own. */
const SIZE_OF = 'SELECT coalesce(sum(pgsize), 0) AS octets FROM dbstat WHERE name = ? AND aggregate = TRUE'
const VERSION = { sql: 'SELECT max(version) AS version FROM schema_migrations', values: [] }

export function sqliteUpkeep({ path, writer, executor }: UpkeepParts): UpkeepStore {
  const remove = (what: RetainOperation['what'], before: number): Promise<number> =>
    inChunks<Plain>(writer, (after) => ({ op: 'retain', what, before, after }))
  const forgetAged = agedOn('sqlite', executor)
  return {
    async retain(bounds) {
      const attempts = await remove('attempts', bounds.attemptsBefore)
      const events = await remove('events', bounds.eventsBefore)
      await remove('idempotency', bounds.idempotencyBefore)
      const contents = await remove('contents', bounds.contentBefore)
      const messages = await remove('messages', earliest(bounds))
      await forgetAged(bounds)
      await remove('lines', 0)
      await remove('destinations', 0)
      await remove('pages', bounds.giveBack === true ? 1 : 0)
      return { contents, attempts, events, messages }
    },
    async snapshot(folder, signal) {
      const copied = await copyStore(path, join(folder, SNAPSHOT_NAME), signal)
      return { name: SNAPSHOT_NAME, ...copied }
    },
    async used() {
      const [row] = await executor.read<{ octets: number }>(USED)
      return row?.octets ?? 0
    },
    async oldestContent() {
      const [row] = await executor.read<{ id: string }>(OLDEST)
      return row === undefined ? null : timeOfId(row.id)
    },
    async kinds() {
      const trees = await executor.read<{ name: string; tree: string }>(TABLES)
      const side = new Side(path)
      try {
        const sizes: SizeOfTable[] = []
        for (const { name, tree } of trees) {
          const rows = await side.ask({ what: 'read', sql: SIZE_OF, values: [tree] })
          sizes.push({ name, octets: (rows as { octets: number }[])[0]?.octets ?? 0 })
        }
        return kindsOf(sizes)
      } finally {
        await side.close()
      }
    },
    async size() {
      return { database: await sizeOf(path), wal: await sizeOf(`${path}-wal`) }
    },
    async probe() {
      const written = done(await executor.write([PROBE]))
      return written.ok ? written : { ok: false, error: faultOf(written.error) }
    },
    async schemaVersion() {
      const [row] = await executor.read<{ version: number }>(VERSION)
      return row?.version ?? 0
    },
  }
}

const earliest = (bounds: RetentionBounds): number =>
  Math.min(bounds.contentBefore, bounds.attemptsBefore, bounds.eventsBefore)

const sizeOf = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}
